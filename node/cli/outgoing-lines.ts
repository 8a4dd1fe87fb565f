import type { Explained } from '../daemon/explain.js'
import type { LedgerEntry } from '../daemon/ledger/entry.js'
import type { LedgerReport } from '../daemon/ledger/ledger.js'
import { bytesText } from '../terminal/numbers.js'
import { table } from '../terminal/table.js'
import { readable } from './output.js'

/** What `inspect outgoing --json` prints. */
export interface Outgoing extends LedgerReport {
  readonly entries: readonly (LedgerEntry & { readonly content?: Explained })[]
}

const HOW = { sent: 'message', offered: 'offered', pulled: 'pulled by others' } as const

/** What has left a node, for a terminal. */
export function outgoingLines({ since, runs, crashes, entriesSince, totals, wire, servedBytes, sentBytes, entries }: Outgoing): string[] {
  const crash = crashes.at(-1)
  return [
    `Left this node since ${timeText(since)}${runs > 1 ? `, in ${runs} runs` : ''}: ${bytesText(sentBytes)}, of which others pulled ${bytesText(servedBytes)}`,
    ...crash ? [`${crashes.length === 1 ? 'One run' : `${crashes.length} runs, at last one`} ended without notice soon after ${timeText(crash.written)}: what left from then to its end is missing here`] : [],
    '',
    ...table(['what', 'how', 'count', 'bytes', 'sent'], totals.map(({ kind, action, count, bytes, sentBytes: sent }) => [
      kind, HOW[action], count, bytesText(bytes), action === 'offered' ? '-' : bytesText(sent),
    ])),
    '',
    ...table(['on the wire', 'bytes'], [...wire.map(({ name, bytes }) => [name, bytesText(bytes)]), ['all', bytesText(sentBytes)]]),
    '',
    `Entries (none is missing since ${timeText(entriesSince)})`,
    ...entries.flatMap(entryLines),
  ]
}

function entryLines(entry: Outgoing['entries'][number]): string[] {
  const { time, kind, bytes, hash, content } = entry
  return [
    `${new Date(time).toISOString()}  ${kind.padEnd(12)} ${bytesText(bytes).padStart(9)}  ${hash.slice(0, 12)}  ${whereOf(entry)}`,
    ...content ? readable(content.payload).split('\n').map((line) => `    ${line}`) : [],
  ]
}

function whereOf({ action, to, recipients, bytes, contentBytes = bytes }: LedgerEntry): string {
  switch (action) {
    case 'sent': return `to ${recipients} ${recipients === 1 ? 'peer' : 'peers'} on ${to}`
    case 'offered': return 'offered to the cluster'
    case 'pulled': return `pulled by ${to}${bytes < contentBytes ? `, a part of ${bytesText(contentBytes)}` : ''}`
  }
}

function timeText(time: number): string {
  return new Date(time).toISOString()
}
