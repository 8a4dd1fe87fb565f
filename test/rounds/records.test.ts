import { readFile } from 'node:fs/promises'

import test from 'ava'
import fc from 'fast-check'

import { encodeDelta } from '../../src/adapter/index.js'
import { contentId, encodeCanonical, verifySignature } from '../../src/identity/index.js'
import { RoundsError } from '../../src/rounds/index.js'
import { residualAfter } from '../../src/rounds/learning/residual.js'
import { MAXIMUM_ENVELOPE_BYTES } from '../../src/rounds/limits.js'
import { decodeCarried, frame, openMessage, SEALED, unframe } from '../../src/rounds/messages/wire.js'
import type { SealedKind } from '../../src/rounds/messages/wire.js'
import { findings } from '../../src/rounds/records/audits.js'
import { closeWith, listingsNeeded } from '../../src/rounds/records/closing.js'
import { decodeClusterHeader, decodeClusterRecord } from '../../src/rounds/records/record-bytes.js'
import type { ClusterRecord, Stored, StoredRecord } from '../../src/rounds/records/cluster-record.js'
import { checkCommit, checkSuccessor } from '../../src/rounds/records/commit.js'
import { computeRecord } from '../../src/rounds/records/compute-record.js'
import { isFree, isHealed } from '../../src/rounds/records/fullness.js'
import { bindingOf } from '../../src/rounds/records/manifest.js'
import { compareBranches } from '../../src/rounds/records/precedence.js'
import { settle } from '../../src/rounds/records/settle.js'
import { ballotOf, cheatStands, signVote } from '../../src/rounds/records/votes.js'
import { decodeLevelRecord } from '../../src/rounds/records/level-record.js'

import { buildVectors, firstRound, VECTORS_FILE } from './vectors.js'

const first = await firstRound()
const { parent: founding } = first
const reading = { network: first.place.network, verify: verifySignature }

test('the published vectors are those that the code computes, byte for byte', async (t) => {
  t.is(`${JSON.stringify(await buildVectors(), null, 1)}\n`, await readFile(VECTORS_FILE, 'utf8'))
})

test('a record does not depend on the order in which its evidence came', (t) => {
  const { input } = first
  const { stored } = computeRecord(input)
  const turned = computeRecord({ ...input, manifests: input.manifests.toReversed(), audits: input.audits.toReversed(), bytes: new Map([...input.bytes].toReversed()) })
  t.is(turned.stored.id, stored.id)
  t.deepEqual(decodeClusterRecord(decodeClusterHeader(stored.bytes.slice()), stored.body.slice()), stored)
  t.throws(() => decodeClusterRecord(decodeClusterHeader(stored.bytes.slice()), founding.body), { instanceOf: RoundsError, code: 'RECORD_MALFORMED' })
})

test('a record stands on evidence of its own round alone', (t) => {
  const { input, seal, closed } = first
  const refused = { instanceOf: RoundsError, code: 'EVIDENCE_REFUSED' }
  t.throws(() => computeRecord({ ...input, manifests: input.manifests.slice(1) }), refused)
  t.throws(() => computeRecord({ ...input, audits: [...input.audits, input.audits[0]!] }), refused)
  t.throws(() => computeRecord({ ...input, audits: [seal(0, 'audit', { cluster: 'verilog.0', round: 2, seed: closed.seed, scores: [] })] }), refused)
  t.throws(() => computeRecord({ ...input, joins: [seal(0, 'join', { cluster: 'verilog.0', domain: 'verilog', record: '0'.repeat(64), round: 1, credential: null })] }), refused)
})

test('each way that a manifest can go has its outcome and reason', (t) => {
  const { input, parent, identities, deltas, manifests, seal, closed } = first
  const base = manifests[0]!.payload
  const settledWith = (more: Partial<Parameters<typeof settle>[0]>) => settle({
    parent, manifests, missing: new Set(), bytes: input.bytes, scores: new Map(), isRolledBack: false, reunions: new Map(), length: first.state.adapter.values.length, ...more,
  })
  const one = (payload: Partial<typeof base>, more: Partial<Parameters<typeof settle>[0]> = {}) => {
    const { entries } = settledWith({ manifests: [seal(0, 'manifest', { ...base, ...payload })], ...more })
    return [entries[0]!.outcome, entries[0]!.reason]
  }
  t.deepEqual(one({}), ['counted', ''])
  t.deepEqual(one({ parent: 'd'.repeat(64) }), ['refused', 'PARENT'])
  t.deepEqual(one({ training: 2 }), ['refused', 'PARENT'])
  t.deepEqual(one({ binding: bindingOf(identities[1]!.peerId, deltas[0]!) }), ['refused', 'BINDING'])
  t.deepEqual(one({ size: base.size + 1 }), ['refused', 'SIZE'])
  t.deepEqual(one({ tokens: 0 }), ['refused', 'TOKENS'])
  t.deepEqual(one({ content: 'e'.repeat(64) }), ['refused', 'UNDECODABLE'])
  t.deepEqual(one({ reunion: { base: parent.id, tip: parent.id, commit: parent.id, rounds: 1, signatures: [] } }), ['refused', 'REUNION'])
  // A member that can prove a reunion still follows a record in which too few could: else those who differ would never agree.
  const reunion = seal(0, 'manifest', { ...base, reunion: { base: parent.id, tip: parent.id, commit: parent.id, rounds: 1, signatures: [] } })
  for (const reunions of [new Map<string, number>(), new Map([[reunion.id, 1]])]) {
    const { entries } = settledWith({ manifests: [reunion], missing: new Set([reunion.id]), reunions })
    t.deepEqual([entries[0]!.outcome, entries[0]!.reason], ['missing', 'REUNION'])
  }
  const empty = encodeDelta(new Float32Array(first.state.adapter.values.length), new Float32Array(first.state.adapter.values.length)).bytes
  t.deepEqual(one({ content: contentId(empty), binding: bindingOf(identities[0]!.peerId, empty) }, { bytes: new Map([[contentId(empty), empty]]) }), ['refused', 'EMPTY'])

  const known = (missing: boolean): Stored<ClusterRecord> => ({ ...parent, record: { ...parent.record, settled: [{ content: base.content, peer: identities[0]!.peerId, training: 1, missing, reunion: false }] } })
  t.deepEqual(one({}, { parent: known(false) }), ['refused', 'SETTLED'])
  t.deepEqual(one({}, { parent: known(true) }), ['counted', ''])
  const manifest = seal(0, 'manifest', base)
  t.deepEqual(one({}, { missing: new Set([manifest.id]) }), ['missing', ''])
  t.deepEqual(one({}, { missing: new Set([manifest.id]), parent: known(true) }), ['expired', ''])
  t.deepEqual(one({}, { parent: { ...parent, record: { ...parent.record, trainings: 8 } } }), ['expired', ''])
  const late = settledWith({ manifests: [manifest], parent: { ...parent, id: 'f'.repeat(64), record: { ...parent.record, round: 2, trainings: 2, starts: [{ record: 'e'.repeat(64), round: 1 }, { record: parent.id, round: 0 }] } } })
  t.is(late.entries[0]!.outcome, 'late')

  const twice = settledWith({ manifests: [...manifests, seal(0, 'manifest', { ...base, tokens: base.tokens + 1 })] })
  t.is(twice.entries.filter(({ reason }) => reason === 'DUPLICATE').length, 1)
  t.is(twice.entries.reduce((sum, { weight }) => sum + weight, 0), 65_536)
  t.is(closed.manifests.size, 4)
})

test('a delta that a reunion offers weighs as much as the peers behind it', (t) => {
  const { input, parent, manifests, seal } = first
  const offered = seal(0, 'manifest', { ...manifests[0]!.payload, reunion: { base: parent.id, tip: parent.id, commit: parent.id, rounds: 2, signatures: [] } })
  const { entries } = settle({
    parent, manifests: [offered, ...manifests.slice(1)], missing: new Set(), bytes: input.bytes, scores: new Map(), isRolledBack: false,
    reunions: new Map([[offered.id, 3]]), length: first.state.adapter.values.length,
  })
  const weight = (peer: string): number => entries.find(({ opened }) => opened.peer === peer)!.weight
  t.true(Math.abs(weight(offered.peer) / weight(manifests[1]!.peer) - 3) < 0.2)
})

test('fewer lists than a quorum close nothing, and what too few have listed stays open', (t) => {
  const { lists, place, manifests, seal } = first
  t.is(closeWith(lists.slice(1), place.voters), undefined)
  const short = (index: number) => seal(index, 'list', { cluster: 'verilog.0', round: 1, instance: place.instance, manifests: [manifests[0]!.id] })
  const [second, third] = [short(1), short(2)]
  t.deepEqual([...closeWith([lists[0]!, second, third], place.voters)!.manifests], [manifests[0]!.id])
  t.not(closeWith([lists[0]!, second, third], place.voters)!.seed, first.closed.seed)
})

test('one list that leaves something out keeps nothing from being closed, and what one voter alone has listed is not', (t) => {
  const { lists, place, manifests, seal } = first
  const listed = (index: number, which: readonly string[]) => seal(index, 'list', { cluster: 'verilog.0', round: 1, instance: place.instance, manifests: [...which].sort() })
  const all = manifests.map(({ id }) => id)
  t.deepEqual([...closeWith([lists[0]!, lists[1]!, listed(2, [])], place.voters)!.manifests].sort(), all.toSorted())
  t.deepEqual([...closeWith([listed(0, all.slice(1)), listed(1, all.slice(1)), lists[2]!], place.voters)!.manifests].sort(), all.slice(1).sort())
  t.deepEqual(Array.from({ length: 10 }, (_, voters) => listingsNeeded(voters + 1)), [1, 2, 3, 2, 3, 4, 3, 4, 5, 4])
})

test('of three auditors the one that the others contradict pays; of two nobody does', (t) => {
  const { seal, closed, manifests } = first
  const content = manifests[3]!.payload.content
  const scored = (index: number, score: number) => seal(index, 'audit', { cluster: 'verilog.0', round: 1, seed: closed.seed, scores: [{ content, scores: Array<number>(8).fill(score) }] })
  const senders = new Map([[content, manifests[3]!.peer]])
  t.deepEqual([...findings([scored(0, 0), scored(1, 40_000)], senders, 8).contradicted], [])
  const three = findings([scored(0, 0), scored(1, 40_000), scored(2, 40_100)], senders, 8)
  t.deepEqual([...three.contradicted], [first.identities[0]!.peerId])
  t.deepEqual(three.scores.get(content), Array<number>(8).fill(40_000))
  t.is(findings([scored(3, 65_536)], senders, 8).scores.size, 0, 'a peer does not score itself')
})

test('a commit needs a quorum of valid signatures, each voter\'s once', (t) => {
  const { identities, input } = first
  const { stored } = computeRecord(input)
  const vote = { step: 'precommit' as const, term: 1, value: stored.id }
  const precommits = identities.map((identity) => ({ peer: identity.peerId, free: true, signature: signVote(identity, ballotOf(stored.record), { ...vote, voter: identity.peerId }, true).signature }))
  const check = (given: typeof precommits, term = 1) => () => checkCommit(stored, { term, precommits: given }, input.verify)
  const refused = { instanceOf: RoundsError, code: 'COMMIT_REFUSED' }
  t.notThrows(check(precommits.slice(1)))
  t.throws(check(precommits.slice(2)), refused)
  t.throws(check([...precommits.slice(2), precommits[3]!]), refused)
  t.throws(check(precommits, 2), refused)
  t.throws(check(precommits.map((one) => ({ ...one, free: false }))), refused)
  t.notThrows(() => checkSuccessor(first.parent, stored, null, input.verify))
  t.throws(() => checkSuccessor(stored, stored, null, input.verify), { instanceOf: RoundsError, code: 'CHAIN_REFUSED' })
  t.throws(() => checkSuccessor(first.parent, { ...stored, record: { ...stored.record, voters: stored.record.voters.slice(1) } }, null, input.verify), { code: 'CHAIN_REFUSED' })
})

test('a charge of cheating needs two different votes of one step, both signed', (t) => {
  const { identities, place, input } = first
  const ballot = { network: place.network, level: 0, cluster: 'verilog.0', round: 1, instance: place.instance }
  const vote = (value: string | null, term = 0) => signVote(identities[0]!, ballot, { step: 'prevote', term, voter: identities[0]!.peerId, value }, true)
  const stands = (a: ReturnType<typeof vote>, b: ReturnType<typeof vote>) => cheatStands({ round: 1, instance: place.instance, first: a, second: b }, place.network, 'verilog.0', input.verify)
  t.true(stands(vote('a'.repeat(64)), vote(null)))
  t.false(stands(vote(null), vote(null)))
  t.false(stands(vote('a'.repeat(64)), vote(null, 1)))
  t.false(stands(vote('a'.repeat(64)), { ...vote(null), signature: vote('a'.repeat(64)).signature }))
})

test('a provisional record heals by a quorum of free members of its base, and a bound member never helps a rival', (t) => {
  const base = { record: 'a'.repeat(64), round: 3, members: ['a', 'b', 'c', 'd'] }
  const signed = (...peers: string[]) => ({ term: 0, precommits: peers.map((peer) => ({ peer, free: true, signature: new Uint8Array(64) })) })
  t.true(isHealed(base, 0, signed('a', 'b', 'c')))
  t.false(isHealed(base, 0, signed('a', 'b', 'joiner')))
  t.false(isHealed(base, 0, { term: 0, precommits: signed('a', 'b', 'c').precommits.map((one, at) => ({ ...one, free: at > 0 })) }))
  const pledge = { record: 'x', instance: 'i', base: base.record }
  t.true(isFree(undefined, base.record, 'j', []))
  t.true(isFree(pledge, base.record, 'j', ['q', 'x', 'p']), 'it builds on what it has bound itself to')
  t.true(isFree(pledge, base.record, 'i', ['p']), 'another proposal of the same agreement')
  t.false(isFree(pledge, base.record, 'j', ['q', 'p']), 'a rival of the same parent')
  t.true(isFree(pledge, 'a later base', 'j', []))
})

/** A provisional branch with so many records and these voters. */
const branch = (name: string, rounds: number, voters: readonly string[]) => ({
  records: Array.from({ length: rounds }, (_, at): StoredRecord => ({
    id: contentId(Buffer.from(`${name} ${at}`)), bytes: new Uint8Array(), body: new Uint8Array(), record: { ...first.parent.record, round: 4 + at, base: { record: 'a'.repeat(64), round: 3, members: [] }, voters: [...voters] },
  })),
  commit: { term: 0, precommits: [] },
})

test('any number of chains has one order, and a chain that goes on keeps its place', (t) => {
  const chain = fc.record({ name: fc.string({ minLength: 1, maxLength: 3 }), rounds: fc.integer({ min: 1, max: 4 }), voters: fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 }) })
    .map(({ name, rounds, voters }) => branch(name, rounds, voters))
  fc.assert(fc.property(chain, chain, chain, (a, b, c) => {
    const order = (x: typeof a, y: typeof a): number => Math.sign(compareBranches(x, y, []))
    t.is(order(a, b) + order(b, a), 0)
    if (order(a, b) < 0 && order(b, c) < 0) t.true(order(a, c) < 0)
    const longer = { ...a, records: [...a.records, ...branch('on', 6, ['a']).records.slice(a.records.length)] }
    if (order(a, b) < 0) t.true(order(longer, b) < 0)
  }))
})

test('what a residual loses by an expired delta comes back, at most the median norm of it', (t) => {
  const residual = Float32Array.of(1, 1)
  const decoded = Float32Array.of(3, 4)
  const unit = 2n ** 48n
  t.deepEqual([...residualAfter('counted', residual, decoded, unit)], [1, 1])
  t.deepEqual([...residualAfter('late', residual, decoded, unit)], [1, 1])
  t.deepEqual([...residualAfter('missing', residual, decoded, unit)], [1, 1])
  t.deepEqual([...residualAfter('refused', residual, decoded, unit)], [0, 0])
  t.deepEqual([...residualAfter('expired', residual, decoded, 25n * unit)], [4, 5])
  t.true(Math.abs(residualAfter('expired', residual, decoded, unit)[0]! - 1.6) < 1e-6)
})

test('bytes from a stranger are a message or are refused with a code; nothing else is thrown', (t) => {
  const kinds = Object.keys(SEALED) as SealedKind[]
  const { lists, manifests } = first
  const real = fc.constantFrom(...lists, ...manifests).chain(({ envelope }) => fc.tuple(fc.nat(envelope.length - 1), fc.nat(255)).map(([at, value]) => {
    const changed = envelope.slice()
    changed[at] = value
    return changed
  }))
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), real), fc.constantFrom(...kinds), (bytes, kind) => {
    for (const read of [
      () => unframe(bytes), () => openMessage(bytes, kind, reading), () => decodeCarried(bytes, 'votes'), () => decodeCarried(bytes, 'shares'),
      () => decodeCarried(bytes, 'certificates'), () => decodeClusterHeader(bytes), () => decodeClusterRecord(founding, bytes), () => decodeLevelRecord(bytes),
    ]) {
      try {
        read()
      } catch (error) {
        t.true(error instanceof RoundsError, String(error))
      }
    }
  }), { numRuns: 300 })
  const { envelope } = first.lists[0]!
  t.is(unframe(frame('list', envelope)).kind, 'list')
  t.throws(() => unframe(encodeCanonical(['list', envelope, true])), { code: 'MESSAGE_REFUSED' }, 'the same message in a second form')
  t.throws(() => openMessage(new Uint8Array(MAXIMUM_ENVELOPE_BYTES.heartbeat + 1), 'heartbeat', reading), { code: 'MESSAGE_REFUSED' })
})
