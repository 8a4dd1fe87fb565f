import type { FinishedText, Precedent } from '../../src/inference/index.js'
import type { AdapterSettings } from '../../src/model/index.js'
import { createRandom, shuffled } from '../../src/telemetry/index.js'
import type { Logger } from '../../src/telemetry/index.js'
import { distilDraft } from '../../src/training/index.js'
import type { DistilText } from '../../src/training/index.js'

import type { KeptDraft } from '../serving/kept-draft.js'
import type { BaseInfo } from './base-model.js'
import type { KeptAdapters } from './kept-adapters.js'
import type { GivenTime } from './spare-time.js'

/** Tokens that the model reads to teach its draft, each time: about a minute of a model with a hundred million parameters, and a third of that to learn from them. */
const TOKENS_A_TIME = 32_768
/** What was written for users may take up so much of them: it is what they will ask for again. */
const WRITTEN_SHARE = 0.5
const LONGEST_TEXT = 2048

export interface DraftMakerOptions {
  readonly base: BaseInfo
  readonly settings: AdapterSettings
  readonly threads: number
  readonly adapters: Pick<KeptAdapters, 'get'>
  readonly precedents: readonly Precedent[]
  readonly written?: { readonly texts: readonly FinishedText[] }
  readonly kept: KeptDraft
  readonly seed: number
  readonly log: Logger
}

/** Teaches a small draft to guess what the personal model writes: a little more each time, from where it was. */
export class DraftMaker {
  #times = 0

  constructor(private readonly options: DraftMakerOptions) {}

  /** Makes the draft, or makes it better. What is abandoned, or fails, leaves what was. */
  async make(time: GivenTime): Promise<void> {
    try {
      await this.#make(time)
    } catch (error) {
      time.signal.throwIfAborted()
      this.options.log.warn('the trained draft could not be made better, and stays as it was', { error })
    }
  }

  async #make({ signal }: GivenTime): Promise<void> {
    const { base, settings, threads, adapters, kept, seed, log } = this.options
    const adapter = adapters.get('personal') ?? adapters.get('network')
    const texts = this.#texts()
    if (texts.length === 0) return
    const begun = Date.now()
    const draft = await distilDraft({
      checkpoint: base.folder, quantization: 'q8', threads, texts, maximumLength: LONGEST_TEXT, signal, seed: seed + this.#times,
      ...adapter ? { adapter: { settings, values: adapter } } : {},
      ...kept.draft ? { before: kept.draft } : {},
    })
    this.#times += 1
    await kept.keep(draft)
    log.info('the trained draft has learnt more', { texts: texts.length, seconds: Math.round((Date.now() - begun) / 1000) })
  }

  /** Verified texts first, the newest first; then the house's designs, others each time. */
  #texts(): DistilText[] {
    const { written, precedents, seed } = this.options
    const own = shuffled(precedents, createRandom(seed + this.#times))
    const users = [...written?.texts ?? []].reverse().sort((a, b) => Number(b.isVerified) - Number(a.isVerified))
    const some = taken(users, TOKENS_A_TIME * WRITTEN_SHARE)
    return [...some, ...taken(own, TOKENS_A_TIME - tokensOf(some))]
  }
}

function taken(texts: readonly Precedent[], most: number): DistilText[] {
  const some: DistilText[] = []
  let tokens = 0
  for (const { prompt, design } of texts) {
    if (tokens >= most) break
    const text = { tokens: [...prompt, ...design].slice(0, LONGEST_TEXT), from: prompt.length }
    if (text.tokens.length <= text.from) continue
    some.push(text)
    tokens += text.tokens.length
  }
  return some
}

function tokensOf(texts: readonly DistilText[]): number {
  return texts.reduce((sum, { tokens }) => sum + tokens.length, 0)
}
