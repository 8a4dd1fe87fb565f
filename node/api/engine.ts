import type { DesignVerdict, GenerationJob, SamplingOptions, TokenLogprob } from '../../src/inference/index.js'

/** What the server needs of the models of a node. `node/serving/generation-engine.ts` is one. */
export interface Engine {
  /** Tokens that prompt and answer have together at most. */
  readonly context: number
  /** Texts that it writes at a time. */
  readonly concurrency: number
  /** Changes with the weights of the base. */
  readonly fingerprint: string
  /** Whether it has tokens for filling in the middle. */
  readonly canInfill: boolean
  models(): readonly ModelCard[]
  /** The model that a client means; the best one where it names none. Undefined where there is no such model. */
  find(name: string | undefined): ModelCard | undefined
  encode(text: string): readonly number[]
  /** Whether an id stands for a token. */
  knows(id: number): boolean
  decode(ids: readonly number[]): string
  encodeChat(messages: readonly ChatTurn[]): readonly number[]
  /** The tokens by which the model is asked for what lies between two texts. */
  encodeInfill(before: string, after: string): readonly number[]
  /** Text so long that it cannot fit the context, whatever it says, so that nobody needs to encode it. */
  readonly longestText: number
  write(job: WriteJob, options: WriteOptions): Promise<Written>
  /** Writes until a design passes its checks, at most `samples` times. */
  writeVerified(job: VerifiedJob, options: WriteOptions): Promise<Written>
  /** @param folder - as the client gave it, below the folder that the settings allow */
  load(name: string, folder: string): Promise<void>
  unload(name: string): Promise<void>
  /** Whether the models are in memory, and what kept them from it at the last attempt. */
  state(): { readonly loaded: boolean, readonly problem?: string }
}

export interface ModelCard {
  /** As it is listed, such as `meshwright/personal`. */
  readonly id: string
  /** Shorter names for it. */
  readonly aliases: readonly string[]
  /** As the node itself calls it. */
  readonly adapter: string
  /** Whether a client has loaded it. */
  readonly isLoaded: boolean
}

export interface ChatTurn {
  readonly role: string
  readonly content: string
}

export interface WriteOptions {
  readonly signal: AbortSignal
  /** Sees the text as it appears. */
  readonly onPart?: (part: WrittenPart) => void
}

export interface WriteJob {
  /** `adapter` of a model's card. */
  readonly adapter: string
  readonly prompt: readonly number[]
  readonly maximumTokens: number
  readonly stop: readonly string[]
  readonly sampling: SamplingOptions
  readonly draft: GenerationJob['draft']
  /** Most probable tokens to tell beside each one that was taken; nothing is told where absent. */
  readonly logprobs?: number
  /** Who asks: places are given to clients in turn. */
  readonly client: string
}

export interface VerifiedJob extends WriteJob {
  readonly specification: string
  readonly domain?: 'verilog' | 'qasm'
  readonly reference?: string
  readonly testbench?: string
  /** As many tries as experience says where absent. */
  readonly samples?: number
}

export interface WrittenPart {
  readonly text: string
  readonly logprobs?: readonly TokenLogprob[]
}

export interface Written {
  readonly text: string
  readonly finish: 'stop' | 'length'
  readonly promptTokens: number
  /** Of the prompt, tokens that another request had brought into the model's memory. */
  readonly cachedTokens: number
  readonly tokens: number
  readonly drafted: number
  readonly accepted: number
  readonly targetCalls: number
  readonly milliseconds: number
  readonly logprobs?: readonly TokenLogprob[]
  readonly verified?: Verification
}

export interface Verification {
  readonly verdict: DesignVerdict
  readonly cost?: { readonly size: number, readonly depth: number }
  readonly score?: number
  /** Distinct designs that were checked. */
  readonly candidates: number
  /** Verified designs a second. */
  readonly trueput: number
  /** How each try was made and why, and why there was no further one. */
  readonly tries?: readonly { readonly arm: string, readonly why: string }[]
  readonly stopped?: string
}
