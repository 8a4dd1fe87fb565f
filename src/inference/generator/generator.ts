import { once } from 'node:events'

import { runtimeThread, type RecurrentDraft } from '../../model/index.js'
import type { Precedent } from '../drafts/analogy-draft.js'
import type { CorpusIndex, CorpusSegment } from '../drafts/corpus-index.js'
import type { FinishedText } from '../drafts/history.js'
import { InferenceError } from '../errors.js'
import type { InferenceErrorCode } from '../errors.js'
import type {
  GenerationJob, GenerationPart, GenerationResult, GeneratorLimits, GeneratorSetup, GeneratorStatistics, NamedAdapter, Request, Response,
} from './messages.js'

/**
 * MiB. Every run of ONNX Runtime returns its outputs in new memory outside of the heap, which is free once the small object is collected that holds it: with V8's
 * own size for new objects that takes so long that a hundred MiB wait.
 */
const YOUNG_GENERATION = 8

export interface GenerateOptions {
  readonly signal?: AbortSignal
  /** Sees the output as it appears. */
  readonly onPart?: (part: GenerationPart) => void
  /** Milliseconds within which not more than one part is told, the first at once: what a reader does not see need not be told. Default 0, after each step. */
  readonly every?: number
}

/** A model that writes, in a thread of its own: many texts at once, each of them exactly what it would be alone. */
export interface Generator {
  readonly limits: GeneratorLimits
  /** Makes an adapter available under a name; a name in use is replaced, while what was asked for before goes on with the old one. */
  load(name: string, adapter: NamedAdapter): Promise<void>
  unload(name: string): Promise<void>
  /**
   * Gives the personal draft a trained part for texts that are written with an adapter, in place of the one before. It stays when the adapter is replaced: one
   * that was distilled from the model before is seldom much worse.
   */
  useDraft(name: string, draft: RecurrentDraft | undefined): Promise<void>
  /**
   * Gives the personal draft the house's own designs, with what was asked for, as token ids.
   *
   * @param kept - parts of an earlier index of theirs, of which what still holds is not made again
   * @returns the index as it is now, to be kept where it has changed
   */
  useCorpus(precedents: readonly Precedent[], kept?: readonly CorpusSegment[]): Promise<CorpusIndex>
  /** Lets the personal draft learn from texts that were finished; texts that are asked for later know them. */
  remember(texts: readonly FinishedText[]): void
  /**
   * Jobs run side by side, up to `limits.maximumTexts`; the others wait in a queue that is fair over their clients.
   *
   * @throws InferenceError INFERENCE_PROMPT_TOO_LONG, INFERENCE_PROMPT_EMPTY, INFERENCE_SAMPLING_INVALID, INFERENCE_ADAPTER_UNKNOWN, INFERENCE_LOGITS_NOT_FINITE,
   *   INFERENCE_ABORTED, INFERENCE_WORKER_ENDED
   */
  generate(job: GenerationJob, options?: GenerateOptions): Promise<GenerationResult>
  statistics(): Promise<GeneratorStatistics>
  /** Waits for the step that is under way. */
  close(): Promise<void>
}

type Answer = Exclude<Response, { type: 'parts' | 'failed' }>

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
  readonly onPart?: ((part: GenerationPart) => void) | undefined
}

type Unnumbered<T> = T extends { id: number } ? Omit<T, 'id'> : never

/** Starts the thread and loads the checkpoint. @throws what `loadCheckpoint` throws, as InferenceError with its code */
export async function openGenerator(setup: GeneratorSetup): Promise<Generator> {
  const worker = runtimeThread(new URL('./worker.js', import.meta.url), setup, { maxYoungGenerationSizeMb: YOUNG_GENERATION })
  const waiting = new Map<number, Waiting>()
  let last = 0
  let ended: Error | undefined

  let isOver = false
  const end = (why: string): void => {
    ended ??= new InferenceError('INFERENCE_WORKER_ENDED', `${why}: open the generator again`)
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  worker.on('error', (error: unknown) => end(`the generator's thread failed (${error instanceof Error ? error.message : String(error)})`))
  worker.on('exit', () => {
    isOver = true
    end('the generator\'s thread has ended')
  })
  worker.on('message', (response: Response) => {
    if (response.type === 'parts') {
      for (const { id, part } of response.parts) waiting.get(id)?.onPart?.(part)
      return
    }
    const caller = waiting.get(response.id)
    waiting.delete(response.id)
    if (response.type === 'failed') caller?.reject(new InferenceError(response.code as InferenceErrorCode, response.message))
    else caller?.resolve(response)
  })

  const ask = (id: number, request?: Request, onPart?: (part: GenerationPart) => void): Promise<Answer> => {
    if (ended) return Promise.reject(ended)
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject, onPart })
      if (request) worker.postMessage(request)
    })
  }
  const send = (request: Unnumbered<Request>): Promise<Answer> => {
    const id = ++last
    return ask(id, { ...request, id })
  }

  const ready = await ask(0)
  if (ready.type !== 'ready') throw new InferenceError('INFERENCE_WORKER_ENDED', 'the generator\'s thread did not begin: open the generator again')
  return {
    limits: ready.limits,
    async load(name, adapter) { await send({ type: 'load', name, adapter }) },
    async unload(name) { await send({ type: 'unload', name }) },
    async useDraft(name, draft) { await send({ type: 'draft', name, draft }) },
    async useCorpus(precedents, kept = []) {
      const answer = await send({ type: 'corpus', precedents, kept })
      if (answer.type !== 'indexed') throw new InferenceError('INFERENCE_WORKER_ENDED', 'the generator\'s thread gave no index: open the generator again')
      return answer.index
    },
    remember(texts) {
      if (!ended) worker.postMessage({ type: 'remember', id: ++last, texts } satisfies Request)
    },
    async generate(job, { signal, onPart, every = 0 } = {}) {
      if (signal?.aborted) throw new InferenceError('INFERENCE_ABORTED', 'the request was cancelled')
      const id = ++last
      const cancel = (): void => worker.postMessage({ type: 'cancel', id } satisfies Request)
      signal?.addEventListener('abort', cancel, { once: true })
      try {
        const answer = await ask(id, { type: 'generate', id, job, every: onPart ? every : undefined }, onPart)
        if (answer.type !== 'done' || !answer.result) throw new InferenceError('INFERENCE_WORKER_ENDED', 'the generator\'s thread gave no result: open the generator again')
        return answer.result
      } finally {
        signal?.removeEventListener('abort', cancel)
      }
    },
    async statistics() {
      const answer = await send({ type: 'statistics' })
      if (answer.type !== 'statistics') throw new InferenceError('INFERENCE_WORKER_ENDED', 'the generator\'s thread gave no statistics: open the generator again')
      return answer.statistics
    },
    async close() {
      end('the generator was closed')
      if (isOver) return
      const over = once(worker, 'exit')
      worker.postMessage({ type: 'close' } satisfies Request)
      await over
    },
  }
}
