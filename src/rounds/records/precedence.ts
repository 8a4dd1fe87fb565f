import type { ClusterHeader, Commit, Stored, StoredRecord } from './cluster-record.js'
import { isHealed } from './fullness.js'

/** A chain from the last record that two chains share: its records beyond it, oldest first, and the commit of the last one. */
export interface Branch {
  readonly records: readonly StoredRecord[]
  readonly commit: Commit | null
}

/**
 * Which of two chains with a common beginning goes on: full beats provisional; then more peers that have had a vote since the last full record, then the
 * lower hash of the first record after the common beginning. A chain that only continues the other goes on.
 *
 * All of it grows with a chain or stays, so a chain that has precedence keeps it when it goes on, and any number of chains has one order: nobody goes in circles.
 * Heights do not count: each of two sides that make records faster than it pulls those of the other would see itself ahead, for ever.
 *
 * @param shared - provisional records before the two part, if there are any
 * @returns below 0 where `a` goes on, above 0 where `b` does, 0 where they are one
 */
export function compareBranches(a: Branch, b: Branch, shared: readonly Stored<ClusterHeader>[]): number {
  if (a.records.length === 0 || b.records.length === 0) return b.records.length - a.records.length
  const [firstA, firstB] = [a.records[0]!.id, b.records[0]!.id]
  return fullRound(b) - fullRound(a)
    || voters([...shared, ...b.records]) - voters([...shared, ...a.records])
    || (firstA < firstB ? -1 : firstA > firstB ? 1 : 0)
}

/** Whether a branch holds a full record. */
export function hasFull(branch: Branch): boolean {
  return fullRound(branch) >= 0
}

/** The round of the last full record of a branch, or -1. */
function fullRound({ records, commit }: Branch): number {
  for (let at = records.length - 1; at >= 0; at--) {
    const { record } = records[at]!
    const own = records[at + 1]?.record.carried ?? commit
    if (record.base === null || (own !== null && isHealed(record.base, record.released.length, own))) return record.round
    // Or the level above has made one of this branch full.
    const made = Math.max(record.base.round, record.listed?.round ?? -1)
    if (made >= records[0]!.record.round) return made
  }
  return -1
}

/** Rosters rather than signatures are counted: of these every peer has seen other ones. */
function voters(records: readonly Stored<ClusterHeader>[]): number {
  return new Set(records.flatMap(({ record }) => record.voters)).size
}
