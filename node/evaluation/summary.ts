import type { Tool } from './judge.js'
import { passAtK } from './pass-at-k.js'
import type { Problem } from './problem.js'
import type { EvaluationSettings, SampleResult } from './results.js'

/** Figures of the problems of a suite, or of one of its categories. */
export interface Group {
  readonly suite: string
  /** Absent for the whole suite. */
  readonly category?: string
  readonly problems: number
  readonly samples: number
  readonly passed: number
  readonly failed: number
  /** Not passed, and not failed either. */
  readonly unknown: number
  /** The mean over problems of pass@k, by k. */
  readonly passAt: Readonly<Record<string, number>>
  /** How many samples each tool decided. */
  readonly tools: Readonly<Partial<Record<Tool, number>>>
}

export interface ProblemFigures extends Pick<Group, 'suite' | 'category' | 'samples' | 'passed' | 'unknown'> {
  readonly id: string
  /** Why the first sample that did not pass did not. */
  readonly reason?: string
}

export interface Summary {
  readonly settings: EvaluationSettings
  /** A suite, then its categories where it has more than one. */
  readonly groups: readonly Group[]
  readonly problems: readonly ProblemFigures[]
  readonly seconds: { readonly writing: number, readonly checking: number }
}

/** @param results - all samples of all problems. @param ks - each at most the samples of a problem */
export function summarise(problems: readonly Problem[], results: readonly SampleResult[], ks: readonly number[], settings: EvaluationSettings): Summary {
  const byProblem = new Map<string, SampleResult[]>()
  for (const result of results) {
    const key = keyOf(result.suite, result.problem)
    const known = byProblem.get(key)
    if (known) known.push(result)
    else byProblem.set(key, [result])
  }
  const of = ({ suite, id }: Problem): readonly SampleResult[] => byProblem.get(keyOf(suite, id)) ?? []
  const groups: Group[] = []
  for (const suite of new Set(problems.map((problem) => problem.suite))) {
    const own = problems.filter((problem) => problem.suite === suite)
    groups.push({ suite, ...figures(own, of, ks) })
    const categories = new Set(own.map(({ category }) => category))
    if (categories.size < 2) continue
    for (const category of [...categories].sort((x, y) => (x ?? '').localeCompare(y ?? ''))) {
      groups.push({ suite, category: category ?? 'none', ...figures(own.filter((problem) => problem.category === category), of, ks) })
    }
  }
  const sum = (field: 'writingMs' | 'checkingMs'): number => results.reduce((total, result) => total + result[field], 0) / 1000
  return { settings, groups, problems: problems.map((problem) => problemFigures(problem, of(problem))), seconds: { writing: sum('writingMs'), checking: sum('checkingMs') } }
}

function figures(problems: readonly Problem[], of: (problem: Problem) => readonly SampleResult[], ks: readonly number[]): Omit<Group, 'suite' | 'category'> {
  const all = problems.flatMap((problem) => of(problem))
  const tools: Partial<Record<Tool, number>> = {}
  for (const { tool } of all) tools[tool] = (tools[tool] ?? 0) + 1
  const passAt = ks.map((k) => [String(k), problems.reduce((sum, problem) => sum + passAtK(of(problem).length, countOf(of(problem), 'pass'), k), 0) / problems.length] as const)
  return {
    problems: problems.length, samples: all.length,
    passed: countOf(all, 'pass'), failed: countOf(all, 'fail'), unknown: countOf(all, 'unknown'),
    passAt: Object.fromEntries(passAt), tools,
  }
}

function problemFigures({ suite, id, category }: Problem, results: readonly SampleResult[]): ProblemFigures {
  const reason = results.find(({ outcome }) => outcome !== 'pass')?.reason
  return { suite, id, ...category === undefined ? {} : { category }, samples: results.length, passed: countOf(results, 'pass'), unknown: countOf(results, 'unknown'), ...reason === undefined ? {} : { reason } }
}

const countOf = (results: readonly SampleResult[], wanted: string): number => results.filter(({ outcome }) => outcome === wanted).length
const keyOf = (suite: string, id: string): string => JSON.stringify([suite, id])
