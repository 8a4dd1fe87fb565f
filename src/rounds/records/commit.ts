import { quorumOf, rank } from '../../hierarchy/index.js'
import type { Verify } from '../../hierarchy/index.js'
import type { PeerId } from '../../network/index.js'
import { RoundsError } from '../errors.js'

import type { ClusterRecord, Commit, FullPoint, Stored } from './cluster-record.js'
import { isHealed } from './fullness.js'
import { ballotOf, voteStands } from './votes.js'

/**
 * Checks that enough voters of a record signed it.
 *
 * @throws RoundsError COMMIT_REFUSED
 */
export function checkCommit({ id, record }: Stored<ClusterRecord>, commit: Commit, verify: Verify): void {
  const { voters } = record
  const signers = commit.precommits.map(({ peer }) => peer)
  const quorum = quorumOf(voters.length)
  if (new Set(signers).size < signers.length || !signers.every((peer) => voters.includes(peer)) || signers.length < quorum) {
    throw new RoundsError('COMMIT_REFUSED', `${signers.length} signatures under record ${id.slice(0, 12)} of round ${record.round} are no quorum of its ${voters.length} voters, which is ${quorum}`)
  }
  const ballot = ballotOf(record)
  for (const { peer, free, signature } of commit.precommits) {
    if (!voteStands(ballot, { step: 'precommit', term: commit.term, value: id, voter: peer, free, signature }, verify)) {
      throw new RoundsError('COMMIT_REFUSED', `the precommit of ${peer} under record ${id.slice(0, 12)} of round ${record.round} is not signed by it`)
    }
  }
}

/**
 * Checks what makes a record a possible successor of another without its evidence: links, voters, base, the commit that it carries. With its own
 * commit this is enough to follow a chain.
 *
 * @throws RoundsError CHAIN_REFUSED, COMMIT_REFUSED
 */
export function checkSuccessor(parent: Stored<ClusterRecord>, next: Stored<ClusterRecord>, verify: Verify): void {
  const { record } = next
  const before = parent.record
  const refuse = (what: string): never => {
    throw new RoundsError('CHAIN_REFUSED', `record ${next.id.slice(0, 12)} of round ${record.round} cannot follow ${parent.id.slice(0, 12)} of round ${before.round}: ${what}`)
  }
  if (record.parent !== parent.id || record.round !== before.round + 1) refuse('it names another parent or round')
  if (record.network !== before.network || record.cluster !== before.cluster || record.domain !== before.domain) refuse('it is of another cluster')
  if (before.round > 0) {
    if (record.carried === null) refuse('it carries no commit of its parent')
    else checkCommit(parent, record.carried, verify)
  } else if (record.carried !== null) {
    refuse('the founding record has no commit to carry')
  }
  const order = rank(before.members, before.cluster).filter((peer) => record.voters.includes(peer))
  if (order.length !== record.voters.length || order.some((peer, at) => record.voters[at] !== peer)) refuse('its voters are not members in their order')
  if (record.base === null) {
    if (!isFull(parent, record.carried) || record.voters.length !== before.members.length) refuse('it is not provisional, but not agreed on by all members of a full record')
  } else {
    const point = record.base
    if (!record.voters.every((peer) => point.members.includes(peer))) refuse('some of its voters are no members of its base')
    if (isFull(parent, record.carried) ? point.record !== parent.id : before.base !== null && point.record !== before.base.record && point.round < before.base.round) refuse('its base is not the last full record')
  }
}

/** Whether a record is final: it was agreed on by a quorum of a full record's members, or by as many of its base's. */
function isFull({ record }: Stored<ClusterRecord>, commit: Commit | null): boolean {
  return record.base === null || (commit !== null && isHealed(record.base, commit))
}

/** The peers that signed a commit. */
export function signersOf(commit: Commit): PeerId[] {
  return commit.precommits.map(({ peer }) => peer)
}

/** The founding record's place, or that of a record known to be full. */
export function fullPointAt({ id, record }: Stored<ClusterRecord>): FullPoint {
  return { record: id, round: record.round, members: record.members.map(({ peer }) => peer) }
}
