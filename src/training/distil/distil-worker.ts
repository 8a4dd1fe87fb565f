import { parentPort, workerData } from 'node:worker_threads'

import { TrainingError } from '../errors.js'
import { distil } from './distil.js'
import type { DistilMessage, DistilStart } from './options.js'

const { options, stopped } = workerData as DistilStart
const stop = new Int32Array(stopped)

function say(message: DistilMessage): void {
  parentPort?.postMessage(message, message.kind === 'draft' ? [message.draft.values.buffer as ArrayBuffer] : [])
}

try {
  const draft = await distil(options, (progress) => {
    if (Atomics.load(stop, 0) !== 0) throw new TrainingError('TRAINING_ABORTED', `the distillation was stopped at ${progress.done} of ${progress.all}: nothing of it is kept`)
    say({ kind: 'progress', progress })
  })
  say({ kind: 'draft', draft })
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  say({ kind: 'failed', name, code, message })
}
