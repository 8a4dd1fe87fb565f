import { z } from 'zod'

import { MAXIMUM_ENTRIES, MAXIMUM_ENVELOPE_BYTES, MAXIMUM_LEVELS, MAXIMUM_MEMBERS, MAXIMUM_PROBES, MAXIMUM_RECORD_BYTES } from '../limits.js'

import { bytes, id, label, peer, peers, policyTip, round, score, signature, sortedIds, step, through, tip, whole } from './fields.js'

const aboveGround = z.int().min(1).max(MAXIMUM_LEVELS)

/** I am here, this is how far I am. `sequence` only grows, also across restarts. */
export const heartbeatSchema = z.strictObject({
  cluster: label,
  sequence: whole(),
  phase: z.enum(['train', 'close', 'reveal', 'audit', 'agree', 'joining']),
  tip,
  upper: tip.nullable(),
  policy: policyTip,
})

/** Whose change of several provisional rounds a manifest offers, and who agreed to it. */
export const reunionSchema = z.strictObject({
  /** The last record that both chains share. */
  base: id,
  /** The last record of the chain that gave way, and its commit. */
  tip: id,
  commit: id,
  rounds: z.int().min(1).max(10_000),
  signatures: z.array(z.strictObject({ peer, signature })).max(MAXIMUM_MEMBERS),
})

/** Announces a delta before anybody can see it. */
export const manifestSchema = z.strictObject({
  cluster: label,
  /** The number of the training that it comes from. */
  training: round,
  /** The record that ended the training before: from its adapter the delta was trained. */
  parent: id,
  content: id,
  /** Hash of the sender's id and the bytes: only who holds the bytes can make it, so a content id copied from gossip announces nothing. */
  binding: id,
  size: whole(2 ** 31),
  tokens: whole(2 ** 40),
  /** Mean losses of the first and last inner step in 1/65536 nat. For people; nothing depends on them. */
  lossFirst: whole(2 ** 31),
  lossLast: whole(2 ** 31),
  reunion: reunionSchema.nullable(),
})

/** The manifests that a voter has seen when training was over. One a round. */
export const listSchema = z.strictObject({ cluster: label, round, instance: id, manifests: sortedIds })

/** A quorum's lists: they close the set of manifests, and their signatures draw probes and auditors. */
export const closingSchema = z.strictObject({
  cluster: label,
  round,
  instance: id,
  lists: z.array(bytes(MAXIMUM_ENVELOPE_BYTES.list)).max(MAXIMUM_MEMBERS),
  manifests: z.array(bytes(MAXIMUM_ENVELOPE_BYTES.manifest)).max(MAXIMUM_ENTRIES),
})

/** I hold all bytes of these. */
export const markSchema = z.strictObject({ cluster: label, round, contents: sortedIds })

/** One auditor's scores in a round: for each delta one score a probe. */
export const auditSchema = z.strictObject({
  cluster: label,
  round,
  /** The seed that drew the probes. */
  seed: id,
  scores: z.array(z.strictObject({ content: id, scores: z.array(score).max(MAXIMUM_PROBES) })).max(MAXIMUM_ENTRIES),
})

/** A record to vote on. Its bytes are pulled. */
export const proposalSchema = z.strictObject({
  level: whole(MAXIMUM_LEVELS),
  cluster: label,
  round,
  instance: id,
  term: whole(2 ** 31),
  validTerm: z.int().min(-1).max(2 ** 31),
  record: id,
  size: whole(MAXIMUM_RECORD_BYTES),
})

/** With these we go on while the others are away. */
export const rosterSchema = z.strictObject({ cluster: label, round, parent: id, voters: peers })

/**
 * Add me to the roster in or about this round. `record` is the last record from above: it draws the cluster where a newcomer belongs. `credential` is the
 * owners' word for the peer, where it has one.
 */
export const joinSchema = z.strictObject({ cluster: label, domain: label, record: id, round, credential: bytes(4096).nullable() })

/** I leave for good: take me off the roster. I have signed no precommit of this round or a later one, nor shall I until I am let in anew. */
export const leaveSchema = z.strictObject({ cluster: label, round, sequence: whole() })

/** A cluster's newest record, for the cluster of seats above it, which is of `level`; an offer stands in the record. */
export const reportSchema = z.strictObject({ level: aboveGround, cluster: label, round, record: id, commit: id })

/** How far a cluster of seats is, told to those who take part in it, and to those below on their topic. */
export const summitSchema = z.strictObject({ cluster: label, topic: label, tip })

/** Asks the losing side of a reunion to sign the change that it offers. */
export const surrenderSchema = z.strictObject({ cluster: label, base: id, tip: id, content: id, signature })

export const voteSchema = z.strictObject({
  step,
  term: whole(2 ** 31),
  voter: peer,
  value: id.nullable(),
  /** Whether the voter is bound to no other chain from the same base; always true in a full round. */
  free: z.boolean(),
  signature,
})

/** Votes speak for themselves: each is signed, and anybody may carry them. */
export const votesSchema = z.strictObject({
  level: z.literal(0),
  cluster: label,
  round,
  instance: id,
  votes: z.array(voteSchema).max(8 * MAXIMUM_MEMBERS),
})

const seatVote = { step, term: whole(2 ** 31), value: id.nullable(), seat: label }

export const shareSchema = z.strictObject({ ...seatVote, peer, signature })

export const sharesSchema = z.strictObject({
  level: aboveGround,
  cluster: label,
  round,
  instance: id,
  shares: z.array(shareSchema).max(8 * MAXIMUM_MEMBERS),
})

export const certificateSchema = z.strictObject({
  ...seatVote,
  signatures: z.array(z.strictObject({ peer, signature })).max(MAXIMUM_MEMBERS),
  /** The later record of the cluster, with its commit, whose roster the signers are of; absent where those whom the level's records list are enough. */
  through: through.optional(),
})

export const certificatesSchema = z.strictObject({
  level: aboveGround,
  cluster: label,
  round,
  instance: id,
  certificates: z.array(certificateSchema).max(4 * MAXIMUM_MEMBERS),
})

export type Heartbeat = z.infer<typeof heartbeatSchema>
export type Manifest = z.infer<typeof manifestSchema>
export type Reunion = z.infer<typeof reunionSchema>
export type List = z.infer<typeof listSchema>
export type Closing = z.infer<typeof closingSchema>
export type Audit = z.infer<typeof auditSchema>
export type Join = z.infer<typeof joinSchema>
export type Leave = z.infer<typeof leaveSchema>
export type SignedVote = z.infer<typeof voteSchema>
