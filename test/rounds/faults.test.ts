import test from 'ava'

import { DEFAULT_WEIGH_OPTIONS } from '../../src/aggregation/index.js'
import { createToyLearner, createVillage, optimumOf } from './village.js'
import type { Village, Villager } from './village.js'

const cluster = (size: number): string[] => Array<string>(size).fill('verilog')

/** Whether two chains agree on every round that both have full records of. */
function agree(t: { is: (a: unknown, b: unknown, message: string) => void }, villagers: readonly Villager[]): void {
  const full = new Map<number, string>()
  for (const villager of villagers) {
    for (const { round, record, provisional } of villager.of('record:committed')) {
      if (provisional) continue
      t.is(full.get(round) ?? record, record, `round ${round}`)
      full.set(round, record)
    }
  }
}

function headOf({ villagers }: Village, asked: number): Villager {
  return villagers.find(({ id }) => id === villagers[asked]!.peer.status().head)!
}

test('a round goes on without a killed proposer: the next in rank commits, and the dead one has a miss', async (t) => {
  const village = await createVillage({ domains: cluster(8) })
  await village.start()
  t.true(await village.untilRound(2))
  const first = headOf(village, 0)
  const others = village.villagers.filter((villager) => villager !== first)
  // In the middle of an agreement, before its proposal is out.
  await village.clock.runUntil(() => first.peer.status().phase === 'audit', 60_000)
  await village.kill(first.index)
  t.true(await village.untilRound(6, others.map(({ index }) => index)))
  const { round, head } = others[0]!.of('record:committed').find((one) => one.term > 0)!
  t.true(round <= 4)
  t.not(head, first.id)
  t.deepEqual(others[0]!.of('peer:missed')[0]?.peer, first.id)
  t.true(others[0]!.of('peer:gone').some(({ peer }) => peer === first.id))
  const member = others[0]!.peer.status().members.find(({ peer }) => peer === first.id)!
  t.true(member.misses >= 1 && member.presence < 16)
  agree(t, others)
  await village.stop()
})

test('a member that stays away leaves the roster, and is added again when it comes back', async (t) => {
  const village = await createVillage({ domains: cluster(5) })
  await village.start()
  t.true(await village.untilRound(1))
  await village.kill(4)
  const others = [0, 1, 2, 3]
  t.true(await village.untilRound(13, others))
  t.false(village.villagers[0]!.peer.status().members.some(({ peer }) => peer === village.villagers[4]!.id))
  await village.revive(4)
  t.true(await village.clock.runUntil(() => village.villagers[0]!.peer.status().members.some(({ peer }) => peer === village.villagers[4]!.id), 60_000))
  const { round } = village.villagers[0]!.peer.status()
  t.true(await village.untilRound(round + 2))
  agree(t, village.villagers)
  await village.stop()
})

test('a partition goes on provisionally on both sides and comes together as one chain, with the smaller side\'s change', async (t) => {
  // The toys are near their goal soon, where the gate's floor tells apart what is all but equal.
  const village = await createVillage({ domains: cluster(6), policy: { weighing: { ...DEFAULT_WEIGH_OPTIONS, gate: { ...DEFAULT_WEIGH_OPTIONS.gate, floor: 6554 } } } })
  await village.start()
  t.true(await village.untilRound(2))
  const { villagers, network } = village
  const [large, small] = [villagers.slice(0, 4), villagers.slice(4)]
  network.partition([large.map(({ id }) => id), small.map(({ id }) => id)])
  const until = villagers[0]!.peer.status().round
  t.true(await village.untilRound(until + 3))
  t.true(large.every(({ peer }) => peer.status().provisional) && small.every(({ peer }) => peer.status().provisional))
  t.is(new Set(small.map(({ peer }) => peer.status().voters.length)).size, 1)
  network.heal()
  const together = await village.clock.runUntil(() => {
    const all = villagers.map(({ peer }) => peer.status())
    return all.every(({ members, provisional }) => members.length === 6 && !provisional) && new Set(all.map(({ record }) => record)).size === 1
  }, 120_000)
  t.true(together, 'all are members of one full chain again')
  t.true(small.every((villager) => villager.of('chain:switched').length > 0))
  t.true(large.every((villager) => villager.of('chain:switched').length === 0))
  const offered = small.flatMap((villager) => villager.of('reunion:offered'))
  t.is(offered.length, 1)
  const { round } = villagers[0]!.peer.status()
  t.true(await village.untilRound(round + 2))
  const outcomes = villagers[0]!.of('record:committed').flatMap(({ contributions }) => contributions).filter(({ content }) => content === offered[0]!.content)
  t.is(outcomes.length, 1)
  t.true(['counted', 'late'].includes(outcomes[0]!.outcome), JSON.stringify(outcomes))
  agree(t, villagers)
  await village.stop()
})

test('with one of three machines off the other two go on, and are full again when it is back', async (t) => {
  const village = await createVillage({ domains: cluster(3) })
  await village.start()
  t.true(await village.untilRound(2))
  await village.kill(2)
  t.true(await village.untilRound(5, [0, 1]))
  t.true(village.villagers[0]!.peer.status().provisional)
  await village.revive(2)
  t.true(await village.clock.runUntil(() => village.villagers.every(({ peer }) => !peer.status().provisional && peer.status().members.length === 3), 60_000))
  agree(t, village.villagers)
  await village.stop()
})

test('a strict cluster without a quorum waits for it', async (t) => {
  const village = await createVillage({ domains: cluster(3), policy: { strict: true } })
  await village.start()
  t.true(await village.untilRound(2))
  await village.kill(2)
  const { round } = village.villagers[0]!.peer.status()
  t.false(await village.untilRound(round + 1, [0, 1], 60_000))
  await village.revive(2)
  t.true(await village.untilRound(round + 1))
  t.true(village.villagers.every((villager) => villager.of('record:committed').every(({ provisional }) => !provisional)))
  await village.stop()
})

test('a slow machine\'s delta counts in a later round, with its staleness, and nobody waits for it', async (t) => {
  const village = await createVillage({
    domains: cluster(5),
    policy: { roundSteps: { min: 1, target: 10, max: 20 } },
    learner: (index, clock) => (index === 4 ? createToyLearner(optimumOf(4, false), { duration: () => new Promise((resolve) => { clock.after(25_000, resolve) }) }) : undefined),
  })
  await village.start()
  t.true(await village.untilRound(4, [0, 1, 2, 3]))
  const slow = village.villagers[4]!.id
  const contributions = village.villagers[0]!.of('record:committed').flatMap(({ round, contributions: all }) => all.map((one) => ({ ...one, round })))
  const late = contributions.find(({ peer, outcome }) => peer === slow && outcome === 'late')
  t.truthy(late)
  t.is(late!.staleness, 1)
  const timely = contributions.find(({ round, peer }) => round === late!.round && peer !== slow)!
  t.true(late!.weight < timely.weight)
  await village.stop()
})

test('messages that are lost, doubled and reordered delay rounds, and break none', async (t) => {
  const village = await createVillage({ domains: cluster(5), network: { loss: 0.15, duplicate: 0.1, latency: { minimum: 1, maximum: 400 } } })
  await village.start()
  t.true(await village.untilRound(6))
  agree(t, village.villagers)
  await village.stop()
})
