import type { Tokenizer } from '../../model/index.js'
import type { DecodeStep } from '../decoding/writing.js'
import type { ChosenLikelihood, Likelihood } from '../sampling/log-probabilities.js'
import type { GenerationPart, TokenAlternative, TokenLogprob } from './messages.js'
import { StopText } from './stop-text.js'
import { TextStream } from './text-stream.js'

const DECODER = new TextDecoder('utf-8', { ignoreBOM: true })

/** A token whose text was not shown yet. */
interface Pending {
  readonly id: number
  readonly accepted: boolean
  /** Characters of the output before it. */
  readonly from: number
  readonly likelihood: ChosenLikelihood | undefined
}

export interface Heard {
  readonly every: number
  readonly now: () => number
}

/** The text of an output as its tokens come, in parts that can be shown. */
export class Output {
  readonly #stream: TextStream
  readonly #stop: StopText
  #pending: Pending[] = []
  /** Characters of all tokens so far, and of those that were shown. */
  #length = 0
  #text = ''
  #tokens = 0
  #accepted = 0
  #stopped = false
  readonly #logprobs: TokenLogprob[] = []
  /** Tokens whose text nobody needs yet: reading and telling them one by one takes a sixth of the time of a small model. */
  #unread: Pending[] = []
  readonly #isReadLater: boolean
  /** The span of time in which a part was told last. */
  #span = -1

  /** @param heard - how often anybody sees parts of it, and a clock for that, both in milliseconds; absent where nobody does */
  constructor(private readonly tokenizer: Pick<Tokenizer, 'decode' | 'bytes'>, stops: readonly string[], private readonly wantsLogprobs: boolean, private readonly heard: Heard | undefined) {
    this.#isReadLater = heard?.every !== 0 && !wantsLogprobs && stops.every((stop) => stop === '')
    this.#stream = new TextStream(tokenizer)
    this.#stop = new StopText(stops.filter((stop) => stop !== ''))
  }

  get text(): string {
    return this.#text
  }

  /** Whether a stop text ended the output. */
  get stopped(): boolean {
    return this.#stopped
  }

  get tokens(): number {
    return this.#tokens
  }

  get accepted(): number {
    return this.#accepted
  }

  get logprobs(): readonly TokenLogprob[] | undefined {
    return this.wantsLogprobs ? this.#logprobs : undefined
  }

  /** Takes what a call settled, up to the token that completes a stop text. @returns what can be shown now */
  push({ tokens, accepted, likelihoods }: DecodeStep): GenerationPart | undefined {
    if (this.#isReadLater) {
      for (const [i, id] of tokens.entries()) this.#unread.push({ id, accepted: i < accepted, from: this.#length, likelihood: undefined })
      this.#tokens += tokens.length
      this.#accepted += accepted
      if (!this.#isDue()) return undefined
      const read = this.#read()
      return read === '' ? undefined : this.#part(read, Infinity)
    }
    let shown = ''
    for (let i = 0; i < tokens.length && !this.#stopped; i++) {
      this.#pending.push({ id: tokens[i]!, accepted: i < accepted, from: this.#length, likelihood: likelihoods?.[i] })
      this.#tokens += 1
      if (i < accepted) this.#accepted += 1
      shown += this.#show(this.#stream.push([tokens[i]!]))
    }
    return shown === '' ? undefined : this.#part(shown, this.#text.length)
  }

  /** What is left when the output has ended. */
  flush(): GenerationPart | undefined {
    const unread = this.#isReadLater ? this.#read() : ''
    const rest = this.#stopped ? '' : unread + this.#show(this.#stream.flush())
    const held = this.#stopped ? '' : this.#stop.flush()
    this.#text += held
    const shown = rest + held
    return shown === '' && this.#pending.length === 0 ? undefined : this.#part(shown, Infinity)
  }

  /** Spans of time are the same for all texts, so that what is told of several goes in one message. */
  #isDue(): boolean {
    if (!this.heard) return false
    const span = Math.floor(this.heard.now() / this.heard.every)
    if (span === this.#span) return false
    this.#span = span
    return true
  }

  #read(): string {
    const unread = this.#unread
    this.#unread = []
    this.#pending.push(...unread)
    return this.#show(this.#stream.push(unread.map(({ id }) => id)))
  }

  #show(text: string): string {
    this.#length += text.length
    const { shown, stopped } = this.#stop.push(text)
    this.#stopped = stopped
    this.#text += shown
    return shown
  }

  /** A part with the tokens that begin before `end`. */
  #part(text: string, end: number): GenerationPart {
    const count = this.#pending.findIndex(({ from }) => from >= end)
    const tokens = this.#pending.splice(0, count < 0 ? this.#pending.length : count)
    const part = { text, ids: tokens.map(({ id }) => id), tokens: tokens.length, accepted: tokens.filter(({ accepted }) => accepted).length }
    if (!this.wantsLogprobs) return part
    const seen = this.#stopped ? tokens.filter(({ from }) => from < this.#text.length) : tokens
    const logprobs = seen.flatMap(({ likelihood }) => likelihood ? [{ ...this.#named(likelihood), top: likelihood.top.map((each) => this.#named(each)) }] : [])
    this.#logprobs.push(...logprobs)
    return { ...part, logprobs }
  }

  #named({ id, logprob }: Likelihood): TokenAlternative {
    const bytes = this.tokenizer.bytes(id)
    return { id, text: DECODER.decode(bytes), bytes: [...bytes], logprob }
  }
}
