import * as onnx from 'onnxruntime-node'

import type { ElementType, GraphBuilder } from '../../src/graph/index.js'

export interface Feed {
  readonly data: Float32Array | BigInt64Array | Int32Array | Uint8Array
  readonly shape: readonly number[]
  readonly type?: ElementType
}

/** Runs a graph on ONNX Runtime's CPU provider and returns its f32 outputs. */
export async function runGraph(graph: GraphBuilder, feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Float32Array>> {
  const session = await onnx.InferenceSession.create(graph.serialise(), { intraOpNumThreads: 1, logSeverityLevel: 3 })
  try {
    return await runSession(session, feeds)
  } finally {
    await session.release()
  }
}

export async function runSession(session: onnx.InferenceSession, feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Float32Array>> {
  const tensors = Object.entries(feeds).map(([name, { data, shape, type = 'float32' }]) => [name, new onnx.Tensor(type, data, shape)] as const)
  const outputs = await session.run(Object.fromEntries(tensors))
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, value.data as Float32Array]))
}

/** A repeatable source of numbers in [-1, 1). */
export function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

export function randomValues(shape: readonly number[], seed: number): Float32Array {
  const next = noise(seed)
  return Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, next)
}
