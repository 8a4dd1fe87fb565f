import type { CarriedKind, CarriedPayload, SealedKind, SealedPayload } from '../../../src/rounds/messages/wire.js'
import { sealMessage } from '../../../src/rounds/messages/wire.js'

import { idOf, NETWORK, PEERS, SIGNATURE } from './identities.js'

const [first, second] = PEERS.map(({ peerId }) => peerId) as [string, string]
const tip = { round: 7, record: idOf('record'), commit: idOf('commit') }
const place = { cluster: 'verilog.0', round: 8 }
const instance = idOf('instance')
const signed = { peer: first, signature: SIGNATURE }
const sorted = ['a', 'b', 'c'].map(idOf).sort()
const manifest: SealedPayload<'manifest'> = {
  cluster: place.cluster, training: 8, parent: tip.record, content: idOf('delta'), binding: idOf('binding'), size: 5000, tokens: 5120, lossFirst: 131_072, lossLast: 65_536,
  reunion: { base: idOf('base'), tip: tip.record, commit: idOf('commit'), rounds: 3, signatures: [signed, { peer: second, signature: SIGNATURE }] },
}
const list: SealedPayload<'list'> = { ...place, instance, manifests: sorted }
const vote = { step: 'precommit' as const, term: 0, value: idOf('value'), signature: SIGNATURE }
const seatVote = { step: 'prevote' as const, term: 1, value: null, seat: 'verilog.0' }

/** One valid payload of every kind that is sealed. */
export const SEALED_EXAMPLES: { readonly [Kind in SealedKind]: SealedPayload<Kind> } = {
  heartbeat: { cluster: 'verilog.0', sequence: 12, phase: 'train', tip, upper: { ...tip, commit: null }, policy: { version: 3, signed: idOf('policy') } },
  manifest,
  list,
  closing: { ...place, instance, lists: [sealMessage(PEERS[0]!, 'list', NETWORK, list)], manifests: [sealMessage(PEERS[1]!, 'manifest', NETWORK, manifest)] },
  mark: { ...place, contents: sorted },
  audit: { ...place, seed: idOf('seed'), scores: [{ content: sorted[0]!, scores: [0, 32_768, 65_536] }, { content: sorted[1]!, scores: [1, 2, 3] }] },
  proposal: { ...place, level: 0, instance, term: 1, validTerm: -1, record: tip.record, size: 20_000 },
  roster: { ...place, parent: tip.record, voters: [first, second] },
  join: { ...place, domain: 'verilog', record: tip.record, credential: SIGNATURE },
  leave: { ...place, sequence: 2 ** 33 },
  report: { ...place, level: 1, record: tip.record, commit: idOf('commit') },
  summit: { cluster: 'root', topic: 'root', tip },
  surrender: { cluster: 'verilog.0', base: idOf('base'), tip: tip.record, content: idOf('sum'), signature: SIGNATURE },
}

/** One valid payload of every kind that is signed part by part. */
export const CARRIED_EXAMPLES: { readonly [Kind in CarriedKind]: CarriedPayload<Kind> } = {
  votes: { ...place, level: 0, instance, votes: [{ ...vote, voter: first, free: true }, { ...vote, voter: second, value: null, free: false }] },
  shares: { ...place, level: 1, cluster: 'root', instance, shares: [{ ...seatVote, ...signed }] },
  certificates: { ...place, level: 1, cluster: 'root', instance, certificates: [{ ...seatVote, signatures: [signed] }] },
}
