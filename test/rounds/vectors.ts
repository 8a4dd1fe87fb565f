import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'

import { encodeDelta } from '../../src/adapter/index.js'
import { DEFAULT_POLICY } from '../../src/config/index.js'
import { auditorsOf, foundingClusters, instanceOf, lot, rank, voteStatement } from '../../src/hierarchy/index.js'
import type { Member } from '../../src/hierarchy/index.js'
import { contentId, createIdentity, verifySignature } from '../../src/identity/index.js'
import type { RoundPolicy } from '../../src/rounds/index.js'
import { openMessage, sealMessage } from '../../src/rounds/messages/wire.js'
import type { Opened, SealedKind, SealedPayload } from '../../src/rounds/messages/wire.js'
import { closeWith } from '../../src/rounds/records/closing.js'
import type { RoundPlace } from '../../src/rounds/records/closing.js'
import { computeRecord } from '../../src/rounds/records/compute-record.js'
import type { ComputedRecord, RecordInput } from '../../src/rounds/records/compute-record.js'
import { foundingRecord } from '../../src/rounds/records/founding.js'
import { foundingLink } from '../../src/rounds/records/up-and-down.js'
import { bindingOf } from '../../src/rounds/records/manifest.js'
import { foundingState } from '../../src/rounds/records/state.js'
import { clusterBallot, signVote } from '../../src/rounds/records/votes.js'

export const VECTORS_FILE = fileURLToPath(new URL('../../../docs/reference/vectors/protocol.json', import.meta.url))

const LENGTH = 130
const NETWORK = createHash('sha256').update('the network of the test vectors').digest('hex')
const seedOf = (index: number): Uint8Array => new Uint8Array(createHash('sha256').update(`member ${index}`).digest())
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A cluster of four and its first round, from fixed seeds: everything that a record follows from. */
export async function firstRound() {
  const identities = await Promise.all([0, 1, 2, 3].map((index) => createIdentity(seedOf(index))))
  const policy: RoundPolicy = {
    ...DEFAULT_POLICY,
    audit: { probesPerRound: 8, auditorsPerDelta: 2, everyRounds: 1 },
    foundingRoster: identities.map(({ peerId: peer }) => ({ peer, domain: 'verilog' })),
  }
  const clusters = foundingClusters(policy.foundingRoster, policy.clusterSize, NETWORK)
  const state = foundingState(Float32Array.from({ length: LENGTH }, (_, i) => Math.fround((i - 60) / 64)))
  const parent = foundingRecord(NETWORK, clusters[0]!, policy.foundingRoster, state, foundingLink(state))
  const voters = rank(parent.record.members, 'verilog.0')
  const place: RoundPlace = { network: NETWORK, cluster: 'verilog.0', round: 1, instance: instanceOf(parent.id, voters), voters }
  const seal = <Kind extends SealedKind>(index: number, kind: Kind, payload: SealedPayload<Kind>): Opened<Kind> => openMessage(sealMessage(identities[index]!, kind, NETWORK, payload), kind, { network: NETWORK, verify: verifySignature })

  const deltas = identities.map((_, index) => encodeDelta(Float32Array.from({ length: LENGTH }, (_unused, i) => Math.fround(((i * (index + 3)) % 17 - 8) / 256)), new Float32Array(LENGTH)).bytes)
  const manifests = deltas.map((bytes, index) => seal(index, 'manifest', {
    cluster: 'verilog.0', training: 1, parent: parent.id, content: contentId(bytes), binding: bindingOf(identities[index]!.peerId, bytes), size: bytes.length,
    tokens: 5120 + 100 * index, lossFirst: 131_072, lossLast: 65_536, reunion: null,
  }))
  const lists = [0, 1, 2].map((index) => seal(index, 'list', { cluster: 'verilog.0', round: 1, instance: place.instance, manifests: manifests.map(({ id }) => id).sort() }))
  const closed = closeWith(lists, voters)!
  const memberOf = (peer: string): Member => parent.record.members.find((member) => member.peer === peer)!
  const audits = identities.map((_, index) => seal(index, 'audit', {
    cluster: 'verilog.0', round: 1, seed: closed.seed,
    scores: manifests.filter((manifest) => auditorsOf(closed.seed, manifest.payload.content, memberOf(manifest.peer), parent.record.members, 2).includes(identities[index]!.peerId))
    // Four newcomers: twice the usual probes.
      .map(({ payload: { content }, peer }) => ({ content, scores: Array.from({ length: 16 }, (_unused, probe) => 40_000 + 10 * probe - (peer === identities[3]!.peerId ? 20_000 : 0)) }))
      .sort((a, b) => (a.content < b.content ? -1 : 1)),
  })).filter(({ payload }) => payload.scores.length > 0)
  const input: RecordInput = {
    policy, next: policy, restored: undefined, clusters, place, parent, state, carried: null, base: parent.record.members, above: undefined, closed, manifests, audits,
    missing: new Set(), bytes: new Map(deltas.map((bytes) => [contentId(bytes), bytes])), joins: [], leaves: [], silent: [], cheats: [], reunions: new Map(), verify: verifySignature,
  }
  return { identities, policy, place, parent, state, deltas, manifests, lists, closed, audits, input, seal }
}

/** The published test vectors. */
export async function buildVectors(): Promise<unknown> {
  const round = await firstRound()
  const { identities, place, parent, deltas, manifests, lists, closed, input } = round
  const computed: ComputedRecord = computeRecord(input)
  const ballot = clusterBallot(NETWORK, 'verilog.0', 1, parent.id, place.voters)
  const vote = { step: 'precommit' as const, term: 0, value: computed.stored.id }
  return {
    about: 'What every implementation must find from the same input. Members sign with Ed25519 keys whose seeds are SHA-256("member <index>"). Bytes are hex.',
    network: NETWORK,
    lot: { input: ['lot', 'a', 1], output: lot('lot', 'a', 1) },
    members: identities.map(({ peerId }) => peerId),
    foundingRecord: { id: parent.id, header: hex(parent.bytes), body: hex(parent.body) },
    voters: place.voters,
    instance: place.instance,
    deltas: deltas.map(hex),
    manifests: manifests.map(({ id, envelope }) => ({ id, envelope: hex(envelope) })),
    lists: lists.map(({ id, envelope }) => ({ id, envelope: hex(envelope) })),
    closing: { seed: closed.seed, manifests: [...closed.manifests].sort() },
    auditors: Object.fromEntries(manifests.map(({ payload, peer }) => [payload.content, auditorsOf(closed.seed, payload.content, round.parent.record.members.find((member) => member.peer === peer)!, round.parent.record.members, 2)])),
    audits: round.audits.map(({ envelope }) => hex(envelope)),
    record: { id: computed.stored.id, header: hex(computed.stored.bytes), body: hex(computed.stored.body) },
    outcomes: computed.settled.entries.map(({ opened, outcome, reason, weight, clip }) => ({ peer: opened.peer, outcome, reason, weight, clip })),
    adapter: computed.state.adapter.id,
    velocity: computed.state.velocity.id,
    vote: { statement: hex(voteStatement(ballot, vote, 'free')), signature: hex(signVote(identities[0]!, ballot, { ...vote, voter: identities[0]!.peerId }, true).signature) },
  }
}
