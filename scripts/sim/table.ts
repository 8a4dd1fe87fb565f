import type { WorldOptions } from './options.js'
import type { RoundRow, Summary } from './simulation.js'

const COLUMNS = [
  ['round', 5], ['peers', 6], ['full', 6], ['prov.', 6], ['none', 6], ['root', 5], ['behind', 7], ['sent/peer', 10], ['max', 9], ['rec./peer', 10], ['max', 9],
  ['messages', 10], ['distance', 9], ['virtual s', 10], ['wall s', 7], ['cpu s', 7],
] as const

/** What is simulated, and the heads of the columns. */
export function heading(options: WorldOptions, clusters: number): string {
  const { peers, seed, churn, byzantine, links, loss } = options
  const what = `${peers} peers in ${clusters} clusters, churn ${churn}, hostile ${byzantine}, links ${links}, loss ${loss}, seed ${seed}`
  return `${what}\n${COLUMNS.map(([name, width]) => name.padStart(width)).join(' ')}`
}

export function line(row: RoundRow): string {
  const { records, sent, received } = row
  const cells = [
    row.round, row.peers, records.full, records.provisional, records.none, row.roots, row.behind,
    bytes(sent.mean), bytes(sent.max), bytes(received.mean), bytes(received.max),
    row.messages, row.distance.toFixed(3), row.virtualSeconds.toFixed(1), row.wallSeconds.toFixed(1), row.cpuSeconds.toFixed(1),
  ]
  return cells.map((cell, at) => String(cell).padStart(COLUMNS[at]![1])).join(' ')
}

export function summaryLines({ rounds, records, incompleteRounds, outcomes, refusals, troubles, cheats, digest }: Summary): string[] {
  const sum = (pick: (counts: (typeof records)[number]) => number): number => records.reduce((total, counts) => total + pick(counts), 0)
  const all = sum(({ full, provisional, none }) => full + provisional + none)
  const share = (count: number): string => `${(100 * count / all).toFixed(1)} %`
  return [
    `records at the end: ${share(sum(({ full }) => full))} full, ${share(sum(({ provisional }) => provisional))} provisional, ${share(sum(({ none }) => none))} none; rounds without a root record: ${incompleteRounds} of ${rounds.length}`,
    `wall time a round: ${(rounds.reduce((total, { wallSeconds }) => total + wallSeconds, 0) / rounds.length).toFixed(2)} s`,
    ...Object.entries(outcomes).map(([behaviour, found]) => `${`deltas of ${behaviour} peers:`.padEnd(28)} ${counts(found)}`),
    `two votes in one step: proved of ${cheats} peers`,
    `refused messages: ${counts(refusals)}`,
    `troubles: ${counts(troubles)}`,
    `digest ${digest}`,
  ]
}

function counts(found: Readonly<Record<string, number>>): string {
  const entries = Object.entries(found).sort(([, a], [, b]) => b - a)
  return entries.length === 0 ? 'none' : entries.slice(0, 12).map(([what, count]) => `${count} ${what}`).join(', ')
}

function bytes(count: number): string {
  return count < 10_000 ? `${Math.round(count)} B` : count < 10_000_000 ? `${Math.round(count / 1000)} kB` : `${Math.round(count / 1e6)} MB`
}
