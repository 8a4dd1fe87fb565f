import { performance } from 'node:perf_hooks'

import { GREEDY, samplingOptions } from '../../../src/inference/index.js'
import type { GenerationResult, Generator, SamplingOptions } from '../../../src/inference/index.js'

export type DraftName = 'none' | 'lookup' | 'personal'

/** What a draft came to on some prompts. */
export interface Written {
  readonly seconds: number
  readonly tokens: number
  readonly targetCalls: number
  readonly texts: readonly string[]
}

export interface WriteOptions {
  readonly adapter?: string
  /** Of the output for the n-th prompt. */
  readonly maximumTokens: (at: number) => number
  readonly sampling?: SamplingOptions
  readonly onProgress?: (done: number) => void
}

/** Writes what follows each prompt once with each draft, in an order that turns with the prompts, so that whatever else the machine does falls on all. */
export async function writeWithEach(generator: Generator, prompts: readonly (readonly number[])[], drafts: readonly DraftName[], { adapter, maximumTokens, sampling = GREEDY, onProgress }: WriteOptions): Promise<(draft: DraftName) => Written> {
  const sums = new Map(drafts.map((draft) => [draft, { seconds: 0, tokens: 0, targetCalls: 0, texts: [] as string[] }]))
  const write = (prompt: readonly number[], draft: DraftName, at: number): Promise<GenerationResult> =>
    generator.generate({ prompt, maximumTokens: maximumTokens(at), stop: [], draft, sampling: { ...sampling, seed: at }, ...adapter === undefined ? {} : { adapter } })
  // The first request loads the model, and drafts learn how long they may be: neither is what a user waits for later.
  for (const draft of drafts) for (const [at, prompt] of prompts.slice(0, 3).entries()) await write(prompt, draft, at)
  for (const [at, prompt] of prompts.entries()) {
    for (const draft of drafts.map((_, i) => drafts[(i + at) % drafts.length]!)) {
      const sum = sums.get(draft)!
      const begun = performance.now()
      const { text, tokens, targetCalls } = await write(prompt, draft, at)
      sum.seconds += (performance.now() - begun) / 1000
      sum.tokens += tokens
      sum.targetCalls += targetCalls
      sum.texts.push(text)
    }
    onProgress?.(at + 1)
  }
  return (draft) => sums.get(draft)!
}

/** Text that nothing predicts. */
export function hot(seed: number): SamplingOptions {
  return samplingOptions({ temperature: 1.5, seed })
}

/** What drafts come to on some prompts, beside plain decoding and beside prompt lookup alone. */
export interface Comparison {
  readonly speedup: number
  readonly lookupSpeedup: number
  /** Tokens a call of the whole personal draft. */
  readonly acceptanceLength: number
  /** The same, over that of prompt lookup. */
  readonly acceptanceGain: number
  readonly counts: Readonly<Record<DraftName, Omit<Written, 'texts'>>>
}

/** Greedy texts, plain and with drafts, in turns. @throws Error where a draft has changed what was written */
export async function compareDrafts(generator: Generator, prompts: readonly (readonly number[])[], options: Omit<WriteOptions, 'sampling'>): Promise<Comparison> {
  const written = await writeWithEach(generator, prompts, ['none', 'lookup', 'personal'], options)
  const [none, lookup, personal] = [written('none'), written('lookup'), written('personal')]
  if (!none.texts.every((text, at) => text === personal.texts[at] && text === lookup.texts[at])) throw new Error('a draft has changed what was written')
  const acceptanceLength = personal.tokens / personal.targetCalls
  return {
    speedup: none.seconds / personal.seconds,
    lookupSpeedup: none.seconds / lookup.seconds,
    acceptanceLength,
    acceptanceGain: acceptanceLength / (lookup.tokens / lookup.targetCalls),
    counts: { none: countsOf(none), lookup: countsOf(lookup), personal: countsOf(personal) },
  }
}

export function countsOf({ seconds, tokens, targetCalls }: Written): Omit<Written, 'texts'> {
  return { seconds, tokens, targetCalls }
}
