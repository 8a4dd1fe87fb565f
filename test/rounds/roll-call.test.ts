import test from 'ava'
import fc from 'fast-check'

import { RoundsError } from '../../src/rounds/index.js'
import { closeWith } from '../../src/rounds/records/closing.js'
import type { ClusterRecord, Stored } from '../../src/rounds/records/cluster-record.js'
import { checkSuccessor } from '../../src/rounds/records/commit.js'
import { computeRecord } from '../../src/rounds/records/compute-record.js'
import { encodeClusterRecord } from '../../src/rounds/records/record-bytes.js'
import { countsOn, countTrainings, startsAfter, trainingAfter } from '../../src/rounds/records/roll-call.js'
import { settle } from '../../src/rounds/records/settle.js'
import { verifySignature } from '../../src/identity/index.js'
import { createToyLearner, createVillage, optimumOf } from './village.js'
import { firstRound } from './vectors.js'

const first = await firstRound()
const empty = [0, 1, 2].map((index) => first.seal(index, 'list', { cluster: 'verilog.0', round: 1, instance: first.place.instance, manifests: [] }))
const call = computeRecord({ ...first.input, closed: closeWith(empty, first.place.voters)!, manifests: [], audits: [] })

test('a round whose closed set is empty changes nothing but the roster, and the training goes on from where it started', (t) => {
  const { record } = call.stored
  t.deepEqual([record.round, record.trainings, record.rollCall], [1, 0, 1])
  t.deepEqual(record.starts, [{ record: first.parent.id, round: 0 }])
  t.is(call.state.adapter.id, first.state.adapter.id)
  t.is(trainingAfter(record), 1)
  t.deepEqual(startsAfter(call.stored), startsAfter(first.parent))
})

test('a delta of that training counts in full after the roll call, as it would have without it', (t) => {
  const common = { manifests: first.manifests, missing: new Set<string>(), bytes: first.input.bytes, scores: new Map(), isRolledBack: false, reunions: new Map(), length: first.state.adapter.values.length }
  const [without, after] = [first.parent, call.stored].map((parent) => settle({ ...common, parent }).entries.map(({ outcome, weight }) => ({ outcome, weight })))
  t.deepEqual(after, without)
  t.true(after!.every(({ outcome }) => outcome === 'counted'))
})

test('whoever follows headers alone sees when a record counts trainings that there have not been', (t) => {
  const { stored } = call
  const forged = (more: Partial<ClusterRecord>): Stored<ClusterRecord> => encodeClusterRecord({ ...stored.record, ...more })
  t.notThrows(() => checkSuccessor(first.parent, stored, undefined, verifySignature))
  for (const more of [{ trainings: 1 }, { rollCall: 0 }, { rollCall: 2 }, { starts: [] }, { starts: [{ record: 'a'.repeat(64), round: 0 }] }, { starts: [{ record: first.parent.id, round: 1 }] }]) {
    t.throws(() => checkSuccessor(first.parent, forged(more), undefined, verifySignature), { instanceOf: RoundsError, code: 'CHAIN_REFUSED' }, JSON.stringify(more))
  }
})

test('whatever the order of roll calls and trainings, a delta late by so many trainings starts from the record that ended the one before it', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 30 }), (ends) => {
    let tip = { id: 'record 0', record: { round: 0, trainings: 0, rollCall: 0, starts: [] as { record: string, round: number }[] } }
    const ended = [{ record: 'record 0', round: 0 }]
    for (const [at, endsTraining] of ends.entries()) {
      const round = at + 1
      const record = { round, ...countTrainings(tip, endsTraining) }
      if (!countsOn(tip, record)) return false
      tip = { id: `record ${round}`, record: { ...record, starts: [...record.starts] } }
      if (endsTraining) ended.unshift({ record: tip.id, round })
    }
    const starts = startsAfter(tip)
    return tip.record.trainings === ended.length - 1 && starts.length <= 5 && starts.every((start, late) => start.record === ended[late]!.record && start.round === ended[late]!.round)
  })))
})

test('while all train, a roll call takes off those who have gone and lets in who has come; the training ends as if nothing had been', async (t) => {
  const village = await createVillage({
    domains: Array<string>(8).fill('verilog'),
    later: ['verilog'],
    policy: { membership: 'credential', admissionDelayMs: 0, deadlines: { train: 60_000, close: 2000, reveal: 4000, audit: 4000, propose: 1500, prevote: 500, precommit: 500, termGrowth: 500, grace: 4000 } },
    learner: (index, clock) => createToyLearner(optimumOf(index, false), { duration: () => new Promise((resolve) => { clock.after(30_000 + 100 * index, resolve) }) }),
  })
  const { villagers, clock } = village
  await village.start(0, 1, 2, 3, 4, 5, 6, 7)
  await clock.advance(5000)
  await village.kill(6)
  await village.kill(7)
  await village.start(8)
  const records = (index: number) => villagers[index]!.of('record:committed')
  t.true(await clock.runUntil(() => records(0).some(({ members }) => members.length === 7 && members.includes(villagers[8]!.id)), 20_000), 'long before the training is over')
  t.true(records(0).every(({ isRollCall, training, contributions, provisional }) => isRollCall && training === 0 && contributions.length === 0 && !provisional))
  t.false(records(0).at(-1)!.members.some((peer) => peer === villagers[6]!.id || peer === villagers[7]!.id))

  t.true(await clock.runUntil(() => records(0).some(({ isRollCall }) => !isRollCall), 60_000))
  const ended = records(0).find(({ isRollCall }) => !isRollCall)!
  t.is(ended.training, 1)
  // Six have trained from the beginning; who came meanwhile begins with the next one.
  t.deepEqual(ended.contributions.map(({ peer, outcome }) => ({ peer, outcome })).sort((a, b) => (a.peer < b.peer ? -1 : 1)),
    [0, 1, 2, 3, 4, 5].map((index) => ({ peer: villagers[index]!.id, outcome: 'counted' as const })).sort((a, b) => (a.peer < b.peer ? -1 : 1)))
  t.true(villagers[0]!.of('training:finished').length === 1, 'a roll call starts no training anew')
  t.true(await clock.runUntil(() => records(0).some(({ training, contributions }) => training === 2 && contributions.some(({ peer, outcome }) => peer === villagers[8]!.id && outcome === 'counted')), 120_000))
  await village.stop()
})

test('where nobody comes or goes, there is no roll call', async (t) => {
  const village = await createVillage({ domains: Array<string>(8).fill('verilog') })
  await village.start()
  t.true(await village.untilRound(4))
  t.true(village.villagers.every((villager) => villager.of('record:committed').every(({ isRollCall, training, round }) => !isRollCall && training === round)))
  await village.stop()
})
