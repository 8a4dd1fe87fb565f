import test from 'ava'
import fc from 'fast-check'

import { isPresent, rank } from '../../src/hierarchy/index.js'
import { verifySignature } from '../../src/identity/index.js'
import { RoundsError } from '../../src/rounds/index.js'
import { topMadeBy, topOf } from '../../src/rounds/records/first-top.js'
import type { ClusterHeader, Commit, Stored } from '../../src/rounds/records/cluster-record.js'
import { checkCommit, checkSuccessor } from '../../src/rounds/records/commit.js'
import { computeRecord } from '../../src/rounds/records/compute-record.js'
import { decodeClusterHeader, encodeClusterHeader } from '../../src/rounds/records/record-bytes.js'
import { settle } from '../../src/rounds/records/settle.js'
import { decidedOf, isBorn, maySplit, placeAfter, storedTwinOf, twinOf } from '../../src/rounds/records/split.js'
import { namedIn } from '../../src/rounds/records/state.js'
import { ballotOf, signVote } from '../../src/rounds/records/votes.js'

import { firstRound } from './vectors.js'

const first = await firstRound()
const policy = { ...first.policy, clusterMaximum: 3, clusterMinimum: 1 }
const input = { ...first.input, policy, next: policy }
const { stored: stays, state } = computeRecord(input)
const goesOn = storedTwinOf(stays)
const refused = { instanceOf: RoundsError, code: 'CHAIN_REFUSED' }

/** Signed by everybody. */
function commitOf(record: Stored<ClusterHeader>): Commit {
  const ballot = ballotOf(record.record)
  return {
    term: 0,
    precommits: first.identities.map((identity) => {
      const { voter: peer, free, signature } = signVote(identity, ballot, { step: 'precommit', term: 0, voter: identity.peerId, value: record.id }, true)
      return { peer, free, signature }
    }).sort((a, b) => (a.peer < b.peer ? -1 : 1)),
  }
}

function without(header: ClusterHeader, field: 'split' | 'lineage'): ClusterHeader {
  return Object.fromEntries(Object.entries(header).filter(([name]) => name !== field)) as ClusterHeader
}

test('a record that splits stands for two, and whoever has one has both', (t) => {
  t.true(stays.record.split !== undefined)
  const all = [...stays.record.members, ...goesOn.record.members]
  t.deepEqual(all.map(({ peer }) => peer).sort(), first.parent.record.members.map(({ peer }) => peer))
  t.is(stays.record.members.length, 2)
  t.deepEqual(twinOf(twinOf(stays)).id, stays.id)
  t.deepEqual(twinOf(decodeClusterHeader(goesOn.bytes.slice())).bytes, stays.bytes)
  t.is(decidedOf(goesOn).id, stays.id)
  t.is(decidedOf(stays).id, stays.id)
  t.deepEqual([isBorn(stays.record), isBorn(goesOn.record)], [false, true])
  t.is(goesOn.record.body, stays.record.body)
  for (const half of [stays, goesOn]) {
    t.deepEqual(namedIn(half.record).sort(), [...new Set([state.adapter.id, state.velocity.id, state.residual.id])].sort(), 'both start from the same values')
    t.true(half.record.evidence.length === 4, 'what audits have shown goes with both')
    for (const { peer } of half.record.members) t.is(placeAfter(peer, half.record), undefined)
    for (const { peer } of half.record.split!.members) t.is(placeAfter(peer, half.record), half.record.split!.cluster)
  }
})

test('the commit of the record that was voted on is that of both, and nobody signs for a half alone', (t) => {
  const commit = commitOf(stays)
  t.notThrows(() => checkCommit(stays, commit, verifySignature))
  t.notThrows(() => checkCommit(goesOn, commit, verifySignature))
  t.throws(() => checkCommit(goesOn, commitOf(goesOn), verifySignature), { code: 'COMMIT_REFUSED' })
  for (const half of [stays, goesOn]) t.notThrows(() => checkSuccessor(first.parent, half, null, verifySignature))
})

test('both halves make the same first top, which starts from what both have learnt', (t) => {
  const top = topMadeBy(first.parent.record, stays)!
  t.is(topMadeBy(first.parent.record, goesOn)!.id, top.id)
  t.is(topOf(goesOn.record).id, top.id)
  for (const { record } of [stays, goesOn]) t.deepEqual(record.upper, { round: 0, record: top.id, adapter: record.adapter, velocity: record.velocity })
  t.deepEqual(top.record.seats.map(({ seat, members }) => [seat, members]), [stays, goesOn].map(({ record }) => [record.cluster, record.members.filter(isPresent).map(({ peer }) => peer)]).sort())
  t.deepEqual([stays.record.tokens, goesOn.record.tokens], [0, 0], 'there is nothing to offer')
})

test('a split that the lot has not drawn is refused by whoever follows the chain, without its evidence', (t) => {
  const header = decodeClusterHeader(stays.bytes).record
  const forged = (change: (header: ClusterHeader) => ClusterHeader): Stored<ClusterHeader> => encodeClusterHeader(change(header))
  const check = (record: Stored<ClusterHeader>) => () => checkSuccessor(first.parent, record, null, verifySignature)
  fc.assert(fc.property(fc.nat({ max: 1 }), fc.nat({ max: 1 }), (a, b) => {
    const swapped = forged((one) => ({
      ...one,
      members: one.members.with(a, one.split!.members[b]!),
      split: { ...one.split!, members: one.split!.members.with(b, one.members[a]!) },
    }))
    t.throws(check(swapped), refused)
    t.throws(check(twinOf(swapped)), refused)
  }))
  t.throws(check(forged((one) => ({ ...one, split: { ...one.split!, cluster: 'verilog.mine' } }))), refused)
  t.throws(check(forged((one) => without(one, 'split'))), refused)
  t.throws(check(forged((one) => without(one, 'lineage'))), refused)
  t.throws(check(forged((one) => ({ ...one, lineage: { ...one.lineage!, founded: 'verilog.9' } }))), refused)
  t.throws(check(forged((one) => ({ ...one, upper: { ...one.upper, record: 'a'.repeat(64) } }))), { ...refused, message: /another level above/ })
  t.throws(check(forged((one) => ({ ...one, base: { record: first.parent.id, round: 0, members: one.voters } }))), refused)
})

test('a cluster does not split while an offer stands open, with less than all its voters, or where too few have shown bytes', (t) => {
  const { record } = first.parent
  t.true(maySplit(record, true, policy))
  t.false(maySplit(record, false, policy))
  t.false(maySplit({ ...record, offer: {} as ClusterHeader['offer'] }, true, policy))
  t.false(maySplit(record, true, { clusterMaximum: 4, clusterMinimum: 1 }))
  t.false(maySplit(record, true, { clusterMaximum: 3, clusterMinimum: 3 }), 'halves below the minimum')
  const missing = new Set(input.manifests.slice(1).map(({ id }) => id))
  t.is(computeRecord({ ...input, missing }).stored.record.split, undefined)
})

test('what draws the halves are the bytes of the deltas: with other bytes the halves have another name', (t) => {
  const missing = new Set([input.manifests[0]!.id])
  const other = computeRecord({ ...input, missing }).stored
  t.true(other.record.split !== undefined)
  t.not(other.record.split!.cluster, stays.record.split!.cluster)
})

test('a delta from before the split counts late in the half of its sender, once, and in no other', (t) => {
  const base = first.manifests[0]!.payload
  for (const [index, identity] of first.identities.entries()) {
    // Trained for the round of the split, from its parent; it comes a round later.
    const manifest = first.seal(index, 'manifest', { ...base, content: first.manifests[index]!.payload.content, binding: first.manifests[index]!.payload.binding })
    const outcomes = [stays, goesOn].map((half) => settle({
      parent: { ...half, record: { ...half.record, settled: [] } }, manifests: [manifest], missing: new Set(), bytes: input.bytes, scores: new Map(), isRolledBack: false, reunions: new Map(), length: first.state.adapter.values.length,
    }).entries[0]!)
    const own = [stays, goesOn].findIndex(({ record }) => record.members.some(({ peer }) => peer === identity.peerId))
    t.is(outcomes[own]!.outcome, 'late')
    t.deepEqual([outcomes[1 - own]!.outcome, outcomes[1 - own]!.reason], ['refused', 'PARENT'])
    t.is(settle({
      parent: [stays, goesOn][own]!, manifests: [manifest], missing: new Set(), bytes: input.bytes, scores: new Map(), isRolledBack: false, reunions: new Map(), length: first.state.adapter.values.length,
    }).entries[0]!.reason, 'SETTLED', 'what has counted before the split counts in neither half again')
  }
})

test('each half ranks and agrees by itself from there', (t) => {
  for (const { record } of [stays, goesOn]) t.deepEqual(rank(record.members, record.cluster).toSorted(), record.members.map(({ peer }) => peer))
})
