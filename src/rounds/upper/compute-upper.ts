import { decodeDelta, deltaSquaredNorm, encodedLength } from '../../adapter/index.js'
import { aggregate, ONE, outerStep, weigh } from '../../aggregation/index.js'
import type { Candidate } from '../../aggregation/index.js'
import { afterCommit, missedTurns, quorumOf } from '../../hierarchy/index.js'
import type { Verify } from '../../hierarchy/index.js'
import { contentId } from '../../identity/index.js'
import type { ContentId } from '../../network/index.js'
import { RoundsError } from '../errors.js'
import { LATE_ROUNDS } from '../limits.js'
import type { RoundPolicy } from '../policy.js'
import { name } from '../records/arrays.js'
import type { Named } from '../records/arrays.js'
import { checkCommit, fullPointAt } from '../records/commit.js'
import type { ClusterHeader, Commit, FullPoint, Stored } from '../records/cluster-record.js'

import { asMember, encodeUpperRecord, recentUpper, seatOrder } from './upper-record.js'
import type { Seat, UpperCommit, UpperEntry, UpperRecord } from './upper-record.js'

/** A cluster's offer with all that proves it. */
export interface CheckedOffer {
  readonly seat: string
  readonly stored: Stored<ClusterHeader>
  readonly commit: Commit
  readonly commitId: ContentId
  readonly content: Uint8Array
  readonly velocity: Uint8Array
}

export interface UpperState {
  readonly adapter: Named
  readonly velocity: Named
}

export interface UpperInput {
  readonly policy: RoundPolicy
  readonly parent: Stored<UpperRecord>
  readonly carried: UpperCommit | null
  readonly state: UpperState
  readonly offers: readonly CheckedOffer[]
}

export interface ComputedUpper {
  readonly stored: Stored<UpperRecord>
  readonly state: UpperState
  /** Where each counted cluster is full from now on. */
  readonly points: ReadonlyMap<string, FullPoint>
}

/**
 * Checks that a cluster may make this offer to the successor of `parent`: that it was agreed on by the members that the parent lists, or by more than
 * half of them while it goes on provisionally, and that its change starts from a recent record above.
 *
 * @throws RoundsError EVIDENCE_REFUSED, COMMIT_REFUSED
 */
export function checkOffer(parent: Stored<UpperRecord>, { seat, stored, commit, content, velocity }: CheckedOffer, length: number, verify: Verify): void {
  const { record } = stored
  const refuse = (what: string): never => { throw new RoundsError('EVIDENCE_REFUSED', `the offer of ${seat} from its round ${record.round} is refused: ${what}`) }
  const listed = parent.record.seats.find((one) => one.seat === seat)
  if (listed === undefined || record.cluster !== seat || record.network !== parent.record.network) return refuse('there is no such seat')
  if (record.offer === null) return refuse('its record makes no offer')
  // An offer stands in its cluster's records until an answer has come down; it must not count twice meanwhile.
  if (record.offer.round <= listed.round) refuse('it has counted, or a later one has')
  if (!recentUpper(parent).includes(record.upper.record)) refuse(`its change starts from round ${record.upper.round} above, more than ${LATE_ROUNDS} rounds ago`)
  checkCommit(stored, commit, verify)
  // Counting a provisional record makes it full: its members must not have helped another record to become so, which may exist unseen.
  const signers = commit.precommits.filter(({ peer, free }) => listed.members.includes(peer) && (record.base === null || free)).length
  const enough = record.base === null ? signers >= quorumOf(listed.members.length) : 2 * signers > listed.members.length
  if (!enough) refuse(`${signers} of its ${listed.members.length} listed members signed it and are free to`)
  const size = encodedLength(length)
  if (content.length !== size || velocity.length !== size) refuse(`${content.length} and ${velocity.length} bytes are not the ${size} of an encoded adapter`)
  if (contentId(content) !== record.offer.content || contentId(velocity) !== record.offer.velocity) refuse('its bytes are not those of its record')
}

/** The record of a round of seats, as pure as that of a cluster. The offers must have been checked. */
export function computeUpper({ policy, parent, carried, state, offers }: UpperInput): ComputedUpper {
  const length = state.adapter.values.length
  const round = parent.record.round + 1
  const recent = recentUpper(parent)
  const ordered = offers.toSorted((a, b) => (a.seat < b.seat ? -1 : 1))
  const firstWith = (content: string): number => ordered.findIndex(({ stored }) => stored.record.offer!.content === content)
  const candidates = ordered.filter(({ stored }, at) => firstWith(stored.record.offer!.content) === at).map(({ seat, stored, content }): Candidate => ({
    id: contentId(content),
    peer: seat,
    tokens: stored.record.offer!.tokens,
    reputation: ONE,
    firstRound: false,
    staleness: recent.indexOf(stored.record.upper.record),
    squaredNorm: deltaSquaredNorm(content, length),
  }))
  const weighing = weigh(candidates, new Map(), policy.weighing)
  const outcomes = new Map(weighing.outcomes.map((outcome) => [outcome.id, outcome]))

  const entries = ordered.map(({ seat, stored, commitId }, at): UpperEntry => {
    const offer = stored.record.offer!
    const outcome = outcomes.get(offer.content)!
    const late = stored.record.upper.record !== parent.id
    const common = { seat, record: stored.id, commit: commitId, round: stored.record.round, content: offer.content, velocity: offer.velocity, tokens: offer.tokens }
    if (firstWith(offer.content) !== at) return { ...common, outcome: 'refused', reason: 'DUPLICATE', weight: 0, clip: 0 }
    return outcome.outcome === 'counted'
      ? { ...common, outcome: late ? 'late' : 'counted', reason: '', weight: outcome.weight, clip: outcome.clip }
      : { ...common, outcome: 'refused', reason: outcome.reason, weight: 0, clip: 0 }
  })
  const counted = ordered.map((offer, at) => ({ offer, entry: entries[at]! })).filter(({ entry }) => entry.weight > 0)
  const sum = (bytes: (offer: CheckedOffer) => Uint8Array, clip: (entry: UpperEntry) => number): Float32Array => aggregate(
    counted.map(({ offer, entry }) => ({ id: entry.content, weight: entry.weight, clip: clip(entry), values: decodeDelta(bytes(offer), length) })), length)
  const next = outerStep({ adapter: state.adapter.values, velocity: state.velocity.values, aggregate: sum(({ content }) => content, ({ clip }) => clip) }, { rate: 1, momentum: 0 })
  const after: UpperState = { adapter: name(next.adapter), velocity: name(sum(({ velocity }) => velocity, () => ONE)) }
  const points = new Map(counted.map(({ offer }) => [offer.seat, fullPointAt(offer.stored)]))

  const voters = [...seatOrder(parent.record)]
  const stored = encodeUpperRecord({
    kind: 'upper',
    version: 1,
    network: parent.record.network,
    policy: policy.version,
    level: 1,
    cluster: parent.record.cluster,
    round,
    parent: parent.id,
    carried,
    ancestors: [...parent.record.parent === null ? [] : [parent.record.parent], ...parent.record.ancestors].slice(0, LATE_ROUNDS + 1),
    voters,
    entries,
    seats: parent.record.seats.map((seat) => nextSeat(seat, parent.record, carried, points.get(seat.seat))),
    adapter: after.adapter.id,
    velocity: after.velocity.id,
  })
  return { stored, state: after, points }
}

function nextSeat(seat: Seat, parent: UpperRecord, carried: UpperCommit | null, point: FullPoint | undefined): Seat {
  const shown = carried === null
    ? asMember(seat)
    : afterCommit(asMember(seat), {
        signed: carried.seats.some((one) => one.seat === seat.seat),
        missed: missedTurns(parent.voters, carried.term).includes(seat.seat),
      })
  const { reputation, misses, presence } = shown
  const place = point === undefined ? {} : { record: point.record, round: point.round, members: [...point.members] }
  return { ...seat, ...place, reputation, misses, presence }
}
