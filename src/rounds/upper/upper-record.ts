import { z } from 'zod'

import { certificateStands, instanceOf, quorumOf, rank } from '../../hierarchy/index.js'
import type { Ballot, Cluster, Member, Verify } from '../../hierarchy/index.js'
import { contentId, encodeCanonical } from '../../identity/index.js'
import type { ContentId } from '../../network/index.js'
import { RoundsError } from '../errors.js'
import { LATE_ROUNDS, MAXIMUM_MEMBERS } from '../limits.js'
import { ancestors, id, label, peer, peers, round, score, signature, whole } from '../messages/fields.js'
import { REASONS } from '../records/cluster-record.js'
import type { Stored } from '../records/cluster-record.js'
import { FOUNDING_POLICY } from '../records/founding.js'
import { decodeWith } from '../records/record-bytes.js'

/** A cluster as the record above describes it for the next round. */
const seatSchema = z.strictObject({
  seat: label,
  domain: label,
  /** The cluster's last record that counted here, or its founding record. */
  record: id,
  round,
  /** Whose signatures make this seat's vote. */
  members: peers,
  reputation: score,
  misses: whole(0xffff),
  presence: whole(0xffff),
})

/** Why a record of seats stands: a certificate of each of a quorum of seats. */
export const upperCommitSchema = z.strictObject({
  term: whole(2 ** 31),
  seats: z.array(z.strictObject({
    seat: label,
    roster: peers.nullable(),
    signatures: z.array(z.strictObject({ peer, signature })).max(MAXIMUM_MEMBERS),
  })).max(MAXIMUM_MEMBERS),
})

const upperEntrySchema = z.strictObject({
  seat: label,
  /** The cluster's record that made the offer. */
  record: id,
  /** One commit of it. */
  commit: id,
  round,
  content: id,
  velocity: id,
  tokens: whole(),
  outcome: z.enum(['counted', 'late', 'refused']),
  reason: z.enum(REASONS),
  weight: score,
  clip: score,
})

export const upperRecordSchema = z.strictObject({
  kind: z.literal('upper'),
  version: z.literal(1),
  network: id,
  policy: whole(),
  level: z.literal(1),
  cluster: label,
  round,
  parent: id.nullable(),
  carried: upperCommitSchema.nullable(),
  ancestors,
  /** Seats in the order in which they proposed. */
  voters: z.array(label).max(MAXIMUM_MEMBERS),
  entries: z.array(upperEntrySchema).max(MAXIMUM_MEMBERS),
  seats: z.array(seatSchema).max(MAXIMUM_MEMBERS),
  adapter: id,
  velocity: id,
})

export type UpperRecord = z.infer<typeof upperRecordSchema>
export type UpperCommit = z.infer<typeof upperCommitSchema>
export type UpperEntry = z.infer<typeof upperEntrySchema>
export type Seat = z.infer<typeof seatSchema>

export function encodeUpperRecord(record: UpperRecord): Stored<UpperRecord> {
  const bytes = encodeCanonical(record)
  return { id: contentId(bytes), bytes, record }
}

/** @throws RoundsError RECORD_MALFORMED */
export function decodeUpperRecord(bytes: Uint8Array): Stored<UpperRecord> {
  return { id: contentId(bytes), bytes, record: decodeWith(upperRecordSchema, bytes, 'record of seats') }
}

/** @throws RoundsError RECORD_MALFORMED */
export function decodeUpperCommit(bytes: Uint8Array): UpperCommit {
  return decodeWith(upperCommitSchema, bytes, 'commit of seats')
}

/** Seats seen as members, for ranks and misses. */
export function asMember({ seat, domain, reputation, misses, presence }: Seat): Member {
  return { peer: seat, domain, since: 1, reputation, misses, presence }
}

/** The seats that agree on the successor of a record, in the order in which they propose. */
export function seatOrder({ seats, cluster }: UpperRecord): readonly string[] {
  const members = seatMembers.get(seats) ?? seats.map(asMember)
  seatMembers.set(seats, members)
  return rank(members, cluster)
}

const seatMembers = new WeakMap<readonly Seat[], readonly Member[]>()

export function upperBallot(parent: Stored<UpperRecord>): Ballot {
  const { network, cluster, round: before } = parent.record
  return { network, level: 1, cluster, round: before + 1, instance: instanceOf(parent.id, seatOrder(parent.record)) }
}

/** Round 0 of the level above, which every peer makes for itself. It names the clusters' founding members; their records follow from it. */
export function foundingUpperRecord(network: ContentId, root: string, clusters: readonly Cluster[], adapter: ContentId, velocity: ContentId): Stored<UpperRecord> {
  const key = [network, root, adapter, velocity].join()
  const known = founded.get(clusters)
  if (known?.key === key) return known.stored
  const stored = found(network, root, clusters, adapter, velocity)
  founded.set(clusters, { key, stored })
  return stored
}

/** The last founding record made of some clusters, for all peers of one process. */
const founded = new WeakMap<readonly Cluster[], { readonly key: string, readonly stored: Stored<UpperRecord> }>()

function found(network: ContentId, root: string, clusters: readonly Cluster[], adapter: ContentId, velocity: ContentId): Stored<UpperRecord> {
  return encodeUpperRecord({
    kind: 'upper',
    version: 1,
    network,
    policy: FOUNDING_POLICY,
    level: 1,
    cluster: root,
    round: 0,
    parent: null,
    carried: null,
    ancestors: [],
    voters: [],
    entries: [],
    seats: clusters.map(({ id: seat, domain, members }) => ({
      seat, domain, record: '0'.repeat(64), round: 0, members: [...members], reputation: 65_536, misses: 0, presence: 0xffff,
    })).sort((a, b) => (a.seat < b.seat ? -1 : 1)),
    adapter,
    velocity,
  })
}

/**
 * Checks that a quorum of seats agreed on a record, each by a quorum of its members.
 *
 * @throws RoundsError COMMIT_REFUSED
 */
export function checkUpperCommit(parent: Stored<UpperRecord>, { id: value, record }: Stored<UpperRecord>, commit: UpperCommit, verify: Verify): void {
  const seats = new Map(parent.record.seats.map((seat) => [seat.seat, seat]))
  const ballot = upperBallot(parent)
  const names = new Set(commit.seats.map(({ seat }) => seat))
  const quorum = quorumOf(seats.size)
  if (names.size < commit.seats.length || commit.seats.length < quorum) {
    throw new RoundsError('COMMIT_REFUSED', `${commit.seats.length} seats under the root record ${value.slice(0, 12)} of round ${record.round} are no quorum of ${seats.size}, which is ${quorum}`)
  }
  for (const certificate of commit.seats) {
    const listed = seats.get(certificate.seat)
    if (listed === undefined || !certificateStands({ ...certificate, step: 'precommit', term: commit.term, value }, listed.members, ballot, verify)) {
      throw new RoundsError('COMMIT_REFUSED', `the seat ${certificate.seat} did not sign the root record ${value.slice(0, 12)} of round ${record.round}: too few of its listed members did`)
    }
  }
}

/**
 * Checks that a record follows another, apart from its own commit.
 *
 * @throws RoundsError CHAIN_REFUSED, COMMIT_REFUSED
 */
export function checkUpperSuccessor(grandparent: Stored<UpperRecord> | undefined, parent: Stored<UpperRecord>, next: Stored<UpperRecord>, verify: Verify): void {
  const { record } = next
  const refuse = (what: string): never => {
    throw new RoundsError('CHAIN_REFUSED', `the root record ${next.id.slice(0, 12)} of round ${record.round} cannot follow ${parent.id.slice(0, 12)}: ${what}`)
  }
  if (record.parent !== parent.id || record.round !== parent.record.round + 1) refuse('it names another parent or round')
  if (record.network !== parent.record.network || record.cluster !== parent.record.cluster) refuse('it is of another network')
  const order = seatOrder(parent.record)
  if (order.length !== record.voters.length || order.some((seat, at) => record.voters[at] !== seat)) refuse('its voters are not the seats in their order')
  if (grandparent === undefined) {
    if (record.carried !== null) refuse('the founding record has no commit to carry')
  } else if (record.carried === null) {
    refuse('it carries no commit of its parent')
  } else {
    checkUpperCommit(grandparent, parent, record.carried, verify)
  }
}

/** The records from which an offer may still come: the parent and the ones before it. */
export function recentUpper({ id: parent, record }: Stored<UpperRecord>): ContentId[] {
  return [parent, ...record.parent === null ? [] : [record.parent], ...record.ancestors].slice(0, LATE_ROUNDS + 1)
}
