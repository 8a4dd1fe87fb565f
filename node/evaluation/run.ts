import { performance } from 'node:perf_hooks'

import type { Checker } from '../../src/quality/index.js'
import { codeOf, messageOf } from '../control/errors.js'
import { designIn } from './design-in.js'
import { judge } from './judge.js'
import type { Problem } from './problem.js'
import { promptOf } from './prompt.js'
import type { Results, SampleResult } from './results.js'
import type { Writer } from './writer.js'

export interface RunOptions {
  readonly problems: readonly Problem[]
  /** A problem. */
  readonly samples: number
  /** Of the first sample; the others follow it. */
  readonly seed: number
  /** Samples that are written or judged at a time. */
  readonly concurrency: number
  readonly writer: Writer
  readonly checker: Checker
  readonly results: Results
  readonly signal: AbortSignal
  readonly onProgress?: (progress: RunProgress) => void
}

export interface RunProgress {
  readonly asked: number
  readonly done: number
  /** Done in an earlier run. */
  readonly before: number
  readonly passed: number
  readonly unknown: number
}

/** A model that cannot take a prompt has not solved its problem, and the next may be shorter. */
const UNANSWERABLE = new Set(['INFERENCE_PROMPT_TOO_LONG', 'INFERENCE_PROMPT_EMPTY'])

/**
 * Writes and judges all samples that the results do not hold yet. What is done is on the disk when it ends, also where it ends early.
 *
 * @throws what the writer, the checker and the results throw, and the signal's reason
 */
export async function runEvaluation({ problems, samples, seed, concurrency, writer, checker, results, signal, onProgress }: RunOptions): Promise<void> {
  const tasks = problems.flatMap((problem) => Array.from({ length: samples }, (_, index) => ({ problem, index })))
  const open = tasks.filter(({ problem, index }) => !results.has(problem.suite, problem.id, index))
  const counts = { asked: tasks.length, done: tasks.length - open.length, before: tasks.length - open.length, passed: 0, unknown: 0 }
  for (const { outcome } of results.all) count(outcome)
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])

  function count(outcome: SampleResult['outcome']): void {
    if (outcome === 'pass') counts.passed++
    if (outcome === 'unknown') counts.unknown++
  }

  const work = async (): Promise<void> => {
    for (let task = open.shift(); task !== undefined; task = open.shift()) {
      either.throwIfAborted()
      const result = await sampleOf(task.problem, task.index)
      await results.add(result)
      counts.done++
      count(result.outcome)
      onProgress?.({ ...counts })
    }
  }

  const sampleOf = async (problem: Problem, index: number): Promise<SampleResult> => {
    const own = seed + index
    const begun = performance.now()
    const named = { suite: problem.suite, problem: problem.id, sample: index, seed: own }
    let design: string
    try {
      design = designIn(await writer(promptOf(problem), { problem, index, seed: own, signal: either }), problem.domain, problem.top)
    } catch (error) {
      if (!UNANSWERABLE.has(codeOf(error))) throw error
      return { ...named, outcome: 'fail', reason: messageOf(error), tool: 'none', writingMs: performance.now() - begun, checkingMs: 0, design: '' }
    }
    const writingMs = performance.now() - begun
    const { outcome, reason, tool, milliseconds } = await judge(checker, problem, design, either)
    return { ...named, outcome, reason, tool, writingMs, checkingMs: milliseconds, design }
  }

  const workers = Array.from({ length: Math.min(concurrency, Math.max(1, open.length)) }, () => work().catch((error: unknown) => {
    // The others end what they are at only so far as they must.
    stop.abort()
    throw error
  }))
  const ended = await Promise.allSettled(workers)
  signal.throwIfAborted()
  const failures = ended.flatMap((one) => one.status === 'rejected' ? [one.reason as unknown] : [])
  const cause = failures.find((error) => !/ABORTED$/.test(codeOf(error)) && !(error instanceof Error && error.name === 'AbortError')) ?? failures[0]
  if (cause !== undefined) throw cause as Error
}
