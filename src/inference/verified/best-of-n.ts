import { performance } from 'node:perf_hooks'

import type { Checker } from '../../quality/index.js'
import { InferenceError } from '../errors.js'
import type { Generator } from '../generator/generator.js'
import type { GenerationPart } from '../generator/messages.js'
import type { SamplingOptions } from '../sampling/options.js'
import type { Arm } from '../strategy/arm.js'
import { fixedPlan } from '../strategy/plan.js'
import type { Plan } from '../strategy/plan.js'
import type { Try } from '../strategy/strategy.js'
import { byQuality } from './candidate.js'
import type { Candidate, CheckedDesign, DesignRequest } from './candidate.js'
import { checkDesign } from './check-design.js'
import { examineTestbench } from './examine-testbench.js'
import type { Served } from './trueput.js'
import { Undecided } from './undecided.js'
import { writeCandidate } from './write-candidate.js'
import type { Written } from './write-candidate.js'

export interface BestOfOptions {
  readonly prompt: readonly number[]
  /** How many designs are written at most where no plan says otherwise. The first is greedy, the others are drawn. */
  readonly samples: number
  readonly sampling: SamplingOptions
  readonly maximumTokens: number
  readonly adapter?: string
  readonly draft: 'none' | 'lookup' | 'personal'
  /** How the tries follow each other, instead of `samples`. */
  readonly plan?: Plan
  /** The prompt that shows a design and what is wrong with it; undefined where the model could not take it in. */
  readonly repairPrompt?: (candidate: Candidate) => readonly number[] | undefined
  /** Stop a design as soon as nothing can make it right any more. By default where tokens take long enough for that to pay (`WORTH_WATCHING`). */
  readonly earlyStop?: boolean
  /** Stop at the first design that passes (default), or write all and return the best that passes. */
  readonly stopAtFirstPass?: boolean
  /** Scores for all designs that pass, more is better, in their order; undefined where there are none. Without them the cheapest is the best. */
  readonly rank?: (designs: readonly string[]) => Promise<readonly number[] | undefined>
  readonly signal?: AbortSignal
  readonly onPart?: (part: GenerationPart, sample: number) => void
  readonly onCandidate?: (candidate: Candidate, sample: number) => void
}

/** A design that is likelier to pass than not is waited for: another one, written meanwhile, would mostly be for nothing, and slow its check down. */
const WORTH_WAITING = 0.5

/** Milliseconds a token from which on a text is looked at as it is written: each part of it must then be told and read at once, which small models are quicker than (decision 31). */
const WORTH_WATCHING = 2

/** A try as a person may look at it. */
export interface Told {
  readonly arm: string
  readonly why: string
}

export interface BestOf {
  readonly best: Candidate
  /** Every distinct design that was written and checked, in order. */
  readonly candidates: readonly Candidate[]
  readonly served: Served
  /** How each try was chosen, and why there was no further one. */
  readonly tries: readonly Told[]
  readonly stopped: string
}

/**
 * Writes designs until one passes its checks. A design that may well fail is checked while the next is being written, and one that was written before is not
 * checked again.
 *
 * @throws InferenceError INFERENCE_TESTBENCH_INVALID, INFERENCE_TESTBENCH_NOT_RUN
 * @throws what `Generator.generate` throws
 */
export async function bestOf(generator: Generator, checker: Checker, request: DesignRequest, options: BestOfOptions): Promise<BestOf> {
  return new Search(generator, checker, request, options).run()
}

interface Made extends Try {
  readonly begunAt: number
  readonly candidates: Promise<Candidate | undefined>[]
  /** Whether it was ended because an earlier one had passed: it says nothing of its own way. */
  readonly isCut: boolean
}

/** The search for one design. */
class Search {
  private readonly begun = performance.now()
  private readonly found: Candidate[] = []
  private readonly checks = new Map<string, Promise<Candidate>>()
  private readonly enough = new AbortController()
  /** Ends checks of which none will say anything. */
  private readonly pointless = new AbortController()
  private readonly undecided = new Undecided()
  private readonly signal: AbortSignal
  private readonly plan: Plan
  private readonly totals = { tokens: 0, targetCalls: 0, generationMilliseconds: 0, checkMilliseconds: 0 }
  private written = 0

  constructor(private readonly generator: Generator, private readonly checker: Checker, private readonly request: DesignRequest, private readonly options: BestOfOptions) {
    this.signal = options.signal ? AbortSignal.any([options.signal, this.enough.signal]) : this.enough.signal
    this.plan = options.plan ?? fixedPlan(options.samples, options.sampling)
  }

  async run(): Promise<BestOf> {
    await examineTestbench(this.checker, this.request, this.signal)
    const made: Made[] = []
    const tries: Told[] = []
    let stopped = 'a design passed'
    while (!this.enough.signal.aborted) {
      const { arm, why, chance = 0 } = this.plan.next(made)
      if (arm === undefined) {
        stopped = why
        break
      }
      const prompt = await this.promptFor(arm)
      // What has just been checked may have passed.
      if (this.isOver()) break
      tries.push({ arm: arm.name, why })
      const begunAt = performance.now()
      const candidates = await this.write(arm, prompt)
      made.push({ arm, passed: false, milliseconds: performance.now() - begunAt, begunAt, candidates, isCut: candidates.length === 0 })
      if (chance >= WORTH_WAITING) await Promise.all(candidates)
    }
    await Promise.all(this.checks.values())
    if (this.pointless.signal.aborted) stopped = 'the checks ran out of time and decided nothing, twice: is the reference too large, or does the testbench never end?'
    const ranked = await this.rankPassing()
    const best = [...ranked].sort(byQuality)[0]
    if (best === undefined) throw new InferenceError('INFERENCE_ABORTED', 'the request was cancelled')
    const wallMilliseconds = performance.now() - this.begun
    this.plan.learn(await this.outcomes(made, wallMilliseconds))
    return { best, candidates: ranked, tries, stopped, served: { ...this.totals, passed: best.verdict.outcome === 'pass', wallMilliseconds } }
  }

  private isOver(): boolean { return this.enough.signal.aborted }

  /** A design is repaired once its check is over. */
  private async promptFor(arm: Arm): Promise<readonly number[]> {
    const { prompt, repairPrompt } = this.options
    if (!arm.repairs) return prompt
    await Promise.all(this.checks.values())
    const last = this.found.at(-1)
    return (last === undefined ? undefined : repairPrompt?.(last)) ?? prompt
  }

  /** Writes an arm's designs side by side, and starts to check each as soon as it is there. @returns none where an earlier design has passed meanwhile */
  private async write(arm: Arm, prompt: readonly number[]): Promise<Promise<Candidate | undefined>[]> {
    const first = this.written
    this.written += arm.width
    const writing = Array.from({ length: arm.width }, async (_, at) => {
      const written = await this.writeOne(arm, prompt, first + at)
      return written === undefined ? undefined : { check: this.check(written, first + at) }
    })
    const all = await Promise.all(writing)
    return all.flatMap((one) => (one === undefined ? [] : [one.check]))
  }

  private async writeOne(arm: Arm, prompt: readonly number[], sample: number): Promise<Written | undefined> {
    const { maximumTokens, adapter, draft, onPart, sampling, earlyStop } = this.options
    const job = { prompt, maximumTokens, stop: [], draft, sampling: { ...sampling, ...arm.sampling, seed: sampling.seed + sample }, ...adapter === undefined ? {} : { adapter } }
    const watched = earlyStop ?? this.isSlow() ? this.request.domain : undefined
    try {
      const written = await writeCandidate(this.generator, job, watched, { signal: this.signal, ...onPart ? { onPart: (part: GenerationPart) => onPart(part, sample) } : {} })
      const { tokens, targetCalls, promptMilliseconds, decodeMilliseconds } = written.generation
      this.totals.tokens += tokens
      this.totals.targetCalls += targetCalls
      this.totals.generationMilliseconds += promptMilliseconds + decodeMilliseconds
      return written
    } catch (error) {
      if (this.enough.signal.aborted && error instanceof InferenceError && error.code === 'INFERENCE_ABORTED') return undefined
      throw error
    }
  }

  /** By what has been written so far: the first design shows it. */
  private isSlow(): boolean {
    const { tokens, generationMilliseconds } = this.totals
    return tokens > 0 && generationMilliseconds / tokens >= WORTH_WATCHING
  }

  private check(written: Written, sample: number): Promise<Candidate> {
    const { text } = written.generation
    const known = this.checks.get(text)
    if (known !== undefined) return known
    const checked = this.judge(written, sample)
    // Awaited at the end. What cannot be checked now will not be after further tries.
    checked.catch(() => this.enough.abort())
    this.checks.set(text, checked)
    return checked
  }

  private async judge({ generation, hopeless }: Written, sample: number): Promise<Candidate> {
    const { options, enough, pointless } = this
    const candidate = hopeless === undefined
      ? { design: generation.text, generation, ...await this.checked(generation.text) }
      : { design: generation.text, generation, verdict: { outcome: 'fail' as const, reason: `it was stopped: ${hopeless}`, milliseconds: 0 } }
    this.totals.checkMilliseconds += candidate.verdict.milliseconds
    this.found.push(candidate)
    options.onCandidate?.(candidate, sample)
    if ((options.stopAtFirstPass ?? true) && candidate.verdict.outcome === 'pass') enough.abort()
    if (this.undecided.note(candidate.verdict)) {
      pointless.abort()
      enough.abort()
    }
    return candidate
  }

  private async checked(design: string): Promise<CheckedDesign> {
    const { signal } = this.pointless
    try {
      return await checkDesign(this.checker, this.request, design, signal)
    } catch (error) {
      if (!signal.aborted) throw error
      return { verdict: { outcome: 'unknown', reason: 'it was not checked to its end, since checks before it decided nothing', milliseconds: 0 } }
    }
  }

  private async rankPassing(): Promise<readonly Candidate[]> {
    const { found, options: { rank, signal } } = this
    const passing = found.filter(({ verdict }) => verdict.outcome === 'pass')
    const scores = passing.length === 0
      ? undefined
      : await rank?.(passing.map(({ design }) => design)).catch((error: unknown) => {
          throw signal?.aborted ? new InferenceError('INFERENCE_ABORTED', 'the request was cancelled') : error
        })
    if (!scores) return found
    const scoreOf = new Map(passing.map((candidate, at) => [candidate, scores[at]!]))
    return found.map((candidate) => ({ ...candidate, ...scoreOf.has(candidate) ? { score: scoreOf.get(candidate)! } : {} }))
  }

  /** What each try came to. One lasts until the next begins, the last until the end; what was cut off counts for the one that passed. */
  private async outcomes(made: readonly Made[], wallMilliseconds: number): Promise<Try[]> {
    const whole = made.filter(({ isCut }) => !isCut)
    return Promise.all(whole.map(async ({ arm, begunAt, candidates }, at) => ({
      arm,
      milliseconds: (whole[at + 1]?.begunAt ?? this.begun + wallMilliseconds) - begunAt,
      passed: (await Promise.all(candidates)).some((candidate) => candidate?.verdict.outcome === 'pass'),
    })))
  }
}
