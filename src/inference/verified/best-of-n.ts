import { performance } from 'node:perf_hooks'

import type { Checker } from '../../quality/index.js'
import { InferenceError } from '../errors.js'
import type { Generator } from '../generator/generator.js'
import type { GenerationPart, GenerationResult } from '../generator/messages.js'
import type { SamplingOptions } from '../sampling/options.js'
import { GREEDY } from '../sampling/options.js'
import { byQuality } from './candidate.js'
import type { Candidate, DesignRequest } from './candidate.js'
import { checkDesign } from './check-design.js'
import type { Served } from './trueput.js'

export interface BestOfOptions {
  readonly prompt: readonly number[]
  /** How many designs are written at most. The first is greedy, the others are drawn. */
  readonly samples: number
  readonly sampling: SamplingOptions
  readonly maximumTokens: number
  readonly adapter?: string
  readonly draft: 'none' | 'lookup' | 'personal'
  /** Stop at the first design that passes (default), or write all and return the best that passes. */
  readonly stopAtFirstPass?: boolean
  /** Scores for all designs that pass, more is better, in their order; undefined where there are none. Without them the cheapest is the best. */
  readonly rank?: (designs: readonly string[]) => Promise<readonly number[] | undefined>
  readonly signal?: AbortSignal
  readonly onPart?: (part: GenerationPart, sample: number) => void
  readonly onCandidate?: (candidate: Candidate, sample: number) => void
}

export interface BestOf {
  readonly best: Candidate
  /** Every distinct design that was written and checked, in order. */
  readonly candidates: readonly Candidate[]
  readonly served: Served
}

/**
 * Writes designs until one passes its checks. A design is checked while the next is being written, and one that was written before is not checked again.
 *
 * @throws what `Generator.generate` throws
 */
export async function bestOf(generator: Generator, checker: Checker, request: DesignRequest, options: BestOfOptions): Promise<BestOf> {
  const begun = performance.now()
  const candidates: Candidate[] = []
  const checks = new Map<string, Promise<void>>()
  const enough = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, enough.signal]) : enough.signal
  const stopAtFirst = options.stopAtFirstPass ?? true
  const totals = { tokens: 0, targetCalls: 0, generationMilliseconds: 0, checkMilliseconds: 0 }

  const check = async (generation: GenerationResult, sample: number): Promise<void> => {
    const candidate = await checkDesign(checker, request, generation)
    totals.checkMilliseconds += candidate.verdict.milliseconds
    candidates.push(candidate)
    options.onCandidate?.(candidate, sample)
    if (stopAtFirst && candidate.verdict.outcome === 'pass') enough.abort()
  }

  for (let sample = 0; sample < options.samples && !enough.signal.aborted; sample++) {
    const generation = await write(generator, options, sample, signal).catch((error: unknown) => {
      if (enough.signal.aborted && error instanceof InferenceError && error.code === 'INFERENCE_ABORTED') return undefined
      throw error
    })
    if (!generation) break
    totals.tokens += generation.tokens
    totals.targetCalls += generation.targetCalls
    totals.generationMilliseconds += generation.promptMilliseconds + generation.decodeMilliseconds
    if (!checks.has(generation.text)) checks.set(generation.text, check(generation, sample))
  }
  await Promise.all(checks.values())

  const ranked = await rankPassing(candidates, options)
  const best = [...ranked].sort(byQuality)[0]!
  return { best, candidates: ranked, served: { ...totals, passed: best.verdict.outcome === 'pass', wallMilliseconds: performance.now() - begun } }
}

async function rankPassing(candidates: readonly Candidate[], { rank, signal }: BestOfOptions): Promise<readonly Candidate[]> {
  const passing = candidates.filter(({ verdict }) => verdict.outcome === 'pass')
  const scores = passing.length === 0
    ? undefined
    : await rank?.(passing.map(({ design }) => design)).catch((error: unknown) => {
        throw signal?.aborted ? new InferenceError('INFERENCE_ABORTED', 'the request was cancelled') : error
      })
  if (!scores) return candidates
  const scoreOf = new Map(passing.map((candidate, at) => [candidate, scores[at]!]))
  return candidates.map((candidate) => ({ ...candidate, ...scoreOf.has(candidate) ? { score: scoreOf.get(candidate)! } : {} }))
}

function write(generator: Generator, options: BestOfOptions, sample: number, signal: AbortSignal): Promise<GenerationResult> {
  const { prompt, maximumTokens, adapter, draft, onPart } = options
  const sampling = sample === 0 ? { ...GREEDY, seed: options.sampling.seed } : { ...options.sampling, seed: options.sampling.seed + sample }
  return generator.generate(
    { prompt, maximumTokens, stop: [], sampling, draft, ...(adapter === undefined ? {} : { adapter }) },
    { signal, ...(onPart ? { onPart: (part: GenerationPart) => onPart(part, sample) } : {}) },
  )
}
