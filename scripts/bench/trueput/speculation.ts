import { performance } from 'node:perf_hooks'

import { GREEDY, samplingOptions } from '../../../src/inference/index.js'
import type { GenerationResult, Generator, SamplingOptions } from '../../../src/inference/index.js'

export type DraftName = 'none' | 'lookup' | 'personal'

/** A way that has taken so many times as long as another one with the same draft, over so many prompts, is not followed any further. */
const SLOWER = { times: 1.15, prompts: 16 } as const

/** One way to write: with a draft, on a number of threads. */
export interface Way {
  readonly draft: DraftName
  readonly threads: number
}

/** What a way came to on some prompts. */
export interface Written extends Way {
  readonly seconds: number
  readonly tokens: number
  readonly targetCalls: number
  /** Fewer than there are prompts where it was not followed to the end. */
  readonly texts: readonly string[]
}

/** Generators of the same models, by their threads. */
export type Generators = ReadonlyMap<number, Generator>

export interface WriteOptions {
  readonly adapter?: string
  /** Of the output for the n-th prompt. */
  readonly maximumTokens: (at: number) => number
  readonly sampling?: SamplingOptions
  readonly onProgress?: (done: number) => void
}

/**
 * Writes what follows each prompt once with each draft on each number of threads, in an order that turns with the prompts, so that whatever else the machine does
 * falls on all.
 *
 * @throws Error where a draft has changed what was written
 */
export async function writeEachWay(generators: Generators, prompts: readonly (readonly number[])[], drafts: readonly DraftName[], { adapter, maximumTokens, sampling = GREEDY, onProgress }: WriteOptions): Promise<Written[]> {
  const ways = [...generators.keys()].flatMap((threads) => drafts.map((draft) => ({ draft, threads, seconds: 0, tokens: 0, targetCalls: 0, texts: [] as string[] })))
  const write = (prompt: readonly number[], { draft, threads }: Way, at: number): Promise<GenerationResult> =>
    generators.get(threads)!.generate({ prompt, maximumTokens: maximumTokens(at), stop: [], draft, sampling: { ...sampling, seed: at }, ...adapter === undefined ? {} : { adapter } })
  // The first request loads the model, and drafts learn how long they may be: neither is what a user waits for later.
  for (const way of ways) for (const [at, prompt] of prompts.slice(0, 3).entries()) await write(prompt, way, at)
  for (const [at, prompt] of prompts.entries()) {
    const followed = ways.filter((way) => way.texts.length === at)
    for (const way of followed.map((_, i) => followed[(i + at) % followed.length]!)) {
      if (isSlower(way, ways)) continue
      const begun = performance.now()
      const { text, tokens, targetCalls } = await write(prompt, way, at)
      way.seconds += (performance.now() - begun) / 1000
      way.tokens += tokens
      way.targetCalls += targetCalls
      way.texts.push(text)
      if (text !== ways.find(({ texts }) => texts.length > at)!.texts[at]) throw new Error('a draft has changed what was written')
    }
    onProgress?.(at + 1)
  }
  return ways
}

function isSlower({ draft, seconds, texts }: Written, ways: readonly Written[]): boolean {
  return texts.length >= SLOWER.prompts && ways.some((other) => other.draft === draft && other.texts.length >= texts.length && seconds > SLOWER.times * other.seconds)
}

/** Of some ways, the fastest with a draft: nobody who wants speed writes with a number of threads that is slower. */
export function fastest(ways: readonly Written[], draft: DraftName): Written {
  const prompts = Math.max(...ways.map(({ texts }) => texts.length))
  return ways.filter((way) => way.draft === draft && way.texts.length === prompts).reduce((best, way) => way.seconds < best.seconds ? way : best)
}

/** Text that nothing predicts. */
export function hot(seed: number): SamplingOptions {
  return samplingOptions({ temperature: 1.5, seed })
}

/** What drafts come to on some prompts, beside plain decoding and beside prompt lookup alone: each on the number of threads that it is fastest with. */
export interface Comparison {
  readonly speedup: number
  readonly lookupSpeedup: number
  /** Tokens a call of the whole personal draft. */
  readonly acceptanceLength: number
  /** The same, over that of prompt lookup. */
  readonly acceptanceGain: number
  readonly counts: Readonly<Record<DraftName, Counts>>
  /** Everything that was measured. */
  readonly ways: readonly Counts[]
}

/** Greedy texts, plain and with drafts, in turns. @throws Error where a draft has changed what was written */
export async function compareDrafts(generators: Generators, prompts: readonly (readonly number[])[], options: Omit<WriteOptions, 'sampling'>): Promise<Comparison> {
  const ways = await writeEachWay(generators, prompts, ['none', 'lookup', 'personal'], options)
  const [none, lookup, personal] = [fastest(ways, 'none'), fastest(ways, 'lookup'), fastest(ways, 'personal')]
  const acceptanceLength = personal.tokens / personal.targetCalls
  return {
    speedup: none.seconds / personal.seconds,
    lookupSpeedup: none.seconds / lookup.seconds,
    acceptanceLength,
    acceptanceGain: acceptanceLength / (lookup.tokens / lookup.targetCalls),
    counts: { none: countsOf(none), lookup: countsOf(lookup), personal: countsOf(personal) },
    ways: ways.map(countsOf),
  }
}

export interface Counts extends Omit<Written, 'texts'> {
  readonly prompts: number
}

export function countsOf({ draft, threads, seconds, tokens, targetCalls, texts }: Written): Counts {
  return { draft, threads, prompts: texts.length, seconds, tokens, targetCalls }
}

/** One thread, and as many as are asked for: which is faster depends on the model, the machine and how many tokens a call has. */
export function threadsToTry(threads: number): number[] {
  return [...new Set([1, threads])]
}
