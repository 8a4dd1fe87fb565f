import { certificateStands, quorumOf } from '../../hierarchy/index.js'
import type { Verify } from '../../hierarchy/index.js'
import { RoundsError } from '../errors.js'
import type { Stored } from '../records/cluster-record.js'

import { activeSeats, levelBallot, seatOrder } from '../records/level-record.js'
import type { LevelCommit, LevelRecord } from '../records/level-record.js'

/**
 * Checks that a quorum of the active seats agreed on a record, each by enough of those who speak for it.
 *
 * @throws RoundsError COMMIT_REFUSED
 */
export function checkLevelCommit(parent: Stored<LevelRecord>, stored: Stored<LevelRecord>, commit: LevelCommit, verify: Verify): void {
  const known = checked.get(commit)
  if (known?.id === stored.id && known.parent === parent.id && known.verify === verify) return
  checkCertificates(parent, stored, commit, verify)
  checked.set(commit, { id: stored.id, parent: parent.id, verify })
}

/** Commits that stand: a report's is looked at by several levels of a peer, and again at every try. Commits never change. */
const checked = new WeakMap<LevelCommit, { readonly id: string, readonly parent: string, readonly verify: Verify }>()

function checkCertificates(parent: Stored<LevelRecord>, { id: value, record }: Stored<LevelRecord>, commit: LevelCommit, verify: Verify): void {
  const seats = new Map(activeSeats(parent.record).map(({ seat, members }) => [seat, members]))
  const next = new Map(record.seats.map(({ seat, members }) => [seat, members]))
  const ballot = levelBallot(parent)
  const names = new Set(commit.seats.map(({ seat }) => seat))
  const quorum = quorumOf(seats.size)
  if (names.size < commit.seats.length || commit.seats.length < quorum) {
    throw new RoundsError('COMMIT_REFUSED', `${commit.seats.length} seats under the record ${value.slice(0, 12)} of round ${record.round} of ${record.cluster} are no quorum of the ${seats.size} active ones, which is ${quorum}`)
  }
  for (const certificate of commit.seats) {
    const listed = seats.get(certificate.seat)
    if (listed === undefined || !certificateStands({ ...certificate, step: 'precommit', term: commit.term, value }, { listed, reported: next.get(certificate.seat) }, ballot, verify)) {
      throw new RoundsError('COMMIT_REFUSED', `the seat ${certificate.seat} did not sign the record ${value.slice(0, 12)} of round ${record.round} of ${record.cluster}: too few of its members did`)
    }
  }
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
  if (record.carried !== null && grandparent !== undefined) checkLevelCommit(grandparent, parent, record.carried, verify)
}
