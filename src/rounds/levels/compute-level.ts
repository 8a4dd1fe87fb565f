import { decodeDelta, deltaSquaredNorm } from '../../adapter/index.js'
import { aggregate, ONE, outerStep, weigh } from '../../aggregation/index.js'
import type { Candidate, Outcome } from '../../aggregation/index.js'
import { afterCommit, drawDelegates, isDissolved, missedTurns, quorumOf, seatToClose } from '../../hierarchy/index.js'
import { contentId } from '../../identity/index.js'
import { LATE_ROUNDS, MAXIMUM_MEMBERS } from '../limits.js'
import type { RoundPolicy } from '../policy.js'
import { name } from '../records/arrays.js'
import type { Stored } from '../records/cluster-record.js'
import type { FromAbove, RecordState } from '../records/state.js'
import { loweredRollback, restoredValues } from '../records/rollback.js'
import type { Restored } from '../records/rollback.js'
import { lower, offerOf } from '../records/up-and-down.js'

import { activeSeats, asMember, bornSeat, encodeLevelRecord, recentRecords, seatOrder } from '../records/level-record.js'
import type { LevelCommit, LevelEntry, LevelRecord, Seat } from '../records/level-record.js'
import type { CompleteReport, OfferBytes } from './report.js'

export interface LevelInput {
  /** By which the round is computed. */
  readonly policy: RoundPolicy
  /** By which the next one will be: `nextPolicy` says which. */
  readonly next: RoundPolicy
  readonly parent: Stored<LevelRecord>
  readonly carried: LevelCommit | null
  readonly state: RecordState
  /** What the seats report, each once; checked. */
  readonly reports: readonly CompleteReport[]
  /** The newest record of the level above, where it is newer than the parent's. */
  readonly above: FromAbove | undefined
  /** What the owners have the network go back to, where this is its top and has not done so. */
  readonly restored: Restored | undefined
  /** Whether there is no level above. */
  readonly isTop: boolean
}

export interface ComputedLevel {
  readonly stored: Stored<LevelRecord>
  readonly state: RecordState
}

/** One seat's offer as it is weighed. */
interface Weighed extends OfferBytes {
  readonly seat: string
  readonly outcome: Outcome | undefined
}

/** The record of a round of seats, as pure as that of a cluster. */
export function computeLevel({ policy, next, parent, carried, state, reports, above, isTop, ...input }: LevelInput): ComputedLevel {
  const length = state.adapter.values.length
  const round = parent.record.round + 1
  const ordered = reports.toSorted((a, b) => (a.seat < b.seat ? -1 : 1))
  const restored = input.restored ?? loweredRollback(parent.record, above)
  const weighed = weighOffers(parent, ordered, length, policy)
  const entries = ordered.map((report) => entryOf(parent, report, weighed.get(report.seat), restored !== undefined))
  const counted = entries.flatMap(({ seat, weight, clip }) => (weight === 0 ? [] : [{ weight, clip, ...weighed.get(seat)! }]))

  const start = restored === undefined ? lower(parent.record, state, above) : restoredValues(parent.record, state, above, restored)
  const sum = (bytes: (offer: OfferBytes) => Uint8Array, clipOf: (clip: number) => number): Float32Array => aggregate(
    counted.map((one) => ({ id: one.offer.content, weight: one.weight, clip: clipOf(one.clip), values: decodeDelta(bytes(one), length) })), length)
  const moved = counted.length === 0
    ? { adapter: start.adapter, velocity: start.velocity }
    : { adapter: outerStep({ adapter: start.adapter, velocity: start.velocity, aggregate: sum(({ content }) => content, (clip) => clip) }, { rate: shareOf(counted.length, parent.record), momentum: 0 }).adapter, velocity: sum(({ velocity }) => velocity, () => ONE) }
  const tokens = isTop ? 0 : start.tokens + counted.reduce((total, { offer }) => total + offer.tokens, 0)
  // No cadence of its own: a level has something to offer when the one below it had.
  const offered = start.open ?? (!isTop && tokens > 0 ? offerOf(round, moved.adapter, moved.velocity, start, tokens) : undefined)

  const after: RecordState = { adapter: name(moved.adapter), velocity: name(moved.velocity), residual: name(start.residual), upper: name(start.upperValues), offer: offered?.state ?? null }
  const before = parent.record.seats.map((seat) => nextSeat(seat, parent.record, carried, ordered.find((report) => report.seat === seat.seat), entries))
  const closed = seatToClose(before, ordered.filter((report) => report.asksToClose), round, parent.record.closed)
  // Members of a cluster of peers find another place; those behind a cluster of seats could not.
  const seats = before.filter((seat) => parent.record.level > 1 || (!isDissolved(seat, round) && seat.seat !== closed))
  seats.push(...bornSeats(seats, ordered, round))
  seats.sort((a, b) => (a.seat < b.seat ? -1 : 1))
  const stored = encodeLevelRecord({
    kind: 'level',
    version: 1,
    network: parent.record.network,
    policy: next.version,
    level: parent.record.level,
    cluster: parent.record.cluster,
    round,
    parent: parent.id,
    carried,
    ancestors: [...parent.record.parent === null ? [] : [parent.record.parent], ...parent.record.ancestors].slice(0, LATE_ROUNDS + 1),
    voters: [...seatOrder(parent.record)],
    entries,
    seats,
    ...closed === undefined ? parent.record.closed === undefined ? {} : { closed: parent.record.closed } : { closed: { seat: closed, round } },
    delegates: isTop ? [] : drawDelegates(activeSeats({ seats, round }), parent.record.delegates, parent.id, policy.clusterSize),
    upper: start.upper,
    tokens,
    adapter: after.adapter.id,
    velocity: after.velocity.id,
    residual: after.residual.id,
    offer: offered?.offer ?? null,
    rollback: restored === undefined ? parent.record.rollback : { record: restored.record, round },
  })
  return { stored, state: after }
}

/**
 * The version by which the round after the next record is computed: the highest that a quorum of the active seats and of those that report now goes by, this
 * record's reports included. What owners have signed holds for all; a quorum is asked for so that enough seats can compute by it.
 */
export function nextPolicy(parent: Pick<LevelRecord, 'seats' | 'round' | 'policy'>, reports: readonly Pick<CompleteReport, 'seat' | 'stored'>[]): number {
  const { seats, policy } = parent
  const reported = new Map(reports.map(({ seat, stored }) => [seat, stored.record.policy]))
  const active = new Set(activeSeats(parent))
  const versions = seats.filter((seat) => active.has(seat) || reported.has(seat.seat)).map((seat) => reported.get(seat.seat) ?? seat.policy).sort((a, b) => b - a)
  return Math.max(policy, versions[quorumOf(versions.length) - 1]!)
}

/**
 * How far the offers that count move the level: all the way where a quorum of the active seats has made some, otherwise by so many parts of it. Records that
 * renew lists come more often than offers, and a single offer must not move the level as far as all together.
 */
function shareOf(counted: number, parent: LevelRecord): number {
  return Math.min(1, counted / quorumOf(activeSeats(parent).length))
}

/** By seat. Of equal contents the first seat's counts; what repeats it is refused without being weighed. */
function weighOffers(parent: Stored<LevelRecord>, reports: readonly CompleteReport[], length: number, policy: RoundPolicy): ReadonlyMap<string, Weighed> {
  const offers = reports.flatMap(({ seat, offer }) => (offer === null ? [] : [{ seat, ...offer }]))
  const recent = recentRecords(parent)
  const first = offers.filter(({ offer }, at) => offers.findIndex((other) => other.offer.content === offer.content) === at)
  const candidates = first.map(({ seat, offer, content }): Candidate => ({
    id: contentId(content),
    peer: seat,
    tokens: offer.tokens,
    reputation: ONE,
    firstRound: false,
    staleness: recent.indexOf(offer.base),
    squaredNorm: deltaSquaredNorm(content, length),
  }))
  const outcomes = new Map(weigh(candidates, new Map(), policy.weighing).outcomes.map((outcome) => [outcome.id, outcome]))
  return new Map(offers.map((one) => [one.seat, { ...one, outcome: first.includes(one) ? outcomes.get(one.offer.content) : undefined }]))
}

function entryOf(parent: Stored<LevelRecord>, { seat, stored, commit }: CompleteReport, weighed: Weighed | undefined, isRolledBack: boolean): LevelEntry {
  const common = { seat, record: stored.id, commit, round: stored.record.round }
  if (weighed === undefined) return { ...common, content: null, outcome: 'reported', reason: '', weight: 0, clip: 0 }
  const { offer: { content, base }, outcome } = weighed
  if (isRolledBack) return { ...common, content, outcome: 'refused', reason: 'ROLLBACK', weight: 0, clip: 0 }
  if (outcome === undefined) return { ...common, content, outcome: 'refused', reason: 'DUPLICATE', weight: 0, clip: 0 }
  return outcome.outcome === 'counted'
    ? { ...common, content, outcome: base === parent.id ? 'counted' : 'late', reason: '', weight: outcome.weight, clip: outcome.clip }
    : { ...common, content, outcome: 'refused', reason: outcome.reason, weight: 0, clip: 0 }
}

/** A seat for each cluster that has split from one that reports; as many as there is room for. */
function bornSeats(seats: readonly Seat[], reports: readonly CompleteReport[], round: number): Seat[] {
  const known = new Set(seats.map(({ seat }) => seat))
  const born = reports.flatMap((report) => report.born).filter(({ record: { cluster } }) => !known.has(cluster) && known.add(cluster))
  return born.map(({ id, record }) => bornSeat(record, id, round)).slice(0, MAXIMUM_MEMBERS - seats.length)
}

function nextSeat(seat: Seat, parent: LevelRecord, carried: LevelCommit | null, report: CompleteReport | undefined, entries: readonly LevelEntry[]): Seat {
  const shown = carried === null
    ? asMember(seat)
    : afterCommit(asMember(seat), {
        signed: carried.seats.some((one) => one.seat === seat.seat),
        missed: missedTurns(parent.voters, carried.term).includes(seat.seat),
      })
  const { reputation, misses, presence } = shown
  if (report === undefined) return { ...seat, reputation, misses, presence }
  const { stored: { id: record, record: { round, offer, policy } }, members } = report
  const isSettled = entries.some((entry) => entry.seat === seat.seat && entry.content !== null)
  return { ...seat, record, round, members: [...members], policy, seen: parent.round + 1, offered: isSettled && offer !== null ? offer.round : seat.offered, reputation, misses, presence }
}
