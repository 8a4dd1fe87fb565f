import { encodeCanonical, hashCanonical } from '../identity/index.js'
import type { ContentId } from '../network/index.js'

/** Starts whatever a vote's signature covers, so that it proves nothing anywhere else. */
const DOMAIN = 'meshwright/vote/1'

/** One agreement: votes of another network, cluster, round or set of voters do not count in it. */
export interface Ballot {
  readonly network: ContentId
  readonly level: number
  readonly cluster: string
  readonly round: number
  /** The hash of the parent record and of the voters, so that a provisional round never shares votes with the full one. */
  readonly instance: ContentId
}

export interface BallotVote {
  readonly step: 'prevote' | 'precommit'
  readonly term: number
  /** Content id of a record; null is a vote for nothing. */
  readonly value: ContentId | null
}

/** Names the agreement of some voters on a successor of `parent`. */
export function instanceOf(parent: ContentId, voters: readonly string[]): ContentId {
  return hashCanonical(['meshwright/instance', parent, ...voters])
}

/**
 * The bytes that a voter signs.
 *
 * @param claim - what else the signature says: see `claimOf` in rounds/records/votes and `seatStatement` here
 */
export function voteStatement(ballot: Ballot, { step, term, value }: BallotVote, claim: string): Uint8Array {
  const { network, level, cluster, round, instance } = ballot
  return encodeCanonical([DOMAIN, network, level, cluster, round, instance, term, step, value, claim])
}
