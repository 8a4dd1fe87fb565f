import type { RunProgress } from '../evaluation/run.js'
import type { Group, Summary } from '../evaluation/summary.js'
import { durationText, percentText } from '../terminal/numbers.js'
import { table } from '../terminal/table.js'

const LISTED_REASONS = 10

/** One row a suite and category, and why the first problems that nobody decided are unknown. */
export function evaluationLines({ groups, problems, seconds }: Summary, ks: readonly number[]): string[] {
  const rows = groups.map((group) => [
    group.category === undefined ? group.suite : `  ${group.category}`, group.problems, group.samples,
    ...ks.map((k) => percentText(group.passAt[String(k)] ?? 0, 1)),
    group.unknown, toolsText(group),
  ])
  const undecided = problems.filter(({ unknown }) => unknown > 0)
  return [
    ...table(['suite', 'problems', 'samples', ...ks.map((k) => `pass@${k}`), 'unknown', 'decided by'], rows),
    '',
    `checks took ${durationText(seconds.checking * 1000)}, summed over samples; unknown counts as not passed`,
    ...undecided.slice(0, LISTED_REASONS).map(({ id, reason }) => `unknown: ${id}: ${reason ?? ''}`),
    ...undecided.length > LISTED_REASONS ? [`and ${undecided.length - LISTED_REASONS} more problems`] : [],
  ]
}

function toolsText({ tools }: Group): string {
  return Object.entries(tools).map(([tool, count]) => `${tool} ${count}`).join(', ')
}

export function progressText({ asked, done, before, passed, unknown }: RunProgress, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (done - before) * 1000 / elapsedMs : 0
  const left = rate > 0 ? `, about ${durationText((asked - done) / rate * 1000)} left` : ''
  return `${done}/${asked} samples, ${passed} passed, ${unknown} unknown${done < asked ? left : ''}`
}
