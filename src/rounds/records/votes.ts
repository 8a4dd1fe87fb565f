import { instanceOf, voteStatement } from '../../hierarchy/index.js'
import type { Ballot, Verify } from '../../hierarchy/index.js'
import type { Signer } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Vote } from '../agreement/index.js'
import type { SignedVote } from '../messages/schemas.js'

import type { Cheat, ClusterHeader } from './cluster-record.js'

/** What a vote says besides its value: whether its voter is bound to another chain from the same base. */
const claimOf = (free: boolean): string => (free ? 'free' : 'bound')

/** The agreement of some voters on the record of a round of a cluster. */
export function clusterBallot(network: ContentId, cluster: string, round: number, parent: ContentId, voters: readonly PeerId[]): Ballot {
  return { network, level: 0, cluster, round, instance: instanceOf(parent, voters) }
}

/** The agreement in which a record was decided. */
export function ballotOf({ network, cluster, round, parent, voters }: ClusterHeader): Ballot {
  return clusterBallot(network, cluster, round, parent!, voters)
}

export function signVote(identity: Signer, ballot: Ballot, vote: Vote, free: boolean): SignedVote {
  const { step, term, value } = vote
  return { step, term, value, voter: identity.peerId, free, signature: identity.sign(voteStatement(ballot, vote, claimOf(free))) }
}

export function voteStands(ballot: Ballot, vote: SignedVote, verify: Verify): boolean {
  const place = `${ballot.network} ${ballot.level} ${ballot.cluster} ${ballot.round} ${ballot.instance}`
  const known = checked.get(vote)
  if (known?.place === place && known.verify === verify) return known.stands
  const stands = verify(vote.voter, voteStatement(ballot, vote, claimOf(vote.free)), vote.signature)
  checked.set(vote, { place, verify, stands })
  return stands
}

/** Votes that have been checked already: peers of one process hear the same ones. Votes never change. */
const checked = new WeakMap<SignedVote, { readonly place: string, readonly verify: Verify, readonly stands: boolean }>()

/** Whether a cheat's two votes are its own, of one step, and differ. */
export function cheatStands({ round, instance, first, second }: Cheat, network: ContentId, cluster: string, verify: Verify): boolean {
  const ballot: Ballot = { network, level: 0, cluster, round, instance }
  const sameStep = first.voter === second.voter && first.step === second.step && first.term === second.term
  return sameStep && first.value !== second.value && voteStands(ballot, first, verify) && voteStands(ballot, second, verify)
}
