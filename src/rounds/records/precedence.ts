import type { PeerId, ContentId } from '../../network/index.js'

import type { ClusterHeader, Commit, Stored } from './cluster-record.js'
import { isHealed } from './fullness.js'

/** A chain from the last record that two chains share: its records beyond it, oldest first, and the commit of the last one. */
export interface Branch {
  readonly records: readonly Stored<ClusterHeader>[]
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
  return compareStandings(standingOf(a), standingOf(b), shared)
}

/** The same of branches that are known by their standing. */
export function compareStandings(a: Standing, b: Standing, shared: readonly Stored<ClusterHeader>[]): number {
  if (a.first === undefined || b.first === undefined) return (b.first === undefined ? 0 : 1) - (a.first === undefined ? 0 : 1)
  return b.full - a.full
    || voters(shared, b) - voters(shared, a)
    || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0)
}

/** Whether a branch holds a full record. */
export function hasFull(branch: Branch): boolean {
  return standingOf(branch).full >= 0
}

/** All of a branch that decides on its precedence. */
export interface Standing {
  /** Its first record; undefined where it has none. */
  readonly first: ContentId | undefined
  /** The round of its last full record, or -1. */
  readonly full: number
  readonly voters: ReadonlySet<PeerId>
}

export function standingOf({ records, commit }: Branch): Standing {
  const standing = new StandingOfLong()
  for (const record of records) standing.add(record)
  return standing.end(commit)
}

/** The standing of a branch that is read record by record, the oldest first: it may be too long for all to be held at once. */
export class StandingOfLong {
  private first: Stored<ClusterHeader> | undefined
  private last: Stored<ClusterHeader> | undefined
  private full = -1
  private readonly voters = new Set<PeerId>()

  add(next: Stored<ClusterHeader>): void {
    if (this.last !== undefined) this.see(this.last, next.record.carried)
    this.first ??= next
    this.last = next
    for (const voter of next.record.voters) this.voters.add(voter)
  }

  /** @param commit - of the last record */
  end(commit: Commit | null): Standing {
    if (this.last !== undefined) this.see(this.last, commit)
    return { first: this.first?.id, full: this.full, voters: this.voters }
  }

  private see({ record: { base, listed, released, round } }: Stored<ClusterHeader>, own: Commit | null): void {
    if (base === null || (own !== null && isHealed(base, released.length, own))) {
      this.full = round
      return
    }
    // Or the level above has made one of this branch full.
    const made = Math.max(base.round, listed?.round ?? -1)
    if (made >= this.first!.record.round) this.full = made
  }
}

/** Rosters rather than signatures are counted: of these every peer has seen other ones. */
function voters(shared: readonly Stored<ClusterHeader>[], branch: Standing): number {
  return new Set([...shared.flatMap(({ record }) => record.voters), ...branch.voters]).size
}
