import { createHash } from 'node:crypto'

import type { Checker } from '../../src/quality/index.js'
import type { Problem } from './problem.js'
import { Results } from './results.js'
import type { RunProgress } from './run.js'
import { runEvaluation } from './run.js'
import { filtered, readSuite } from './suites/read-suite.js'
import { summarise } from './summary.js'
import type { Summary } from './summary.js'
import type { Writer } from './writer.js'

export interface EvaluationPlan {
  /** Paths. */
  readonly suites: readonly string[]
  readonly filter: readonly string[]
  /** Samples a problem. */
  readonly samples: number
  /** For which pass@k is estimated; each at most `samples`. */
  readonly ks: readonly number[]
  readonly temperature: number
  readonly seed: number
  readonly maximumTokens: number
  readonly concurrency: number
  /** Where results are kept. */
  readonly folder: string
  readonly resume: boolean
}

export interface EvaluationParts {
  readonly writer: Writer
  /** What tells the writer from others; plain JSON. */
  readonly model: Readonly<Record<string, unknown>>
  readonly checker: Checker
  readonly signal: AbortSignal
  readonly onProgress?: (progress: RunProgress) => void
}

/** Reads the suites that a plan names. @throws NodeError SUITE_MISSING, SUITE_UNKNOWN, SUITE_INVALID, SUITE_EMPTY */
export async function problemsOf({ suites, filter }: Pick<EvaluationPlan, 'suites' | 'filter'>): Promise<Problem[]> {
  const read = []
  for (const path of new Set(suites)) read.push(await readSuite(path))
  const names = read.map(({ name }) => name)
  // Suites of one name in different folders are told apart.
  const own = read.map((suite, at) => names.indexOf(suite.name) === at ? suite : { ...suite, problems: suite.problems.map((problem) => ({ ...problem, suite: `${suite.name} ${at + 1}` })) })
  return filtered(own, filter)
}

/**
 * Has a writer answer all problems, judges the answers and keeps every one of them; goes on where an earlier run was cut off.
 *
 * @returns the summary, which is in the folder, too
 * @throws NodeError as `Results.open`; what `runEvaluation` throws
 */
export async function evaluateSuites(problems: readonly Problem[], plan: EvaluationPlan, { writer, model, checker, signal, onProgress }: EvaluationParts): Promise<{ readonly summary: Summary, readonly file: string }> {
  const { samples, ks, temperature, seed, maximumTokens, concurrency, folder, resume, filter } = plan
  const settings = { version: 1, model, samples, temperature, seed, maximumTokens, filter, problems: { count: problems.length, hash: hashOf(problems).slice(0, 16) } }
  const results = await Results.open(folder, settings, resume)
  try {
    await runEvaluation({ problems, samples, seed, concurrency, writer, checker, results, signal, ...onProgress ? { onProgress } : {} })
    const summary = summarise(problems, results.all, ks, settings)
    return { summary, file: await results.writeSummary(summary) }
  } finally {
    await results.close()
  }
}

/** Over everything that decides a problem, whatever folder it came from. */
function hashOf(problems: readonly Problem[]): string {
  return createHash('sha256').update(JSON.stringify(problems)).digest('hex')
}
