import { performance } from 'node:perf_hooks'

import { Writing, type WritingRequest } from '../../src/inference/decoding/writing.js'
import { InferenceError } from '../../src/inference/index.js'
import type { DecodeStep, DecodeSummary } from '../../src/inference/index.js'
import type { Target } from './target.js'

export interface DecodeRequest extends Omit<WritingRequest, 'now'> {
  readonly signal?: AbortSignal
  /** Milliseconds; injected in tests. */
  readonly now?: () => number
}

/**
 * Drives `Writing` as the engine does for one text, on any target: writes the continuation of a prompt, call by call of the target. What comes out does not depend on the draft: greedy output is token for token what
 * plain greedy decoding gives, sampled output has the same distribution.
 *
 * The target's cache is cleared first.
 *
 * @throws InferenceError INFERENCE_PROMPT_EMPTY, INFERENCE_LOGITS_NOT_FINITE, INFERENCE_ABORTED
 */
export async function* decode(target: Target, request: DecodeRequest): AsyncGenerator<DecodeStep, DecodeSummary> {
  const { prompt, signal, now = () => performance.now() } = request
  if (prompt.length === 0) throw new InferenceError('INFERENCE_PROMPT_EMPTY', 'the prompt has no tokens: give a specification')
  const writing = new Writing({ ...request, now })
  target.truncate(0)
  const begun = now()
  if (prompt.length > 1) await target.forwardGreedy(prompt.slice(0, -1))
  const prompted = now()
  while (writing.finish === undefined) {
    if (signal?.aborted) throw new InferenceError('INFERENCE_ABORTED', 'the request was cancelled')
    const kept = writing.text.length
    const call = await writing.call(target.exactRoom)
    const predictions = writing.isGreedy ? await target.forwardGreedy(call.ids) : await target.forward(call.ids)
    const step = writing.settle(call, predictions, target.hidden?.(call.ids.length))
    target.truncate(kept + step.accepted)
    if (step.tokens.length > 0) yield step
  }
  return { finish: writing.finish, ...writing.counts, promptMilliseconds: prompted - begun, decodeMilliseconds: now() - prompted }
}
