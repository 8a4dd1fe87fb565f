import { releasedQuorum } from '../../hierarchy/index.js'
import type { ContentId } from '../../network/index.js'

import type { ClusterHeader, Commit, FullPoint, Stored } from './cluster-record.js'

/**
 * Whether a provisional record has become final by its own commit: a quorum of its base's members signed it, and none of these is bound to another
 * chain from that base. Then no other successor of the base can gather a quorum of free members any more. Members that have promised not to sign are
 * taken off the quorum.
 */
export function isHealed(base: FullPoint, released: number, commit: Commit): boolean {
  const signers = commit.precommits.filter(({ peer, free }) => free && base.members.includes(peer))
  return signers.length >= releasedQuorum(base.members.length, released)
}

/**
 * The last full record up to and including `parent`.
 *
 * @param commit - the commit of the parent that the next record carries
 */
export function fullPoint({ id, record }: Stored<ClusterHeader>, commit: Commit | null): FullPoint {
  const { base, listed, released } = record
  if (base === null || (commit !== null && isHealed(base, released.length, commit))) return { record: id, round: record.round, members: record.members.map(({ peer }) => peer) }
  return listed !== null && listed.round > base.round ? listed : base
}

/** What a record says of the listing above: what has come down with it, or what its parent said. */
export function listedAfter(parent: Stored<ClusterHeader>, above: FullPoint | null | undefined): FullPoint | null {
  return above ?? parent.record.listed
}

/**
 * A voter's promise: the last record that it precommitted to and that could become full. It must not help another successor of the same base to
 * become full as well.
 */
export interface Pledge {
  readonly record: ContentId
  /** In which agreement. */
  readonly instance: ContentId
  readonly base: ContentId
}

/**
 * Whether a voter may call its precommit to a provisional record free.
 *
 * @param ancestors - all records of the chain back to its base, the parent first
 */
export function isFree(pledge: Pledge | undefined, base: ContentId, instance: ContentId, ancestors: readonly ContentId[]): boolean {
  if (pledge === undefined || pledge.base !== base) return true
  return pledge.instance === instance || ancestors.includes(pledge.record)
}
