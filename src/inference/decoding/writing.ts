import { createRandom } from '../../telemetry/index.js'
import { NOTHING, type Draft, type Proposal } from '../drafts/draft.js'
import { bestToken } from '../sampling/distribution.js'
import { logProbabilities, type ChosenLikelihood } from '../sampling/log-probabilities.js'
import { isPlainGreedy, type SamplingOptions } from '../sampling/options.js'
import { DraftLength } from './draft-length.js'
import { SpeculationSwitch } from './speculation-switch.js'
import { settleGreedy, settleSampled, type Settled } from './verify.js'

export interface WritingRequest {
  /** At least one token. */
  readonly prompt: readonly number[]
  readonly maximumTokens: number
  /** Any of these ends the text and is not part of it. */
  readonly endIds: readonly number[]
  readonly sampling: SamplingOptions
  /** How many of the most probable tokens are to be told for each that is written; undefined where no probabilities are wanted. */
  readonly logprobs?: number
  /** Without one, each call of the target settles one token. */
  readonly draft?: Draft
  /** Both learn over several requests when the caller keeps them. */
  readonly draftLength?: DraftLength
  readonly speculation?: Pick<SpeculationSwitch, 'isOn' | 'spent'>
  /** Milliseconds. */
  readonly now: () => number
}

/** What the target is to be asked next. */
export interface Call {
  /** The last token that is settled, and the drafted ones behind it. */
  readonly ids: readonly number[]
  readonly proposal: Proposal
  /** When the call began; undefined where its cost teaches nothing, since other texts shared it. */
  readonly started: number | undefined
}

/** What one call of the target settled. */
export interface DecodeStep {
  readonly tokens: readonly number[]
  /** How many of `tokens` the draft had proposed. */
  readonly accepted: number
  readonly drafted: number
  /** One of each token, where they are asked for. */
  readonly likelihoods?: readonly ChosenLikelihood[]
}

export type FinishReason = 'end' | 'length'

/** What a text came to. */
export interface DecodeSummary {
  readonly finish: FinishReason
  readonly tokens: number
  readonly targetCalls: number
  readonly drafted: number
  readonly accepted: number
  readonly promptMilliseconds: number
  readonly decodeMilliseconds: number
}

/** The state of one text that is being written: what to ask the target next, and what its answer settles. It knows no target and waits for nothing. */
export class Writing {
  /** Prompt and output. */
  readonly text: number[]
  readonly #request: WritingRequest
  readonly #random: () => number
  readonly #ends: ReadonlySet<number>
  readonly #length: DraftLength
  readonly #speculation: Pick<SpeculationSwitch, 'isOn' | 'spent'>
  readonly #counts = { tokens: 0, targetCalls: 0, drafted: 0, accepted: 0 }
  #finish: FinishReason | undefined

  constructor(request: WritingRequest) {
    this.#request = request
    this.text = [...request.prompt]
    this.#random = createRandom(request.sampling.seed)
    this.#ends = new Set(request.endIds)
    this.#length = request.draftLength ?? new DraftLength()
    this.#speculation = request.speculation ?? new SpeculationSwitch()
    if (request.maximumTokens < 1) this.#finish = 'length'
  }

  /** Whether the most likely tokens are all that is needed of the target. */
  get isGreedy(): boolean {
    return this.#request.logprobs === undefined && isPlainGreedy(this.#request.sampling)
  }

  get finish(): FinishReason | undefined {
    return this.#finish
  }

  get counts(): Readonly<{ tokens: number, targetCalls: number, drafted: number, accepted: number }> {
    return this.#counts
  }

  /** A call that this text shares with others. */
  sharedCall(): Call {
    return { ids: [this.text.at(-1)!], proposal: NOTHING, started: undefined }
  }

  /** A call of this text alone, with drafted tokens where they seem worth it. @param exactRoom - of the target */
  call(exactRoom: number): Call {
    const { draft, maximumTokens, now } = this.#request
    if (this.#speculation.isOn) draft?.prepare?.()
    const started = now()
    // No further than the target's results stay those of plain decoding, bit for bit.
    const room = Math.min(maximumTokens - this.#counts.tokens, exactRoom) - 1
    const proposal = draft && room > 0 && this.#speculation.isOn ? draft.propose(this.text, Math.min(room, this.#length.maximum)) : NOTHING
    return { ids: [this.text.at(-1)!, ...proposal.tokens.slice(0, this.#length.choose(proposal))], proposal, started }
  }

  /**
   * Takes the target's answer to a call: the most likely tokens behind each of its ids where `isGreedy`, otherwise their logits [ids.length, vocabulary].
   *
   * @throws InferenceError INFERENCE_LOGITS_NOT_FINITE
   */
  settle({ ids, proposal, started }: Call, predictions: Int32Array | Float32Array): DecodeStep {
    const { draft, now } = this.#request
    const drafted = ids.slice(1)
    const settled = this.#settled(drafted, predictions)
    if (draft && started !== undefined) {
      this.#speculation.spent(settled.tokens.length, this.#length.measured(ids.length, now() - started))
      this.#length.settled(proposal, drafted.length, settled.accepted)
    }
    const end = settled.tokens.findIndex((id) => this.#ends.has(id))
    const tokens = end < 0 ? settled.tokens : settled.tokens.slice(0, end)
    const accepted = Math.min(settled.accepted, tokens.length)
    this.#counts.targetCalls += 1
    this.#counts.drafted += drafted.length
    this.#counts.tokens += tokens.length
    this.#counts.accepted += accepted
    this.text.push(...tokens)
    if (end >= 0) this.#finish = 'end'
    else if (this.#counts.tokens >= this.#request.maximumTokens) this.#finish = 'length'
    return { tokens, accepted, drafted: drafted.length, ...this.#likelihoods(tokens, predictions, ids.length) }
  }

  #settled(drafted: readonly number[], predictions: Int32Array | Float32Array): Settled {
    const { prompt, sampling } = this.#request
    if (predictions instanceof Int32Array) return settleGreedy(drafted, predictions)
    if (!isPlainGreedy(sampling)) return settleSampled(drafted, predictions, this.text, sampling, this.#random, prompt.length)
    const vocabulary = predictions.length / (drafted.length + 1)
    return settleGreedy(drafted, Int32Array.from({ length: drafted.length + 1 }, (_, i) => bestToken(predictions.subarray(i * vocabulary, (i + 1) * vocabulary))))
  }

  #likelihoods(tokens: readonly number[], predictions: Int32Array | Float32Array, rows: number): Pick<DecodeStep, 'likelihoods'> {
    const { logprobs } = this.#request
    if (logprobs === undefined || predictions instanceof Int32Array) return {}
    const vocabulary = predictions.length / rows
    return { likelihoods: tokens.map((id, i) => logProbabilities(predictions.subarray(i * vocabulary, (i + 1) * vocabulary), id, logprobs)) }
  }
}
