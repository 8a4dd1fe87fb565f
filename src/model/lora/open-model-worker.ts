import type { AdapterLayout } from '../adapter-layout.js'
import type { BaseModel } from '../checkpoint.js'
import type { Alternatives, ModelWorker, ModelWorkerOptions, ScoreResult, StepOptions, StepResult } from '../model-worker.js'
import type { PackedBatch } from '../packed-batch.js'
import { runtimeThread } from '../runtime-thread.js'
import { ThreadCalls } from '../thread-calls.js'
import type { WorkerRequest, WorkerStart } from './worker-messages.js'

/**
 * Starts a thread that trains and scores adapters of one layout on one base model.
 *
 * @param base - a model folder, which the thread reads itself (the least memory), or a model in memory, whose weights are copied
 * @throws ModelError as `loadCheckpoint` does, or MODEL_WORKER_CRASHED
 */
export async function openModelWorker(base: string | BaseModel, layout: AdapterLayout, options: ModelWorkerOptions): Promise<ModelWorker> {
  const start: WorkerStart = {
    // A checkpoint's tokenizer holds functions, which cannot be sent.
    base: typeof base === 'string' ? base : { config: base.config, weights: base.weights },
    layout,
    options,
  }
  const calls = new ThreadCalls(runtimeThread(new URL('worker-thread.js', import.meta.url), start))
  try {
    await calls.call({ kind: 'open' } satisfies WorkerRequest)
  } catch (error) {
    await calls.close()
    throw error
  }
  return new ThreadModelWorker(calls)
}

class ThreadModelWorker implements ModelWorker {
  constructor(private readonly calls: ThreadCalls) {}

  async step(batch: PackedBatch, adapter: Float32Array, options: StepOptions = {}): Promise<StepResult> {
    return await this.#send({ kind: 'step', batch: copyOf(batch), adapter: adapter.slice(), options }) as StepResult
  }

  async score(batch: PackedBatch, adapter: Float32Array, alternatives?: Alternatives): Promise<ScoreResult> {
    return await this.#send({ kind: 'score', batch: copyOf(batch), adapter: adapter.slice(), alternatives }) as ScoreResult
  }

  close(): Promise<void> {
    return this.calls.close()
  }

  #send(request: Extract<WorkerRequest, { kind: 'step' | 'score' }>): Promise<unknown> {
    const { ids, labels, weights, positions, documents } = request.batch
    const transfer = [request.adapter, ids, labels, weights, positions, documents].map(({ buffer }) => buffer as ArrayBuffer)
    return this.calls.call(request, transfer)
  }
}

/** Copies that can be handed over: a view would take all of its buffer along, and the caller keeps its own. */
function copyOf(batch: PackedBatch): PackedBatch {
  const { rows, rowLength, ids, labels, weights, positions, documents } = batch
  return {
    rows,
    rowLength,
    ids: ids.slice(),
    labels: labels.slice(),
    weights: weights.slice(),
    positions: positions.slice(),
    documents: documents.slice(),
  }
}
