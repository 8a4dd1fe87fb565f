import { parentPort, workerData, type Transferable } from 'node:worker_threads'

import { loadBaseModel } from '../checkpoint.js'
import { ModelError } from '../errors.js'
import type { ThreadAnswer } from '../thread-calls.js'
import { LoraSessions } from './lora-sessions.js'
import type { WorkerRequest, WorkerStart } from './worker-messages.js'

const { base, layout, options } = workerData as WorkerStart
const opened = typeof base === 'string' ? loadBaseModel(base) : Promise.resolve(base)
const sessions = opened.then((model) => new LoraSessions(model, layout, options))
// Each request awaits it and answers with its error; without requests nobody needs to know.
sessions.catch(() => undefined)

async function answer(request: WorkerRequest): Promise<{ value: unknown, transfer: Transferable[] }> {
  const model = await sessions
  switch (request.kind) {
    case 'open': return { value: undefined, transfer: [] }
    case 'step': {
      const value = await model.step(request.batch, request.adapter, request.options)
      return { value, transfer: [value.gradient.buffer as ArrayBuffer] }
    }
    case 'score': {
      const value = await model.score(request.batch, request.adapter, request.alternatives)
      return { value, transfer: [value.logProbability.buffer as ArrayBuffer, value.best.buffer as ArrayBuffer, value.alternatives.buffer as ArrayBuffer] }
    }
  }
}

let last: Promise<void> = Promise.resolve()

async function serve(request: WorkerRequest & { readonly id: number }): Promise<void> {
  try {
    const { value, transfer } = await answer(request)
    parentPort?.postMessage({ id: request.id, value } satisfies ThreadAnswer, transfer)
  } catch (error) {
    const code = error instanceof ModelError ? error.code : 'MODEL_SESSION_FAILED'
    const message = error instanceof Error ? error.message : String(error)
    parentPort?.postMessage({ id: request.id, error: { code, message } } satisfies ThreadAnswer)
  }
}

parentPort?.on('message', (request: WorkerRequest & { readonly id: number }) => {
  last = last.then(() => serve(request))
})
