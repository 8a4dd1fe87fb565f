import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { findPackageRoot } from '../../src/config/index.js'
import { writeAtomically } from '../../src/store/index.js'

/** What a benchmark found: one line of JSON, the last that it prints. */
export interface BenchmarkReport {
  readonly name: string
  readonly machine: string
  readonly commit: string
  readonly results: Readonly<Record<string, number>>
  /** Whatever is needed to compute the results again. */
  readonly details?: unknown
}

export function benchmarkReport(name: string, results: Readonly<Record<string, number>>, details?: unknown): BenchmarkReport {
  return { name, machine: machine(), commit: commit(), results, ...(details === undefined ? {} : { details }) }
}

/** Keeps a report in docs/benchmarks. @param indent - spaces of each level, where people read it; none where it is long */
export async function keepReport(report: BenchmarkReport, { file = report.name, indent = 0 } = {}): Promise<void> {
  await writeAtomically(keptFile(file), Buffer.from(`${JSON.stringify(report, undefined, indent)}\n`))
}

/**
 * The kept report with some of its parts measured anew. Its commit and machine stay those of the other parts; `details.anew` has those of the new ones.
 *
 * @returns `report` itself where none is kept
 */
export async function withKeptParts(report: BenchmarkReport, parts: readonly string[]): Promise<BenchmarkReport> {
  const bytes = await readFile(keptFile(report.name), 'utf8').catch(() => undefined)
  if (bytes === undefined) return report
  const { name, machine, commit, results, details } = JSON.parse(bytes) as BenchmarkReport
  const before = { anew: {}, ...details as object }
  const anew = Object.fromEntries(parts.map((part) => [part, { machine: report.machine, commit: report.commit }]))
  return { name, machine, commit, results: { ...results, ...report.results }, details: { ...before, ...report.details as object, anew: { ...before.anew, ...anew } } }
}

function keptFile(name: string): string {
  return path.join(findPackageRoot(), 'docs', 'benchmarks', `${name}.json`)
}

/** For instance `2 x AMD EPYC 9R14, 23 GiB, Node 20.20.2`. */
export function machine(): string {
  return `${os.availableParallelism()} x ${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
}

export function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'unknown'
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Progress goes to stderr, so that stdout ends in the report. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
