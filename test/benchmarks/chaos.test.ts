import test from 'ava'
import fc from 'fast-check'

import { NOTHING_CHECKED } from '../../scripts/bench/chaos/check.js'
import { connectedOf } from '../../scripts/bench/chaos/connected.js'
import { contradictions, lossesOf } from '../../scripts/bench/chaos/evidence.js'
import { runSchedule } from '../../scripts/bench/chaos/run-schedule.js'
import { drawSchedule, FAULT_KINDS } from '../../scripts/bench/chaos/schedule.js'
import type { Fault, Schedule } from '../../scripts/bench/chaos/schedule.js'
import { SETTING } from '../../scripts/bench/chaos/setting.js'
import { StrickenVillage } from '../../scripts/bench/chaos/stricken-village.js'
import { WedgeWatch } from '../../scripts/bench/chaos/wedge-watch.js'
import { JumpingClock } from '../../scripts/bench/village/jumping-clock.js'
import { quorumOf } from '../../src/hierarchy/index.js'
import { createVirtualClock } from '../../src/telemetry/index.js'

const ROUND_MS = 2500
const village = fc.record({ seed: fc.integer({ min: 0 }), peers: fc.integer({ min: 8, max: 24 }) })

function underWay({ faults }: Schedule, at: number): Fault[] {
  return faults.filter((fault) => fault.at <= at && at < fault.until)
}

test('a schedule has three faults or more, spans five rounds or more, and equal seeds give equal ones', (t) => {
  fc.assert(fc.property(village, ({ seed, peers }) => {
    const schedule = drawSchedule(seed, { peers, roundMs: ROUND_MS })
    t.true(schedule.faults.length >= 3)
    t.true(schedule.rounds >= 5 && schedule.durationMs >= 5 * ROUND_MS)
    t.deepEqual(drawSchedule(seed, { peers, roundMs: ROUND_MS }), schedule)
    for (const { at, until, peers: struck } of schedule.faults) {
      t.true(at >= 0 && at <= until && until <= schedule.durationMs)
      t.true(struck.length > 0 && struck.every((peer) => Number.isInteger(peer) && peer >= 0 && peer < peers))
      t.is(new Set(struck).size, struck.length)
    }
  }))
})

test('at the end of a schedule everybody is connected again, so each cluster has a quorum', (t) => {
  fc.assert(fc.property(village, ({ seed, peers }) => {
    const schedule = drawSchedule(seed, { peers, roundMs: ROUND_MS })
    const all = Array.from({ length: peers }, (_, index) => index)
    t.deepEqual(connectedOf(all, underWay(schedule, schedule.durationMs)), all)
  }))
})

test('no process, and no disk, meets a second such fault in one schedule', (t) => {
  fc.assert(fc.property(village, ({ seed, peers }) => {
    const struck = drawSchedule(seed, { peers, roundMs: ROUND_MS }).faults.filter(({ kind }) => kind === 'kill' || kind === 'hang' || kind === 'disk').flatMap((fault) => fault.peers)
    t.is(new Set(struck).size, struck.length)
  }))
})

test('a hundred schedules hold every kind of fault, clocks that jump both ways, and times without a connected quorum', (t) => {
  const schedules = Array.from({ length: 100 }, (_, seed) => drawSchedule(seed, { peers: 16, roundMs: ROUND_MS }))
  const faults = schedules.flatMap((schedule) => schedule.faults)
  for (const kind of FAULT_KINDS) t.true(faults.filter((fault) => fault.kind === kind).length > 10, kind)
  for (const sign of [1, -1]) t.true(faults.some((fault) => fault.kind === 'clock' && Math.sign(fault.jumpMs) === sign))
  for (const isSilent of [true, false]) t.true(faults.some((fault) => fault.kind === 'partition' && fault.isSilent === isSilent))
  const cluster = Array.from({ length: 8 }, (_, index) => index)
  t.true(schedules.some((schedule) => schedule.faults.some(({ at }) => connectedOf(cluster, underWay(schedule, at)).length < quorumOf(cluster.length))))
})

test('who is connected: the largest side of all partitions, without those that a fault hinders', (t) => {
  const times = { at: 0, until: 1 }
  const members = [0, 1, 2, 3, 4, 5]
  t.deepEqual(connectedOf(members, []), members)
  t.deepEqual(connectedOf(members, [{ kind: 'kill', peers: [2], ...times }, { kind: 'partition', peers: [0, 9], isSilent: true, ...times }]), [1, 3, 4, 5])
  t.deepEqual(connectedOf(members, [{ kind: 'partition', peers: [0, 1, 2], isSilent: false, ...times }, { kind: 'partition', peers: [1, 2, 3], isSilent: false, ...times }]), [1, 2])
})

test('a cluster is wedged where a connected quorum has no record for too long, once each time', (t) => {
  const watch = new WedgeWatch(3, 1000)
  watch.look(0, [0, 1, 2, 3], 0)
  watch.look(900, [0, 1, 2], 0)
  t.is(watch.wedged, 0)
  watch.look(1100, [0, 1, 2, 3], 0)
  watch.look(1500, [0, 1, 2, 3], 0)
  t.is(watch.wedged, 1)
  watch.look(1600, [0, 1, 2, 3], 1550)
  watch.look(2700, [0, 1, 2, 3], 1550)
  t.is(watch.wedged, 2)
  t.is(watch.longestWaitMs, 1500)
})

test('a cluster is not wedged while no quorum is connected, nor soon after others have come together', (t) => {
  const watch = new WedgeWatch(3, 1000)
  watch.look(0, [0, 1, 2], 0)
  watch.look(500, [0, 1], 0)
  watch.look(5000, [0, 1], 0)
  watch.look(5500, [0, 1, 2], 0)
  watch.look(6000, [0, 1, 3], 0)
  watch.look(6900, [0, 1, 3], 0)
  t.is(watch.wedged, 0)
})

test('a record that was told of and is not in the chain is lost, with those of its deltas that count nowhere else', (t) => {
  const chain = [{ round: 3, record: 'c', counted: ['z', 'y'] }, { round: 2, record: 'b', counted: ['x'] }]
  t.deepEqual(lossesOf(chain, chain), { records: [], deltas: [], twice: [] })
  const lost = { round: 3, record: 'other', counted: ['y', 'w'] }
  t.deepEqual(lossesOf([...chain, lost, lost], chain), { records: [lost], deltas: ['w'], twice: [] })
  t.deepEqual(lossesOf([], [...chain, { round: 1, record: 'a', counted: ['x'] }]).twice, ['x'])
})

test('two full records of one round contradict each other, one that several tell of does not', (t) => {
  const told = [{ round: 2, record: 'b', counted: [] }, { round: 2, record: 'b', counted: [] }, { round: 3, record: 'c', counted: [] }]
  t.deepEqual(contradictions(told), [])
  t.deepEqual(contradictions([...told, { round: 3, record: 'other', counted: [] }]), [{ round: 3, records: ['c', 'other'] }])
})

test('a clock that jumps forwards runs what is due by then; backwards it takes only the time of day along', async (t) => {
  const inner = createVirtualClock()
  const clock = new JumpingClock(inner, () => 1_000_000 + inner.now())
  const ran: string[] = []
  const cancel = clock.after(50, () => { ran.push('cancelled') })
  clock.after(100, () => { ran.push('late') })
  clock.after(20, () => { ran.push('early') })
  cancel()
  clock.jump(-5000)
  t.is(clock.now(), inner.now())
  t.is(clock.wall(), 1_000_000 + inner.now() - 5000)
  await inner.advance(10)
  t.deepEqual(ran, [])
  clock.jump(60)
  await inner.advance(0)
  t.deepEqual(ran, ['early'])
  t.is(clock.now(), inner.now() + 60)
  await inner.advance(29)
  t.deepEqual(ran, ['early'])
  await inner.advance(1)
  t.deepEqual(ran, ['early', 'late'])
})

test('a cluster of real peers lives through kill, partition, corruption, a full disk and a jumping clock, and loses nothing', async (t) => {
  t.timeout(170_000)
  const stricken = await StrickenVillage.found({ clusters: 1, clusterSize: 4 }, { ...SETTING, policy: { ...SETTING.policy, heartbeatMs: 800 }, toy: { values: 256, trainingMs: 300 } }, 1)
  t.teardown(() => stricken.end())
  const schedule: Schedule = {
    seed: 0,
    rounds: 5,
    durationMs: 9000,
    faults: [
      { kind: 'disk', at: 0, until: 2000, peers: [3] },
      { kind: 'kill', at: 2500, until: 4500, peers: [2] },
      { kind: 'partition', at: 5000, until: 7000, peers: [0], isSilent: false },
      { kind: 'corrupt', at: 5000, until: 8000, peers: [1], share: 0.2 },
      { kind: 'clock', at: 7500, until: 7500, peers: [3], jumpMs: 30_000 },
    ],
  }
  await stricken.formed(150)
  const { outcome, finding } = await runSchedule(stricken, schedule, NOTHING_CHECKED, { healingSeconds: 150, patienceMs: 150_000 })
  t.is(finding, undefined, finding?.what.join('\n'))
  t.true(outcome.rounds.every((rounds) => rounds >= 5))
  t.true(outcome.full > 0)
  t.like(outcome, { lost: 0, countedTwice: 0, wedged: 0, unhandled: 0, endedUnasked: 0 })
})
