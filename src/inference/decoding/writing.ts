import { createRandom } from '../../telemetry/index.js'
import { NOTHING, type Draft, type Proposal, type TrainedDraft } from '../drafts/draft.js'
import { bestToken } from '../sampling/distribution.js'
import { logProbabilities, type ChosenLikelihood } from '../sampling/log-probabilities.js'
import { isPlainGreedy, type SamplingOptions } from '../sampling/options.js'
import { Asking } from './asking.js'
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
  /** Asked where it is worth its time. */
  readonly trained?: TrainedDraft
  /** All three learn over several requests when the caller keeps them. */
  readonly draftLength?: DraftLength
  readonly asking?: Asking
  readonly speculation?: Pick<SpeculationSwitch, 'isOn' | 'spent'>
  /** Milliseconds. */
  readonly now: () => number
}

/** What the target is to be asked next. */
export interface Call {
  /** The last token that is settled, and the drafted ones behind it. */
  readonly ids: readonly number[]
  readonly proposal: Proposal
  /** When the target was asked; undefined where its cost teaches nothing, since other texts share the call. */
  readonly started: number | undefined
  /** Milliseconds before, for proposals. */
  readonly proposing: number
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
  readonly #asking: Asking
  readonly #speculation: Pick<SpeculationSwitch, 'isOn' | 'spent'>
  readonly #counts = { tokens: 0, targetCalls: 0, drafted: 0, accepted: 0 }
  #finish: FinishReason | undefined
  /** The target's hidden state from which it chose the last token. */
  #hidden: Float32Array | undefined

  constructor(request: WritingRequest) {
    this.#request = request
    this.text = [...request.prompt]
    this.#random = createRandom(request.sampling.seed)
    this.#ends = new Set(request.endIds)
    this.#length = request.draftLength ?? new DraftLength()
    this.#asking = request.asking ?? new Asking()
    this.#speculation = request.speculation ?? new SpeculationSwitch()
    if (request.maximumTokens < 1) this.#finish = 'length'
  }

  /** Whether the most likely tokens are all that is needed of the target. */
  get isGreedy(): boolean {
    return this.#request.logprobs === undefined && isPlainGreedy(this.#request.sampling)
  }

  /** Whether the target's hidden states are wanted with its predictions. */
  get wantsHidden(): boolean {
    return this.#request.trained !== undefined && this.#speculation.isOn
  }

  get finish(): FinishReason | undefined {
    return this.#finish
  }

  get counts(): Readonly<{ tokens: number, targetCalls: number, drafted: number, accepted: number }> {
    return this.#counts
  }

  /** A call that this text shares with others. */
  sharedCall(): Call {
    return { ids: [this.text.at(-1)!], proposal: NOTHING, started: undefined, proposing: 0 }
  }

  /** A call of this text alone, with drafted tokens where they seem worth it. @param exactRoom - of the target */
  async call(exactRoom: number): Promise<Call> {
    const { draft, maximumTokens, now } = this.#request
    const { isOn } = this.#speculation
    if (isOn) draft?.prepare?.()
    const begun = now()
    // No further than the target's results stay those of plain decoding, bit for bit.
    const room = Math.min(maximumTokens - this.#counts.tokens, exactRoom) - 1
    const proposal = draft && room > 0 && isOn ? draft.propose(this.text, Math.min(room, this.#length.maximum)) : NOTHING
    const { proposal: best, length } = room > 0 && isOn ? await this.#better(proposal, room) : { proposal, length: 0 }
    const started = now()
    return { ids: [this.text.at(-1)!, ...best.tokens.slice(0, length)], proposal: best, started, proposing: started - begun }
  }

  /** The trained draft's proposal, where it is worth asking for and promises more. */
  async #better(proposal: Proposal, room: number): Promise<{ readonly proposal: Proposal, readonly length: number }> {
    const { trained, now } = this.#request
    const choice = this.#length.choose(proposal)
    if (trained === undefined || this.#hidden === undefined || !this.#asking.pays(proposal)) return { proposal, length: choice.length }
    const begun = now()
    const whole = await trained.propose(this.#hidden, this.text.at(-1)!)
    this.#asking.took(now() - begun)
    const asked: Proposal = { ...whole, tokens: whole.tokens.slice(0, room), confidence: whole.confidence.slice(0, room) }
    const { milliseconds } = this.#asking
    const choices = { without: this.#length.choose(proposal, milliseconds), asked: this.#length.choose(asked, milliseconds) }
    this.#asking.brought(proposal, Math.max(choices.without.rate, choices.asked.rate) - choice.rate)
    return choices.asked.rate > choices.without.rate ? { proposal: asked, length: choices.asked.length } : { proposal, length: choices.without.length }
  }

  /**
   * Takes the target's answer to a call: the most likely tokens behind each of its ids where `isGreedy`, otherwise their logits [ids.length, vocabulary].
   *
   * @param hidden - its hidden states there, [ids.length, hiddenSize], where they are wanted
   * @throws InferenceError INFERENCE_LOGITS_NOT_FINITE
   */
  settle({ ids, proposal, started, proposing }: Call, predictions: Int32Array | Float32Array, hidden?: Float32Array): DecodeStep {
    const { draft, now } = this.#request
    const drafted = ids.slice(1)
    const settled = this.#settled(drafted, predictions)
    if (draft && started !== undefined) {
      this.#speculation.spent(settled.tokens.length, proposing + this.#length.measured(ids.length, now() - started))
      this.#length.settled(proposal, drafted.length, settled.accepted)
    }
    const size = (hidden?.length ?? 0) / ids.length
    this.#hidden = hidden?.slice(settled.accepted * size, (settled.accepted + 1) * size)
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
