import { z } from 'zod'

import { contentId, encodeCanonical } from './canonical.js'
import type { ContentId } from './canonical.js'
import { between, contentIdField, distinct, domainField, flag, milliseconds, peerAddressField, peerIdField, publicKeyField, signatureField, text, whole } from './fields.js'

/** Members of a cluster at most, whatever its policy says: messages and records are limited by it. */
export const LARGEST_CLUSTER = 128

/** The linear layers of a Llama block that can carry LoRA factors, by their Hugging Face names. */
export const ADAPTER_TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const

/** Who may change the policy: at least `threshold` of these keys sign it. */
export const ownersSchema = z.strictObject({
  keys: z.array(publicKeyField, { error: 'list the owners\' public keys' }).min(1, { error: 'list at least one owner\'s public key' }).max(32, { error: 'list at most 32 keys' })
    .refine(distinct, { error: 'list every key once' }),
  threshold: whole(1, 32),
}).refine(({ keys, threshold }) => threshold <= keys.length, { path: ['threshold'], error: 'write a threshold that is not above the number of keys' })

/** What a network can never change. Its hash is the network's id. */
export const genesisSchema = z.strictObject({
  name: text('the network\'s name', 64),
  /** The base model: SHA-256 over its configuration, weights and tokenizer. */
  base: contentIdField,
  adapter: z.strictObject({
    rank: whole(1, 1024),
    alpha: whole(1, 65_536),
    targets: z.array(z.enum(ADAPTER_TARGETS, { error: `write one of ${ADAPTER_TARGETS.join(', ')}` })).min(1, { error: 'name at least one layer' })
      .refine(distinct, { error: 'name every layer once' }),
  }),
  codec: z.literal('sign-block64-1', { error: 'write "sign-block64-1", the only codec of this version' }),
  owners: ownersSchema,
})

const metricSchema = z.strictObject({
  name: text('the metric\'s name', 64),
  weight: between(0, 1000),
})

/** What the owners may change by signature. Every field is written out: a default that changes with the software would break the signatures. */
export const policySchema = z.strictObject({
  /** Higher versions replace lower ones. */
  version: whole(1, Number.MAX_SAFE_INTEGER),
  /** Target number of members of a cluster; below the minimum clusters merge, above the maximum they split. */
  clusterSize: whole(1, 64),
  clusterMinimum: whole(1, 64),
  clusterMaximum: whole(1, LARGEST_CLUSTER),
  /** Inner steps of a round: what a fast and a slow peer may differ by. */
  roundSteps: z.strictObject({ min: whole(1, 100_000), target: whole(1, 100_000), max: whole(1, 100_000) }),
  /** Rounds of one learning-rate schedule. */
  campaignRounds: whole(1, 100_000),
  /** Milliseconds. */
  deadlines: z.strictObject({
    /** From a round's start until training must be over. */
    train: milliseconds,
    /** How long manifests are collected after that. */
    close: milliseconds,
    /** How long closed bytes are pulled before those that lack are missing. */
    reveal: milliseconds,
    audit: milliseconds,
    /** The first term's timeouts. */
    propose: milliseconds,
    prevote: milliseconds,
    precommit: milliseconds,
    /** Added to these for each further term. */
    termGrowth: milliseconds,
    /** Without a quorum for so long, reachable members go on provisionally (unless `strict`). */
    grace: milliseconds,
  }),
  /** A cluster offers its change to the level above every so many rounds. */
  upperEvery: whole(1, 1000),
  learning: z.strictObject({
    rate: between(0, 1),
    /** Rounds over which the rate rises at a campaign's start. */
    warmup: whole(0, 1000),
    /** The share of public data in every batch, against forgetting. */
    replayShare: between(0, 1),
    weightDecay: between(0, 1),
    /** Inner gradients are clipped to this norm. */
    clipNorm: between(0, 1000),
    /** Packed sequences of a batch, and tokens of each. */
    rows: whole(1, 1024),
    rowLength: whole(16, 65_536),
    /** The outer step: Nesterov's rate and momentum. */
    outerRate: between(0, 10),
    outerMomentum: between(0, 0.999),
  }),
  audit: z.strictObject({
    probesPerRound: whole(1, 10_000),
    auditorsPerDelta: whole(1, 16),
    everyRounds: whole(1, 1000),
  }),
  /** The shares of an audit's score. */
  metrics: z.array(metricSchema).min(1, { error: 'name at least one metric' }).max(32, { error: 'name at most 32 metrics' }),
  /** First addresses to ask for other peers; a node that reaches none of them goes on trying. */
  bootstrap: z.array(peerAddressField).max(64, { error: 'list at most 64 addresses' }),
  /** Whether a cluster without a quorum stops instead of going on provisionally. */
  strict: flag,
  heartbeatMs: whole(100, 3_600_000, 'milliseconds'),
  /** How long a new peer waits before it is placed in a cluster. */
  admissionDelayMs: milliseconds,
  /** Whether a peer needs a credential signed by the owners. */
  membership: z.enum(['open', 'credential'], { error: 'write "open" or "credential"' }),
  /** Which network key is in use, where the network has one; raised when the key is renewed. */
  keyEpoch: whole(0, Number.MAX_SAFE_INTEGER),
  /** Who starts the network, and the domain of each; where the owners say whose peer it is, also the organisation. */
  foundingRoster: z.array(z.strictObject({ peer: peerIdField, domain: domainField, organisation: text('the organisation\'s name', 64).optional() })).max(4096, { error: 'list at most 4096 peers' })
    .refine((roster) => distinct(roster.map(({ peer }) => peer)), { error: 'list every peer once' }),
  /** Peers that are no longer spoken to. */
  revocations: z.array(peerIdField).max(65_536, { error: 'list at most 65536 peers' }),
  /** The record of the root whose values everybody goes back to, once: what has been learnt since then is dropped. */
  rollback: z.strictObject({
    record: contentIdField,
    round: whole(0, Number.MAX_SAFE_INTEGER),
    /** The values that the record names. */
    adapter: contentIdField,
    velocity: contentIdField,
  }).optional(),
})
  .refine(({ clusterMinimum, clusterSize }) => clusterMinimum <= clusterSize, { path: ['clusterMinimum'], error: 'write a minimum that is not above clusterSize' })
  .refine(({ clusterMaximum, clusterSize }) => clusterMaximum >= clusterSize, { path: ['clusterMaximum'], error: 'write a maximum that is not below clusterSize' })
  .refine(({ roundSteps: { min, target } }) => min <= target, { path: ['roundSteps', 'min'], error: 'write a minimum that is not above the target' })
  .refine(({ roundSteps: { max, target } }) => max >= target, { path: ['roundSteps', 'max'], error: 'write a maximum that is not below the target' })

const signaturesSchema = z.array(z.strictObject({ key: publicKeyField, signature: signatureField })).max(32, { error: 'list at most 32 signatures' })

/** What `network.config.json` holds. Whether the signatures are the owners' is checked in identity: `verifyNetworkConfig`. */
export const networkConfigSchema = z.strictObject({
  genesis: genesisSchema,
  /** New owners, each set signed by the one before it; the last set signs the policy. */
  successions: z.array(z.strictObject({ owners: ownersSchema, signatures: signaturesSchema })).max(64, { error: 'list at most 64 successions' }).optional(),
  policy: policySchema,
  signatures: signaturesSchema,
})

export type Owners = z.infer<typeof ownersSchema>
export type Genesis = z.infer<typeof genesisSchema>
export type Policy = z.infer<typeof policySchema>
export type NetworkConfig = z.infer<typeof networkConfigSchema>

/** The network's id: SHA-256 of the genesis in canonical CBOR. Peers with another id do not talk to each other. */
export function networkId(genesis: Genesis): ContentId {
  return contentId(encodeCanonical(genesis))
}
