import { quorumOf, rank } from '../../hierarchy/index.js'
import type { Verify } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { RoundsError } from '../errors.js'
import { topMadeBy } from './first-top.js'

import type { ClusterHeader, Commit, FullPoint, Stored } from './cluster-record.js'
import { fullPoint, listedAfter } from './fullness.js'
import { releasedStand } from './released.js'
import { countsOn, countsSmall } from './roll-call.js'
import { decidedOf, strayFrom } from './split.js'
import { ballotOf, voteStands } from './votes.js'

/**
 * Checks that enough voters of a record signed it.
 *
 * @throws RoundsError COMMIT_REFUSED
 */
export function checkCommit(stored: Stored<ClusterHeader>, commit: Commit, verify: Verify): void {
  const known = checked.get(commit)
  if (known?.id === stored.id && known.verify === verify) return
  checkSignatures(decidedOf(stored), commit, verify)
  checked.set(commit, { id: stored.id, verify })
}

/** Commits that stand, with their records: an offer's is looked at again at every heartbeat. Commits never change. */
const checked = new WeakMap<Commit, { readonly id: ContentId, readonly verify: Verify }>()

function checkSignatures({ id, record }: Stored<ClusterHeader>, commit: Commit, verify: Verify): void {
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
 * @param above - the last record of the chain that the level above has made full, between what the two have taken over from it
 * @throws RoundsError CHAIN_REFUSED, COMMIT_REFUSED
 */
export function checkSuccessor(parent: Stored<ClusterHeader>, next: Stored<ClusterHeader>, above: FullPoint | null | undefined, verify: Verify): void {
  const { record } = decidedOf(next)
  const before = parent.record
  const refuse = (what: string): never => {
    throw new RoundsError('CHAIN_REFUSED', `record ${next.id.slice(0, 12)} of round ${record.round} cannot follow ${parent.id.slice(0, 12)} of round ${before.round}: ${what}`)
  }
  if (record.parent !== parent.id || record.round !== before.round + 1) refuse('it names another parent or round')
  if (!countsOn(parent, record)) refuse('it counts other trainings')
  if (!countsSmall(before, record)) refuse('it has been too small for another while')
  if (record.network !== before.network || record.cluster !== before.cluster || record.domain !== before.domain) refuse('it is of another cluster')
  const stray = strayFrom(before, record)
  if (stray !== undefined) refuse(stray)
  const top = topMadeBy(before, { record })
  if (top !== undefined && top.id !== record.upper.record) refuse('it names another level above than its split makes')
  if (before.round > 0) {
    if (record.carried === null) refuse('it carries no commit of its parent')
    else checkCommit(parent, record.carried, verify)
  } else if (record.carried !== null) {
    refuse('the founding record has no commit to carry')
  }
  if (record.policy < before.policy) refuse('it goes back to an older policy')
  const order = rank(before.members, before.cluster).filter((peer) => record.voters.includes(peer))
  if (order.length !== record.voters.length || order.some((peer, at) => record.voters[at] !== peer)) refuse('its voters are not members in their order')
  const point = fullPoint(parent, record.carried)
  if (!record.voters.every((peer) => point.members.includes(peer))) refuse('some of its voters are no members of the last full record')
  const base = baseOf(parent, record.voters, point)
  if (!isSamePoint(base, record.base)) refuse('its base is not the last full record')
  if (record.base === null ? record.released.length > 0 : !releasedStand(before, point, record, verify)) refuse('it releases members that have not promised to sign no more')
  if (!isSamePoint(listedAfter(parent, above), record.listed)) refuse('the level above has not made full what it says')
}

/** What a record with these voters names as its base: null where all members of a full record agree on it. */
export function baseOf(parent: Stored<ClusterHeader>, voters: readonly PeerId[], point: FullPoint): FullPoint | null {
  return point.record === parent.id && voters.length === parent.record.members.length ? null : point
}

function isSamePoint(a: FullPoint | null, b: FullPoint | null): boolean {
  return a?.record === b?.record && a?.round === b?.round && a?.members.join() === b?.members.join()
}

/** The peers that signed a commit. */
export function signersOf(commit: Commit): PeerId[] {
  return commit.precommits.map(({ peer }) => peer)
}

/** The founding record's place, or that of a record known to be full. */
export function fullPointAt({ id, record }: Stored<ClusterHeader>): FullPoint {
  return { record: id, round: record.round, members: record.members.map(({ peer }) => peer) }
}
