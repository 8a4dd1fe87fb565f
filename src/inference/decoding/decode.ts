import { performance } from 'node:perf_hooks'

import { createRandom } from '../../telemetry/index.js'
import type { Draft, Proposal } from '../drafts/draft.js'
import { NOTHING } from '../drafts/draft.js'
import { InferenceError } from '../errors.js'
import type { SamplingOptions } from '../sampling/options.js'
import { DraftLength } from './draft-length.js'
import { SpeculationSwitch } from './speculation-switch.js'
import type { Target } from './target.js'
import { settleGreedy, settleSampled } from './verify.js'
import type { Settled } from './verify.js'

export interface DecodeRequest {
  readonly prompt: readonly number[]
  readonly maximumTokens: number
  /** Any of these ends the text and is not part of it. */
  readonly endIds: readonly number[]
  readonly sampling: SamplingOptions
  /** Without one, each call of the target settles one token. */
  readonly draft?: Draft
  /** Both learn over several requests when the caller keeps them. */
  readonly draftLength?: DraftLength
  readonly speculation?: Pick<SpeculationSwitch, 'isOn' | 'spent'>
  readonly signal?: AbortSignal
  /** Milliseconds; injected in tests. */
  readonly now?: () => number
}

/** One call of the target. */
export interface DecodeStep {
  readonly tokens: readonly number[]
  /** How many of `tokens` the draft had proposed. */
  readonly accepted: number
  readonly drafted: number
}

export type FinishReason = 'end' | 'length'

export interface DecodeSummary {
  readonly finish: FinishReason
  readonly tokens: number
  readonly targetCalls: number
  readonly drafted: number
  readonly accepted: number
  readonly promptMilliseconds: number
  readonly decodeMilliseconds: number
}

/**
 * Writes the continuation of a prompt, call by call of the target. What comes out does not depend on the draft: greedy output is token for token what
 * plain greedy decoding gives, sampled output has the same distribution.
 *
 * The target's cache is cleared first.
 *
 * @throws InferenceError INFERENCE_PROMPT_EMPTY, INFERENCE_LOGITS_NOT_FINITE, INFERENCE_ABORTED
 */
export async function* decode(target: Target, request: DecodeRequest): AsyncGenerator<DecodeStep, DecodeSummary> {
  const { prompt, maximumTokens, sampling, draft, signal } = request
  if (prompt.length === 0) throw new InferenceError('INFERENCE_PROMPT_EMPTY', 'the prompt has no tokens: give a specification')
  const now = request.now ?? (() => performance.now())
  const length = request.draftLength ?? new DraftLength()
  const speculation = request.speculation ?? new SpeculationSwitch()
  const random = createRandom(sampling.seed)
  const ends = new Set(request.endIds)
  const text = [...prompt]
  const counts = { tokens: 0, targetCalls: 0, drafted: 0, accepted: 0 }

  target.truncate(0)
  const begun = now()
  if (prompt.length > 1) await target.forwardGreedy(prompt.slice(0, -1))
  const prompted = now()
  const summary = (finish: FinishReason): DecodeSummary =>
    ({ finish, ...counts, promptMilliseconds: prompted - begun, decodeMilliseconds: now() - prompted })

  while (counts.tokens < maximumTokens) {
    if (signal?.aborted) throw new InferenceError('INFERENCE_ABORTED', 'the request was cancelled')
    const started = now()
    // No further than the target's results stay those of plain decoding, bit for bit.
    const room = Math.min(maximumTokens - counts.tokens, target.exactRoom) - 1
    const proposal: Proposal = draft && room > 0 && speculation.isOn ? draft.propose(text, Math.min(room, length.maximum)) : NOTHING
    const drafted = proposal.tokens.slice(0, length.choose(proposal))
    const kept = text.length
    const settled = await settle(target, text[kept - 1]!, drafted, text, sampling, random)
    target.truncate(kept + settled.accepted)
    if (draft) {
      const milliseconds = now() - started
      length.measured(drafted.length + 1, milliseconds)
      speculation.spent(settled.tokens.length, milliseconds)
      length.settled(proposal, drafted.length, settled.accepted)
    }
    counts.targetCalls += 1
    counts.drafted += drafted.length
    const end = settled.tokens.findIndex((id) => ends.has(id))
    const tokens = end < 0 ? settled.tokens : settled.tokens.slice(0, end)
    const accepted = Math.min(settled.accepted, tokens.length)
    counts.tokens += tokens.length
    counts.accepted += accepted
    text.push(...tokens)
    if (tokens.length > 0) yield { tokens, accepted, drafted: drafted.length }
    if (end >= 0) return summary('end')
  }
  return summary('length')
}

async function settle(
  target: Target, last: number, drafted: readonly number[], text: readonly number[], sampling: SamplingOptions, random: () => number,
): Promise<Settled> {
  const call = [last, ...drafted]
  if (sampling.temperature === 0 && sampling.repetitionPenalty === 1) return settleGreedy(drafted, await target.forwardGreedy(call))
  return settleSampled(drafted, await target.forward(call), text, sampling, random)
}
