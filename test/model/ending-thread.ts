/** A thread for the tests of calls: it answers, refuses, throws or leaves, as it is told. */
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', ({ id, what }: { id: number, what: 'answer' | 'refuse' | 'throw' | 'leave' | 'wait' }) => {
  if (what === 'answer') parentPort?.postMessage({ id, value: id })
  if (what === 'refuse') parentPort?.postMessage({ id, error: { code: 'MODEL_BATCH_INVALID', message: 'no' } })
  if (what === 'throw') throw new Error('out of order')
  if (what === 'leave') process.exit(7)
})
