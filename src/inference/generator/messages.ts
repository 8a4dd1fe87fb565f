import type { AdapterSettings, Quantization, RecurrentDraft } from '../../model/index.js'
import type { DecodeSummary } from '../decoding/writing.js'
import type { Precedent } from '../drafts/analogy-draft.js'
import type { CorpusIndex, CorpusSegment } from '../drafts/corpus-index.js'
import type { FinishedText } from '../drafts/history.js'
import type { SamplingOptions } from '../sampling/options.js'

/** How the thread is started. */
export interface GeneratorSetup {
  readonly checkpoint: string
  readonly quantization: Quantization
  readonly threads: number
  readonly maximumLength: number
  /** Texts that are written at once; others wait. Default 16. */
  readonly maximumTexts?: number
  /** Memory for keys and values of texts that ended, so that one that begins alike starts behind what they share; 0 keeps none. Default 256 MiB. */
  readonly prefixCacheBytes?: number
}

/** An adapter as it crosses to the thread. */
export interface NamedAdapter {
  readonly settings: AdapterSettings
  readonly values: Float32Array
}

export interface GenerationJob {
  readonly prompt: readonly number[]
  readonly maximumTokens: number
  /** Texts that end the output and are not part of it. */
  readonly stop: readonly string[]
  readonly sampling: SamplingOptions
  /** Name of a loaded adapter; the base alone when absent. */
  readonly adapter?: string
  readonly draft: 'none' | 'lookup' | 'personal'
  /** Tell how likely each token was, and how likely so many of the most probable ones were (0 to 20). */
  readonly logprobs?: number
  /** Who asks: whoever has many jobs waiting does not delay the others by more than one. */
  readonly client?: string
}

export type Request
  = | { readonly type: 'load', readonly id: number, readonly name: string, readonly adapter: NamedAdapter }
    | { readonly type: 'unload', readonly id: number, readonly name: string }
    /** Of the adapter with this name, also of one that takes its place; none where undefined. */
    | { readonly type: 'draft', readonly id: number, readonly name: string, readonly draft: RecurrentDraft | undefined }
    | { readonly type: 'corpus', readonly id: number, readonly precedents: readonly Precedent[], readonly kept: readonly CorpusSegment[] }
    /** Needs no answer. */
    | { readonly type: 'remember', readonly id: number, readonly texts: readonly FinishedText[] }
    /** Parts are told as they appear, of one text no more than one in so many milliseconds; none where undefined. */
    | { readonly type: 'generate', readonly id: number, readonly job: GenerationJob, readonly every: number | undefined }
    | { readonly type: 'statistics', readonly id: number }
    | { readonly type: 'cancel', readonly id: number }
    /** Ends the thread. */
    | { readonly type: 'close' }

/** A token, and how likely it was by the model's own distribution: before temperature and penalties. */
export interface TokenAlternative {
  readonly id: number
  readonly text: string
  /** What it stands for in UTF-8; a character may be divided among several tokens. */
  readonly bytes: readonly number[]
  /** Natural logarithm of the probability. */
  readonly logprob: number
}

export interface TokenLogprob extends TokenAlternative {
  /** The most probable tokens at this place, the most probable first. */
  readonly top: readonly TokenAlternative[]
}

/** Part of an output as it appears. The texts of all parts together are the output's, and so are the ids. */
export interface GenerationPart {
  /** May be empty in the last part, where the tokens of a stop text end the output. */
  readonly text: string
  readonly ids: readonly number[]
  /** Tokens in this part, and how many of them a draft had proposed. */
  readonly tokens: number
  readonly accepted: number
  /** One of each token that is seen in the text, where they are asked for. */
  readonly logprobs?: readonly TokenLogprob[]
}

export interface GenerationResult extends Omit<DecodeSummary, 'finish'> {
  readonly text: string
  /** The tokens that were written, also those of a stop text. */
  readonly ids: readonly number[]
  readonly finish: 'end' | 'length' | 'stop'
  readonly promptTokens: number
  /** Tokens of the prompt that were not computed anew. */
  readonly cachedTokens: number
  readonly logprobs?: readonly TokenLogprob[]
}

/** What texts are held to. */
export interface GeneratorLimits {
  /** Tokens of prompt and output together. */
  readonly maximumLength: number
  readonly maximumTexts: number
}

/** What the thread does now, and what it did since it began. */
export interface GeneratorStatistics {
  readonly running: number
  readonly waiting: number
  /** Texts that the last step continued. */
  readonly batchSize: number
  readonly prefixCacheBytes: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  readonly drafted: number
  readonly accepted: number
  readonly targetCalls: number
  /** Whether drafts are used now, for each adapter that was asked to; the base's name is empty. */
  readonly speculation: Readonly<Record<string, 'on' | 'off'>>
}

export type Response
  = | { readonly type: 'ready', readonly id: number, readonly limits: GeneratorLimits }
    /** What appeared in one step. */
    | { readonly type: 'parts', readonly parts: readonly { readonly id: number, readonly part: GenerationPart }[] }
    | { readonly type: 'done', readonly id: number, readonly result?: GenerationResult }
    | { readonly type: 'indexed', readonly id: number, readonly index: CorpusIndex }
    | { readonly type: 'statistics', readonly id: number, readonly statistics: GeneratorStatistics }
    | { readonly type: 'failed', readonly id: number, readonly code: string, readonly message: string }
