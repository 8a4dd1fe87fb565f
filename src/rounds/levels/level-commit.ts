import { certificateStands, honestMinimum, isSigned, isVouchedFor, quorumOf } from '../../hierarchy/index.js'
import type { SeatCertificate, Verify } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { RoundsError } from '../errors.js'
import type { Stored } from '../records/cluster-record.js'

import { activeSeats, levelBallot, seatOrder } from '../records/level-record.js'
import type { LevelCommit, LevelRecord } from '../records/level-record.js'

/** Later rosters of seats that have been proved, by the commit that a certificate names. */
export type ProvedRosters = ReadonlyMap<ContentId, readonly PeerId[]>

/** What stands for the proof of rosters that a commit names, where another record follows from the one that the commit is of: its voters have had the proof. */
export const HAS_SUCCESSOR = 'has a successor'

/**
 * Checks that a quorum of the active seats agreed on a record, each by enough of those who speak for it, and that some of them vouch for whom it lists.
 *
 * @param proved - rosters that the certificates may name beside those of the two records; by default none
 * @throws RoundsError COMMIT_REFUSED; EVIDENCE_REFUSED where it may stand, but names rosters that have not been proved
 */
export function checkLevelCommit(parent: Stored<LevelRecord>, stored: Stored<LevelRecord>, commit: LevelCommit, verify: Verify, proved: ProvedRosters | typeof HAS_SUCCESSOR = new Map<ContentId, readonly PeerId[]>()): void {
  const known = checked.get(commit)
  if (known?.id === stored.id && known.parent === parent.id && known.verify === verify && (known.isProved || proved === HAS_SUCCESSOR)) return
  checkCertificates(parent, stored, commit, verify, proved)
  checked.set(commit, { id: stored.id, parent: parent.id, verify, isProved: proved !== HAS_SUCCESSOR })
}

/** Commits that stand: a report's is looked at by several levels of a peer, and again at every try. Commits never change. */
const checked = new WeakMap<LevelCommit, { readonly id: string, readonly parent: string, readonly verify: Verify, readonly isProved: boolean }>()

function checkCertificates(parent: Stored<LevelRecord>, { id: value, record }: Stored<LevelRecord>, commit: LevelCommit, verify: Verify, proved: ProvedRosters | typeof HAS_SUCCESSOR): void {
  const seats = new Map(activeSeats(parent.record).map(({ seat, members }) => [seat, members]))
  const next = new Map(record.seats.map(({ seat, members }) => [seat, members]))
  const ballot = levelBallot(parent)
  const what = `the record ${value.slice(0, 12)} of round ${record.round} of ${record.cluster}`
  const refuse = (why: string): never => {
    throw new RoundsError('COMMIT_REFUSED', `${what} cannot be taken for agreed on: ${why}`)
  }
  const certificates = commit.seats.map((one): SeatCertificate => ({ ...one, step: 'precommit', term: commit.term, value }))
  if (new Set(certificates.map(({ seat }) => seat)).size < certificates.length) refuse('it has two certificates of one seat')
  let standing = 0
  let unproved = 0
  let vouching = 0
  for (const certificate of certificates) {
    const { seat, through } = certificate
    const listed = seats.get(seat)
    if (listed === undefined) return refuse(`${seat} is no active seat`)
    if (isVouchedFor(certificate, listed)) vouching++
    if (!isSigned(certificate, ballot, verify)) refuse(`a signature of the seat ${seat} is wrong`)
    const later = through === undefined || proved === HAS_SUCCESSOR ? undefined : proved.get(through.commit)
    const isTaken = through !== undefined && proved === HAS_SUCCESSOR
    if (isTaken || certificateStands(certificate, { listed, reported: next.get(seat), later }, ballot, verify)) standing++
    else if (through !== undefined && later === undefined) unproved++
    else refuse(`too few members of the seat ${seat} signed it`)
  }
  const quorum = quorumOf(seats.size)
  // Of these nothing can be said, neither for nor against.
  if (standing < quorum && standing + unproved >= quorum) throw new RoundsError('EVIDENCE_REFUSED', `${what} cannot be taken for agreed on yet: ${unproved} seats speak through rosters that are not proved here; its successor will show that others have the proof`)
  if (standing < quorum) refuse(`${standing} seats are no quorum of the ${seats.size} active ones, which is ${quorum}`)
  if (vouching < honestMinimum(seats.size)) refuse(`${vouching} of ${seats.size} seats vouch for those whom it lists, and it takes ${honestMinimum(seats.size)}`)
}

/**
 * Checks that a record follows another, apart from its own commit.
 *
 * @param grandparent - whose seats signed the parent; where it is not given the parent is taken for agreed on
 * @throws RoundsError CHAIN_REFUSED, COMMIT_REFUSED
 */
export function checkLevelSuccessor(grandparent: Stored<LevelRecord> | undefined, parent: Stored<LevelRecord>, next: Stored<LevelRecord>, verify: Verify): void {
  const { record } = next
  const refuse = (what: string): never => {
    throw new RoundsError('CHAIN_REFUSED', `the record ${next.id.slice(0, 12)} of round ${record.round} of ${record.cluster} cannot follow ${parent.id.slice(0, 12)}: ${what}`)
  }
  if (record.parent !== parent.id || record.round !== parent.record.round + 1) refuse('it names another parent or round')
  if (record.network !== parent.record.network || record.cluster !== parent.record.cluster || record.level !== parent.record.level) refuse('it is of another cluster')
  if (record.policy < parent.record.policy) refuse('it goes back to an older policy')
  const order = seatOrder(parent.record)
  if (order.length !== record.voters.length || order.some((seat, at) => record.voters[at] !== seat)) refuse('its voters are not the active seats in their order')
  if ((record.carried === null) !== (parent.record.round === 0)) refuse('it must carry the commit of its parent, and the founding record has none')
  if (record.carried !== null && grandparent !== undefined) checkLevelCommit(grandparent, parent, record.carried, verify, HAS_SUCCESSOR)
}
