import { performance } from 'node:perf_hooks'

import { Writing, type Call, type WritingRequest } from '../decoding/writing.js'
import type { LoadedDraft } from './loaded-draft.js'
import type { LoadedModel } from './loaded-model.js'
import type { GenerationJob, GenerationPart, GenerationResult } from './messages.js'
import type { Output } from './output.js'

/** What a text is written with, for as long as it takes. */
export interface WrittenWith {
  readonly model: LoadedModel
  readonly trained?: LoadedDraft
}

/** A request whose text has a place in its model's session: its prompt is read first, part by part, then it is written, call by call. */
export class TextRun {
  readonly text: number
  readonly writing: Writing
  /** Tokens of the prompt that were known. */
  cachedTokens = 0
  isCancelled = false
  readonly model: LoadedModel
  readonly trained: LoadedDraft | undefined
  readonly #begun = performance.now()
  #prompted: number | undefined

  constructor(readonly id: number, readonly job: GenerationJob, { model, trained }: WrittenWith, readonly output: Output, request: WritingRequest) {
    this.model = model
    this.trained = trained
    this.writing = new Writing(request)
    this.text = model.session.open()
  }

  /** Tokens of the prompt that are still to be read: all but the last, which the first call continues. */
  get unread(): number {
    return Math.max(0, this.job.prompt.length - 1 - this.model.session.length(this.text))
  }

  get isOver(): boolean {
    return this.writing.finish !== undefined || this.output.stopped
  }

  /** Takes the session's answer to a call. @throws InferenceError INFERENCE_LOGITS_NOT_FINITE */
  settle(call: Call, predictions: Int32Array | Float32Array, hidden?: Float32Array): GenerationPart | undefined {
    const kept = this.writing.text.length
    const step = this.writing.settle(call, predictions, hidden)
    this.model.session.truncate(this.text, kept + step.accepted)
    return this.output.push(step)
  }

  /** The prompt is read. */
  prompted(): void {
    this.#prompted ??= performance.now()
  }

  result(): GenerationResult {
    const { output, writing } = this
    const ended = performance.now()
    const prompted = this.#prompted ?? ended
    const { targetCalls, drafted } = writing.counts
    return {
      text: output.text,
      ids: writing.text.slice(this.job.prompt.length, this.job.prompt.length + output.tokens),
      finish: output.stopped ? 'stop' : writing.finish!,
      tokens: output.tokens, targetCalls, drafted, accepted: output.accepted,
      promptMilliseconds: prompted - this.#begun, decodeMilliseconds: ended - prompted,
      promptTokens: this.job.prompt.length, cachedTokens: this.cachedTokens,
      ...(output.logprobs ? { logprobs: output.logprobs } : {}),
    }
  }
}
