import { z } from 'zod'

import type { ContentId } from '../../network/index.js'
import { LATE_ROUNDS, MAXIMUM_ENTRIES, MAXIMUM_ENVELOPE_BYTES, MAXIMUM_MEMBERS, MAXIMUM_SPLITS } from '../limits.js'
import { bytes, id, label, organisation, peer, peers, round, score, signature, whole } from '../messages/fields.js'
import { voteSchema } from '../messages/schemas.js'

/** Why a record stands: its term, and the precommits for it. */
export const commitSchema = z.strictObject({
  term: whole(2 ** 31),
  precommits: z.array(z.strictObject({ peer, free: z.boolean(), signature })).max(MAXIMUM_MEMBERS),
})

export const memberSchema = z.strictObject({
  peer,
  domain: label,
  organisation,
  since: round,
  reputation: score,
  misses: whole(0xffff),
  presence: whole(0xffff),
})

/** A member that was taken off the roster because nobody had heard of it, as it stood there. */
export const awaySchema = memberSchema.extend({ gone: round })

/** What became of a closed manifest. */
export const OUTCOMES = ['counted', 'late', 'refused', 'missing', 'expired'] as const

/** Why, where the outcome does not say it. The first five are those of aggregation/. */
export const REASONS = ['', 'SCORE', 'EMPTY', 'TOKENS', 'REPUTATION', 'WEIGHT', 'BINDING', 'DUPLICATE', 'UNDECODABLE', 'PARENT', 'SETTLED', 'SIZE', 'REUNION', 'ROLLBACK'] as const

const entrySchema = z.strictObject({
  /** The sender's signed manifest. */
  manifest: bytes(MAXIMUM_ENVELOPE_BYTES.manifest),
  outcome: z.enum(OUTCOMES),
  reason: z.enum(REASONS),
  /** In 1/65536; all that count sum to 65536. */
  weight: score,
  /** By what the values were multiplied, in 1/65536. */
  clip: score,
})

/** A record that is final, and who signs for what follows it. */
const fullPointSchema = z.strictObject({ record: id, round, members: peers })

/** A record from whose values a training starts. */
const startSchema = z.strictObject({ record: id, round })

/** A member of the base that has promised to sign nothing more, by its farewell. */
const releasedSchema = z.strictObject({ peer, leave: bytes(MAXIMUM_ENVELOPE_BYTES.leave) })

/** The last record from above that has come down. Null's place is taken by zeros: of a record where there is no level above, or none has come. */
export const linkSchema = z.strictObject({ round, record: id, adapter: id, velocity: id })

/** The last rollback of a chain: the record of the root that it went back to, and the round of this chain whose record did. */
export const rollbackSchema = z.strictObject({ record: id, round })

/** What a cluster of any level offers to the one above: its change since the last record from there. */
export const offerSchema = z.strictObject({
  /** The record from above that the change starts from. */
  base: id,
  baseRound: round,
  content: id,
  size: whole(2 ** 31),
  /** The velocity of its outer steps, encoded like a delta. */
  velocity: id,
  /** Tokens that counted since the last record from above that counted an offer of this cluster. */
  tokens: whole(),
  /** The adapter that was offered. */
  adapter: id,
  /** What the code left out. It becomes the cluster's residual once the offer counts. */
  residual: id,
  round,
})

/** What records of all levels say of what is theirs to offer. */
export const trunkFields = {
  /** Tokens that counted since the last offer that counted above. */
  tokens: whole(),
  adapter: id,
  velocity: id,
  /** What earlier offers left out. */
  residual: id,
  offer: offerSchema.nullable(),
  rollback: rollbackSchema.nullable(),
}

/** Where a cluster comes from that has split, or was born by a split; see `Branching`. */
const lineageSchema = z.strictObject({
  /** The founders' cluster at the beginning. */
  founded: label,
  /** Oldest first. */
  splits: z.array(z.strictObject({ cluster: label, from: id, went: z.boolean() })).min(1).max(MAXIMUM_SPLITS),
})

/** The other half of a record with which a cluster splits; see `twinOf`. */
const splitSchema = z.strictObject({ cluster: label, members: z.array(memberSchema).min(1).max(MAXIMUM_MEMBERS), tokens: whole() })

/** Two votes of one voter in one step. */
const cheatSchema = z.strictObject({ round, instance: id, first: voteSchema, second: voteSchema })

/** What a cluster's record says to others: the level above, and whoever follows the chain without taking part in it, needs no more. */
export const clusterHeaderSchema = z.strictObject({
  kind: z.literal('cluster'),
  version: z.literal(1),
  network: id,
  /** By which the next round is computed. It never goes down. */
  policy: whole(),
  level: z.literal(0),
  cluster: label,
  domain: label,
  round,
  /** Null in the founding record alone, as is `carried`. */
  parent: id.nullable(),
  /** The commit of the parent. Its term shows who was head. */
  carried: commitSchema.nullable(),
  /** Trainings that the chain has ended, with this record's. */
  trainings: round,
  /** 0 in a record that ends a training; in others how many there have been since one did: see `roll-call.ts`. */
  rollCall: round,
  /** The records before this one that ended the last trainings, newest first: a delta must come from one of them, or from this record. */
  starts: z.array(startSchema).max(LATE_ROUNDS + 1),
  /** Null in a full record. In a provisional one, the last full record, whose members alone sign. */
  base: fullPointSchema.nullable(),
  /** Members of the base that have promised not to sign for any successor of it: as many fewer signatures make the record full. Sorted by peer. */
  released: z.array(releasedSchema).max(MAXIMUM_MEMBERS),
  /** The last record of this chain that the level above has listed and so made full, as far as that has come down. It is the base of what follows. */
  listed: fullPointSchema.nullable(),
  /** Who agreed on this record, in the order in which they proposed. */
  voters: peers,
  /** The last record from above that has come down. */
  upper: linkSchema,
  /** The next round's roster. */
  members: z.array(memberSchema).max(MAXIMUM_MEMBERS),
  ...trunkFields,
  /** Absent before the first split. */
  lineage: lineageSchema.optional(),
  /** In the record that splits the cluster alone. */
  split: splitSchema.optional(),
  /** Trainings in a row that the cluster has ended with too few members; absent where it has enough. */
  small: whole(2 ** 31).optional(),
  /** The hash of the body. */
  body: id,
})

/** What a record follows from, and what the members need to compute the next one. */
export const clusterBodySchema = z.strictObject({
  kind: z.literal('body'),
  version: z.literal(1),
  /** The lists that closed the set of manifests. */
  lists: z.array(bytes(MAXIMUM_ENVELOPE_BYTES.list)).max(MAXIMUM_MEMBERS),
  entries: z.array(entrySchema).max(MAXIMUM_ENTRIES),
  audits: z.array(bytes(MAXIMUM_ENVELOPE_BYTES.audit)).max(MAXIMUM_MEMBERS),
  joins: z.array(bytes(MAXIMUM_ENVELOPE_BYTES.join)).max(MAXIMUM_MEMBERS),
  leaves: z.array(bytes(MAXIMUM_ENVELOPE_BYTES.leave)).max(MAXIMUM_MEMBERS),
  /** Members that this record takes off the roster because nobody hears of them. Sorted. */
  silent: peers,
  /** Those whom records of the last rounds have, with the standing in which they may come back. Sorted by peer. */
  away: z.array(awaySchema).max(MAXIMUM_MEMBERS),
  cheats: z.array(cheatSchema).max(MAXIMUM_MEMBERS),
  /** Manifests of the last rounds that can count no more, and those that were missing once. */
  settled: z.array(z.strictObject({ content: id, peer, training: round, missing: z.boolean(), reunion: z.boolean() })).max(8 * MAXIMUM_ENTRIES),
  /** What audits have shown of each peer, for the next gate. */
  evidence: z.array(z.strictObject({ peer, probes: whole(), lead: z.int(), squares: whole() })).max(MAXIMUM_MEMBERS * 2),
})

export type Commit = z.infer<typeof commitSchema>
export type Entry = z.infer<typeof entrySchema>
export type Away = z.infer<typeof awaySchema>
export type Cheat = z.infer<typeof cheatSchema>
export type Released = z.infer<typeof releasedSchema>
export type TrainingStart = z.infer<typeof startSchema>
export type FullPoint = z.infer<typeof fullPointSchema>
export type Offer = z.infer<typeof offerSchema>
export type Rollback = z.infer<typeof rollbackSchema>
export type Link = z.infer<typeof linkSchema>
export type Lineage = z.infer<typeof lineageSchema>
export type Split = z.infer<typeof splitSchema>
export type EntryOutcome = (typeof OUTCOMES)[number]
export type Reason = (typeof REASONS)[number]
export type ClusterHeader = z.infer<typeof clusterHeaderSchema>
export type ClusterBody = z.infer<typeof clusterBodySchema>
/** A header and its body together, as members see it. */
export type ClusterRecord = ClusterHeader & Omit<ClusterBody, 'kind' | 'version'>

/** What records of all levels have in common: where they stand, and the values that they name. */
export type Trunk = Pick<ClusterHeader, 'network' | 'policy' | 'cluster' | 'round' | 'parent' | 'upper' | 'rollback' | 'tokens' | 'adapter' | 'velocity' | 'residual' | 'offer'>

/** A record with the bytes that its hash names. */
export interface Stored<Record> {
  readonly id: ContentId
  readonly bytes: Uint8Array
  readonly record: Record
}

/** A cluster's record: the hash names the header, which names the body. */
export interface StoredRecord extends Stored<ClusterRecord> {
  readonly body: Uint8Array
}
