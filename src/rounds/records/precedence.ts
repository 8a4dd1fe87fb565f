import type { ClusterRecord, Commit, Stored } from './cluster-record.js'
import { isHealed } from './fullness.js'

/** A chain from the last record that two chains share: its records beyond it, oldest first, and the commit of the last one. */
export interface Branch {
  readonly records: readonly Stored<ClusterRecord>[]
  readonly commit: Commit | null
}

/**
 * Which of two chains with a common beginning goes on: full beats provisional; then more signers, then the higher round, then the lower hash. A chain
 * that only continues the other goes on.
 *
 * @returns below 0 where `a` goes on, above 0 where `b` does, 0 where they are one
 */
export function compareBranches(a: Branch, b: Branch): number {
  if (a.records.length === 0 || b.records.length === 0) return b.records.length - a.records.length
  const lastA = a.records.at(-1)!
  const lastB = b.records.at(-1)!
  return fullRound(b) - fullRound(a)
    || signers(b) - signers(a)
    || lastB.record.round - lastA.record.round
    || (lastA.id < lastB.id ? -1 : lastA.id > lastB.id ? 1 : 0)
}

/** The round of the last full record of a branch, or -1. */
function fullRound({ records, commit }: Branch): number {
  for (let at = records.length - 1; at >= 0; at--) {
    const { record } = records[at]!
    const own = records[at + 1]?.record.carried ?? commit
    if (record.base === null || (own !== null && isHealed(record.base, own))) return record.round
    // A later base shows that a record above has made one of this branch full.
    if (record.base.round >= records[0]!.record.round) return record.base.round
  }
  return -1
}

function signers({ commit }: Branch): number {
  return commit?.precommits.length ?? 0
}

/** Whether a branch holds a full record. */
export function hasFull(branch: Branch): boolean {
  return fullRound(branch) >= 0
}
