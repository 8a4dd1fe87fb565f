import { ModelError, RecurrentDraftError, runtimeThread, type ModelErrorCode, type RecurrentDraft, type RecurrentDraftErrorCode } from '../../model/index.js'
import { TrainingError, type TrainingErrorCode } from '../errors.js'
import type { DistilMessage, DistilOptions, DistilStart } from './options.js'

/**
 * Makes a small model that drafts what a larger one, its target, would write: in a thread of its own, the target reads texts as it is served, and the draft
 * learns to say, token after token, what the target says of them. Equal options give equal drafts on equal machines.
 *
 * @throws TrainingError TRAINING_OPTIONS, TRAINING_NO_EXAMPLES, TRAINING_DIVERGED, TRAINING_ABORTED; RecurrentDraftError RECURRENT_DRAFT_SHAPE;
 *   ModelError as `loadCheckpoint` and `BatchDecodeSession` do, and MODEL_WORKER_CRASHED
 */
export async function distilDraft({ signal, onProgress, ...options }: DistilOptions): Promise<RecurrentDraft> {
  checkOptions(options)
  if (signal?.aborted === true) throw aborted(signal)
  const stopped = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  const worker = runtimeThread(new URL('distil-worker.js', import.meta.url), { options, stopped } satisfies DistilStart)
  // The thread is not ended from here: one that is ended within a run of ONNX Runtime takes the process with it.
  const stop = (): void => { Atomics.store(new Int32Array(stopped), 0, 1) }
  signal?.addEventListener('abort', stop)
  try {
    return await new Promise<RecurrentDraft>((resolve, reject) => {
      let outcome: (() => void) | undefined
      worker.on('message', (message: DistilMessage) => {
        if (message.kind === 'progress') onProgress?.(message.progress)
        else if (message.kind === 'draft') outcome = () => resolve(message.draft)
        else outcome = () => reject(errorOf(message, signal))
      })
      worker.on('error', (error) => { outcome = () => reject(crashed(error instanceof Error ? error.message : String(error))) })
      worker.on('exit', (code) => (outcome ?? (() => reject(crashed(`it left with exit code ${code}`))))())
    })
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

function checkOptions({ texts, epochs = 3, seed, maximumLength, threads }: DistilOptions): void {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1
  if (!isCount(epochs) || !isCount(maximumLength) || !isCount(threads) || !Number.isSafeInteger(seed)) {
    throw new TrainingError('TRAINING_OPTIONS', `a draft cannot be distilled in ${epochs} epochs with ${threads} threads from texts of ${maximumLength} tokens and the seed ${seed}: all are whole numbers, the first three from 1`)
  }
  const wrong = texts.findIndex(({ from, tokens }) => !Number.isSafeInteger(from) || from < 0 || tokens.some((id) => !Number.isSafeInteger(id) || id < 0))
  if (wrong >= 0) throw new TrainingError('TRAINING_OPTIONS', `text ${wrong} cannot be learnt from token ${texts[wrong]!.from} on: that must be a whole number from 0, as must its tokens`)
}

function errorOf({ name, code, message }: Extract<DistilMessage, { kind: 'failed' }>, signal: AbortSignal | undefined): Error {
  switch (name) {
    case 'TrainingError': return new TrainingError(code as TrainingErrorCode, message, code === 'TRAINING_ABORTED' ? { cause: signal?.reason } : {})
    case 'RecurrentDraftError': return new RecurrentDraftError(code as RecurrentDraftErrorCode, message)
    case 'ModelError': return new ModelError(code as ModelErrorCode, message)
    default: return crashed(message)
  }
}

function aborted({ reason }: AbortSignal): TrainingError {
  return new TrainingError('TRAINING_ABORTED', 'the distillation was stopped before it began', { cause: reason })
}

function crashed(why: string): ModelError {
  return new ModelError('MODEL_WORKER_CRASHED', `the thread that distils ended: ${why}; try again, with fewer texts if memory ran out`)
}
