import { z } from 'zod'

import { drawDelegates, hasJustSigned, instanceOf, isDormant, isPresent, rank, remembered } from '../../hierarchy/index.js'
import type { Ballot, Cluster, Member } from '../../hierarchy/index.js'
import { contentId, encodeCanonical } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { LATE_ROUNDS, MAXIMUM_LEVELS, MAXIMUM_MEMBERS } from '../limits.js'
import { ancestors, id, label, peer, peers, round, score, signature, through, whole } from '../messages/fields.js'
import { linkSchema, REASONS, trunkFields } from './cluster-record.js'
import type { ClusterHeader, Commit, Link, Stored } from './cluster-record.js'
import { FOUNDING_POLICY } from './founding.js'
import { decodeWith, knownBy } from './record-bytes.js'
import type { RecordState } from './state.js'

/** A cluster of the level below as this level describes it for the next round. */
const seatSchema = z.strictObject({
  seat: label,
  /** Empty for a cluster of seats: they may be of several. */
  domain: label.or(z.literal('')),
  /** The cluster's last record that was reported here; zeros for its founding record. */
  record: id,
  round,
  /** Whose signatures make this seat's vote: the members of a cluster of peers, the delegates of one of seats. */
  members: peers,
  /** The cluster's round whose offer was settled here last, counted or refused. */
  offered: round,
  /** By which the cluster's next round is computed. */
  policy: whole(),
  /** The round of this level in which the seat last reported. */
  seen: round,
  reputation: score,
  misses: whole(0xffff),
  presence: whole(0xffff),
})

/** Why a record of seats stands: a certificate of each of a quorum of seats. */
export const levelCommitSchema = z.strictObject({
  term: whole(2 ** 31),
  seats: z.array(z.strictObject({
    seat: label,
    signatures: z.array(z.strictObject({ peer, signature })).max(MAXIMUM_MEMBERS),
    /** As in a certificate: whose roster has signed, where those listed were too few. */
    through: through.optional(),
  })).max(MAXIMUM_MEMBERS),
})

/** What a seat has reported, and what became of its offer. */
const entrySchema = z.strictObject({
  seat: label,
  /** The cluster's record. */
  record: id,
  /** One commit of it. */
  commit: id,
  round,
  /** The offer that is settled with this record; null where there is none. */
  content: id.nullable(),
  outcome: z.enum(['reported', 'counted', 'late', 'refused']),
  reason: z.enum(REASONS),
  weight: score,
  clip: score,
})

export const levelRecordSchema = z.strictObject({
  kind: z.literal('level'),
  version: z.literal(1),
  network: id,
  policy: whole(),
  level: z.int().min(1).max(MAXIMUM_LEVELS),
  cluster: label,
  round,
  parent: id.nullable(),
  carried: levelCommitSchema.nullable(),
  ancestors,
  /** Seats in the order in which they proposed. */
  voters: z.array(label).max(MAXIMUM_MEMBERS),
  entries: z.array(entrySchema).max(MAXIMUM_MEMBERS),
  seats: z.array(seatSchema).max(MAXIMUM_MEMBERS),
  /** The last seat that this level has closed, and the round whose record did; absent before the first. */
  closed: z.strictObject({ seat: label, round }).optional(),
  /** Who speaks for this cluster at the level above. */
  delegates: peers,
  upper: linkSchema,
  ...trunkFields,
})

export type LevelRecord = z.infer<typeof levelRecordSchema>
export type LevelCommit = z.infer<typeof levelCommitSchema>
export type LevelEntry = z.infer<typeof entrySchema>
export type Seat = z.infer<typeof seatSchema>

/** What stands for the record of a seat before the seat has reported one. */
export const NOT_LISTED = '0'.repeat(64)

/**
 * Who signs for a cluster of peers: its members that have been there lately. A report's commit is the newest that shows it: who has signed neither this nor
 * the one that the record carries counts no more.
 *
 * @param commit - one of the record; undefined where there is none at hand: then one more of those before it counts
 */
export function speakersOf({ members }: { readonly members: readonly Member[] }, commit?: Commit): PeerId[] {
  const signed = commit === undefined ? undefined : new Set(commit.precommits.map(({ peer: signer }) => signer))
  return members.filter((member) => (signed === undefined ? isPresent(member) : signed.has(member.peer) || hasJustSigned(member))).map(({ peer: speaker }) => speaker)
}

/** A new seat, of a cluster that a split has made; offers of its rounds up to the split are the other half's. */
export function bornSeat({ cluster: seat, domain, round: since, policy, ...roster }: Pick<ClusterHeader, 'cluster' | 'domain' | 'round' | 'policy'> & { readonly members: readonly Member[] }, record: ContentId, seen: number): Seat {
  return { seat, domain, record, round: since, members: speakersOf(roster), offered: since, policy, seen, reputation: 65_536, misses: 0, presence: 0xffff }
}

export function encodeLevelRecord(record: LevelRecord): Stored<LevelRecord> {
  const bytes = encodeCanonical(record)
  const stored = { id: contentId(bytes), bytes, record }
  // Whoever reads these very bytes again has it, too.
  decoded.set(bytes, stored)
  return stored
}

/** @throws RoundsError RECORD_MALFORMED */
export function decodeLevelRecord(bytes: Uint8Array): Stored<LevelRecord> {
  const before = decoded.get(bytes)
  if (before !== undefined) return before
  const stored = { id: contentId(bytes), bytes, record: decodeWith(levelRecordSchema, bytes, 'record of seats') }
  decoded.set(bytes, stored)
  return stored
}

/** What has been read from bytes that are still at hand: neither ever changes. */
const decoded = new WeakMap<Uint8Array, Stored<LevelRecord>>()

/** @throws RoundsError RECORD_MALFORMED */
export function decodeLevelCommit(bytes: Uint8Array): LevelCommit {
  const before = decodedCommits.get(bytes)
  if (before !== undefined) return before
  const commit = knownBy(bytes, decodeWith(levelCommitSchema, bytes, 'commit of seats'))
  decodedCommits.set(bytes, commit)
  return commit
}

const decodedCommits = new WeakMap<Uint8Array, LevelCommit>()

/** Seats seen as members, for ranks and misses. */
export function asMember({ seat, domain, reputation, misses, presence }: Seat): Member {
  return { peer: seat, domain, organisation: '', since: 1, reputation, misses, presence }
}

/** The seats of a record that have a vote in its successor: all but those that have said nothing in the last two rounds. */
export function activeSeats({ seats, round: now }: Pick<LevelRecord, 'seats' | 'round'>): readonly Seat[] {
  const known = active.get(seats)
  if (known !== undefined) return known
  const awake = seats.filter((seat) => !isDormant(seat, now))
  active.set(seats, awake)
  return awake
}

/** A list of seats belongs to one record, and never changes. */
const active = new WeakMap<readonly Seat[], readonly Seat[]>()

/** The seats that agree on the successor of a record, in the order in which they propose. */
export function seatOrder(record: Pick<LevelRecord, 'seats' | 'cluster' | 'round'>): readonly string[] {
  return rank(asMembers(activeSeats(record)), record.cluster)
}

const asMembers = remembered((seats: readonly Seat[]): readonly Member[] => seats.map(asMember))

export function levelBallot(parent: Stored<LevelRecord>): Ballot {
  const { network, level, cluster, round: before } = parent.record
  return { network, level, cluster, round: before + 1, instance: instanceOf(parent.id, seatOrder(parent.record)) }
}

export interface FoundingSeats {
  readonly network: ContentId
  /** A cluster above level 0. */
  readonly cluster: Cluster
  /** The clusters below that have a seat in it, with those who sign for each. */
  readonly seats: readonly { readonly id: string, readonly domain: string, readonly members: readonly string[] }[]
  readonly clusterSize: number
  readonly isTop: boolean
  readonly upper: Link
}

/** What all first records of clusters of seats have in common. */
export function firstOfLevel(): Pick<LevelRecord, 'kind' | 'version' | 'round' | 'parent' | 'carried' | 'ancestors' | 'voters' | 'entries' | 'tokens' | 'offer'> {
  return { kind: 'level', version: 1, round: 0, parent: null, carried: null, ancestors: [], voters: [], entries: [], tokens: 0, offer: null }
}

/** Round 0 of a cluster of seats, which every peer makes for itself. */
export function foundingLevelRecord({ network, cluster, seats, clusterSize, isTop, upper }: FoundingSeats, { adapter, velocity, residual }: RecordState): Stored<LevelRecord> {
  return encodeLevelRecord({
    ...firstOfLevel(),
    network,
    policy: FOUNDING_POLICY,
    level: cluster.level,
    cluster: cluster.id,
    seats: seats.map(({ id: seat, domain, members }) => ({
      seat, domain, record: NOT_LISTED, round: 0, members: [...members], offered: 0, policy: FOUNDING_POLICY, seen: 0, reputation: 65_536, misses: 0, presence: 0xffff,
    })).sort((a, b) => (a.seat < b.seat ? -1 : 1)),
    delegates: isTop ? [] : drawDelegates(seats, [], network, clusterSize),
    upper,
    adapter: adapter.id,
    velocity: velocity.id,
    residual: residual.id,
    rollback: null,
  })
}

/** The records from which an offer may still come: the parent and the ones before it, as far back as the last rollback. */
export function recentRecords({ id: parent, record }: Stored<LevelRecord>): ContentId[] {
  const since = record.round - (record.rollback?.round ?? 0)
  return [parent, ...record.parent === null ? [] : [record.parent], ...record.ancestors].slice(0, Math.min(since, LATE_ROUNDS) + 1)
}
