import type { SurfaceReport } from './run-surface.js'

const CODES_LISTED = 6

/** One line on how a surface did. */
export function line({ surface, cases, accepted, refused, worstMs, findings }: SurfaceReport): string {
  const codes = Object.entries(refused)
  const listed = codes.slice(0, CODES_LISTED).map(([code, count]) => `${code} ${count}`)
  if (codes.length > CODES_LISTED) listed.push(`${codes.length - CODES_LISTED} more codes`)
  return [surface.padEnd(26), String(cases).padStart(7), String(accepted).padStart(9), `${worstMs.toFixed(0)} ms`.padStart(9), String(findings.length).padStart(9), `  ${listed.join(', ')}`].join('')
}

export function heading(): string {
  return ['surface'.padEnd(26), 'cases'.padStart(7), 'accepted'.padStart(9), 'worst'.padStart(9), 'findings'.padStart(9), '  refused by'].join('')
}

/** Each finding with the command that replays it. */
export function findingLines({ surface, findings }: SurfaceReport): string[] {
  return findings.flatMap(({ seed, what, input }) => [
    `${surface}: ${what}`,
    `  input: ${input}`,
    `  again: npm run fuzz -- --surface ${surface} --seed ${seed} --cases 1`,
  ])
}

export function totalLine(reports: readonly SurfaceReport[], seconds: number): string {
  const sum = (pick: (report: SurfaceReport) => number): number => reports.reduce((total, report) => total + pick(report), 0)
  return `${reports.length} surfaces, ${sum(({ cases }) => cases)} cases, ${sum(({ accepted }) => accepted)} accepted, ${sum(({ findings }) => findings.length)} findings, ${seconds.toFixed(0)} s`
}
