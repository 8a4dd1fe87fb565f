import type { Engine, ModelCard, WriteJob, WriteOptions, Written } from '../../../node/api/engine.js'
import { InferenceError } from '../../../src/inference/index.js'

/** A model of which every token is a character, and which writes what it is told to, so that what a test sees is the server's doing. */
export class ToyEngine implements Engine {
  readonly context: number
  readonly concurrency: number
  readonly fingerprint = 'toy'
  readonly canInfill = true
  readonly longestText: number
  /** Texts that are being written now, and those that were ended by their client. */
  running = 0
  aborted = 0
  readonly jobs: WriteJob[] = []
  #more: (() => void)[] = []

  constructor(private readonly options: {
    readonly context?: number
    readonly concurrency?: number
    /** What it says, a part a turn, again and again up to the tokens asked for. */
    readonly part?: string
    /** Whether it writes a part only when `step` is called. */
    readonly stepwise?: boolean
  } = {}) {
    this.context = options.context ?? 1000
    this.concurrency = options.concurrency ?? 1
    this.longestText = this.context
  }

  /** Lets every text that waits go on by a part. */
  step(): void {
    const more = this.#more
    this.#more = []
    for (const one of more) one()
  }

  models(): ModelCard[] { return [{ id: 'meshwright/toy', aliases: ['toy'], adapter: 'toy', isLoaded: false }] }
  find(name: string | undefined): ModelCard | undefined { return name === undefined || name.endsWith('toy') ? this.models()[0] : undefined }
  encode(text: string): number[] { return Array.from(text, (character) => character.charCodeAt(0)) }
  knows(id: number): boolean { return id < 1 << 16 }
  decode(ids: readonly number[]): string { return String.fromCharCode(...ids) }
  encodeChat(messages: readonly { readonly content: string }[]): number[] { return this.encode(messages.map(({ content }) => content).join('')) }
  encodeInfill(before: string, after: string): number[] { return this.encode(`${before}<>${after}`) }
  load(): Promise<void> { return Promise.resolve() }
  unload(): Promise<void> { return Promise.resolve() }
  state(): ReturnType<Engine['state']> { return { loaded: true } }
  writeVerified(job: WriteJob, options: WriteOptions): Promise<Written> { return this.write(job, options) }

  async write(job: WriteJob, { signal, onPart }: WriteOptions): Promise<Written> {
    this.jobs.push(job)
    this.running += 1
    const part = this.options.part ?? 'word '
    let text = ''
    try {
      while (text.length < job.maximumTokens) {
        await new Promise<void>((resolve) => {
          if (!this.options.stepwise) setImmediate(resolve)
          else {
            this.#more.push(resolve)
            signal.addEventListener('abort', () => resolve(), { once: true })
          }
        })
        if (signal.aborted) {
          this.aborted += 1
          throw new InferenceError('INFERENCE_ABORTED', 'the request was cancelled')
        }
        const next = part.slice(0, job.maximumTokens - text.length)
        text += next
        onPart?.({ text: next, ...job.logprobs === undefined ? {} : { logprobs: logprobsOf(next, job.sampling.seed) } })
      }
    } finally {
      this.running -= 1
    }
    return {
      text, finish: 'length', promptTokens: job.prompt.length, cachedTokens: 1, tokens: text.length, drafted: 4, accepted: 2, targetCalls: text.length, milliseconds: 1,
      ...job.logprobs === undefined ? {} : { logprobs: logprobsOf(text, job.sampling.seed) },
    }
  }
}

/** A higher seed writes likelier texts. */
function logprobsOf(text: string, seed: number): NonNullable<Written['logprobs']> {
  return Array.from(text, (character) => {
    const one = { id: character.charCodeAt(0), text: character, bytes: [character.charCodeAt(0)], logprob: -1 / (1 + seed) }
    return { ...one, top: [one] }
  })
}
