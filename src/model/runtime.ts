import * as onnx from 'onnxruntime-node'

import { ModelError } from './errors.js'
import { forbidRuntimeUploads } from './runtime-uploads.js'

export interface RuntimeOptions {
  /** Threads that share one matrix product. */
  readonly threads: number
  /** Whether idle threads wait in a busy loop: faster alone on a machine, far slower beside others. Default false. */
  readonly spinning?: boolean
  /** Whether every run has the same shapes, so that the memory can be planned once. Default true. */
  readonly fixedShapes?: boolean
}

/** ONNX Runtime's level "error": its warnings tell of optimisations that do not concern a user. */
const LOG_ERRORS = 3

/** @throws ModelError MODEL_SESSION_FAILED */
export async function createSession(model: Uint8Array, { threads, spinning = false, fixedShapes = true }: RuntimeOptions): Promise<onnx.InferenceSession> {
  forbidRuntimeUploads()
  try {
    return await onnx.InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      enableMemPattern: fixedShapes,
      logSeverityLevel: LOG_ERRORS,
      extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
    })
  } catch (error) {
    throw sessionFailed('start', error)
  }
}

/**
 * @param wanted - names of the outputs to return; each costs a copy. All of them by default
 * @throws ModelError MODEL_SESSION_FAILED
 */
export async function runSession(session: onnx.InferenceSession, feeds: Readonly<Record<string, onnx.Tensor>>, wanted: readonly string[] = session.outputNames): Promise<onnx.InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds, wanted)
  } catch (error) {
    throw sessionFailed('run', error)
  }
}

export function floats(data: Float32Array, shape: readonly number[]): onnx.Tensor {
  return new onnx.Tensor('float32', data, shape)
}

export function integers(data: Int32Array, shape: readonly number[]): onnx.Tensor {
  return new onnx.Tensor('int32', data, shape)
}

/** The f32 data of an output. */
export function floatsOf(outputs: onnx.InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const data = outputs[name]?.data
  if (data instanceof Float32Array) return data
  throw sessionFailed('run', new Error(`no f32 output ${name}`))
}

/** The int32 data of an output. */
export function integersOf(outputs: onnx.InferenceSession.OnnxValueMapType, name: string): Int32Array {
  const data = outputs[name]?.data
  if (data instanceof Int32Array) return data
  throw sessionFailed('run', new Error(`no int32 output ${name}`))
}

function sessionFailed(what: 'start' | 'run', error: unknown): ModelError {
  const reason = error instanceof Error ? error.message : String(error)
  return new ModelError('MODEL_SESSION_FAILED', `ONNX Runtime could not ${what} the model: ${reason}; is there enough memory?`, { cause: error })
}
