import test from 'ava'
import fc from 'fast-check'

import { clusterFor, foundingClusters, isDormant } from '../../src/hierarchy/index.js'
import { newPlace } from '../../src/rounds/moving.js'
import type { Circumstances } from '../../src/rounds/moving.js'
import { mayJoin } from '../../src/rounds/records/members.js'
import { activeSeats, foundingLevelRecord } from '../../src/rounds/records/level-record.js'
import type { LevelRecord } from '../../src/rounds/records/level-record.js'
import { foundingState } from '../../src/rounds/records/state.js'
import { foundingLink } from '../../src/rounds/records/up-and-down.js'
import type { Opened } from '../../src/rounds/messages/wire.js'

import { firstRound } from './vectors.js'
import { createVillage, NETWORK } from './village.js'

const { parent: clusterRecord } = await firstRound()
const network = clusterRecord.record.network
const state = foundingState(new Float32Array(8))
const roster = Array.from({ length: 40 }, (_, at) => ({ peer: `founder ${at}`, domain: at % 2 === 0 ? 'verilog' : 'qasm' }))
const clusters = foundingClusters(roster, 4, network)
const above = foundingLevelRecord({ network, cluster: { id: 'root', level: 1, domain: '', members: clusters.map(({ id }) => id) }, seats: clusters, clusterSize: 4, isTop: true, upper: foundingLink(state, undefined) }, state)

/** A record of the level in its 50th round, in which some seats have been silent for so many rounds. */
function levelWith(silent: Readonly<Record<string, number>>, gone: readonly string[] = []): LevelRecord {
  const seats = above.record.seats.filter(({ seat }) => !gone.includes(seat)).map((seat) => {
    const quiet = silent[seat.seat] ?? 0
    return { ...seat, seen: 50 - quiet, presence: 0xffff << quiet & 0xffff }
  })
  return { ...above.record, round: 50, seats }
}

const silences = fc.array(fc.nat(8), { minLength: clusters.length, maxLength: clusters.length })
  .map((quiet) => Object.fromEntries(clusters.map(({ id }, at) => [id, quiet[at]!])))

function joinOf(peer: string, cluster: string, domain: string): Opened<'join'> {
  const { round, upper } = clusterRecord.record
  return { id: '', peer, envelope: new Uint8Array(), signature: new Uint8Array(), payload: { cluster, domain, record: upper.record, round: round + 1, credential: null } }
}

function standing(more: Partial<Circumstances>): Circumstances {
  return {
    self: 'founder 0', network, cluster: 'verilog.0', domain: 'verilog', isMember: true, hasMoved: false,
    full: { record: '', round: 1, members: ['a', 'b', 'c', 'd'] }, released: 0, live: 2, wasListed: false, givenUp: [], above: levelWith({ 'verilog.0': 5 }), ...more,
  }
}

test('whoever asks to join has its place in one cluster, and in one more of its domain that is not silent: nowhere else', (t) => {
  fc.assert(fc.property(fc.nat(10_000), fc.constantFrom('verilog', 'qasm'), silences, (number, domain, silent) => {
    const peer = `stranger ${number}`
    const seats = activeSeats(levelWith(silent))
    const open = (known: typeof seats | undefined): string[] => clusters.map(({ id }) => id)
      .filter((id) => mayJoin(joinOf(peer, id, domain), { ...clusterRecord.record, cluster: id, domain: id.split('.')[0]! }, clusters, known))
    const born = clusterFor(peer, domain, clusters, network)!.id
    t.deepEqual(open(undefined), [born])
    const places = open(seats)
    t.true(places.includes(born) && places.length <= 2)
    const other = places.find((place) => place !== born)
    if (other !== undefined) t.false(isDormant(levelWith(silent).seats.find(({ seat }) => seat === other)!, 50))
    // Where somebody of a silent cluster goes, it is let in.
    const place = newPlace(standing({ self: peer, cluster: born, domain, live: 0, above: levelWith(silent) }))
    if (place !== undefined) t.is<string | undefined, string | undefined>(place.seat.seat, other)
    t.is(place !== undefined, silent[born]! >= 5 && other !== undefined)
  }))
})

test('nobody gives a cluster up that can come back by itself, or that the level above has heard of lately', (t) => {
  t.is(newPlace(standing({}))?.why, 'silent')
  t.is(newPlace(standing({ live: 3 })), undefined, 'more than half are here: their record will be listed')
  t.is(newPlace(standing({ live: 2, released: 1 })), undefined, 'who has said farewell is not waited for')
  t.is(newPlace(standing({ above: levelWith({ 'verilog.0': 4 }) })), undefined)
  t.is(newPlace(standing({ above: undefined })), undefined)
  t.is(newPlace(standing({ above: above.record })), undefined, 'nothing has come from above yet')
  t.is(newPlace(standing({ above: levelWith({}, ['verilog.0']) }))?.why, 'gone')
  t.is(newPlace(standing({ live: 3, above: levelWith({}, ['verilog.0']) })), undefined, 'it may have got no seat yet')
  t.is(newPlace(standing({ live: 4, wasListed: true, above: levelWith({}, ['verilog.0']) }))?.why, 'gone', 'its seat was closed')
  t.is(newPlace(standing({ live: 4, wasListed: true })), undefined, 'it has its seat')
  const all = Object.fromEntries(clusters.filter(({ domain }) => domain === 'verilog').map(({ id }) => [id, 5]))
  t.is(newPlace(standing({ above: levelWith(all) })), undefined, 'nobody of the domain is left')
  const { seat: { seat } } = newPlace(standing({}))!
  t.is(newPlace(standing({ givenUp: [seat] })), undefined, 'it has signed there once, and does so no more')
})

/** Five clusters of three, and somebody who comes later. */
const many = Array.from({ length: 15 }, () => 'verilog')

test('whoever is left of a silent cluster goes on in another one, and is there after a restart; those who come back later have their seat again', async (t) => {
  const founded = (peers: readonly string[]): readonly string[] => foundingClusters(peers.map((peer) => ({ peer, domain: 'verilog' })), 3, NETWORK)[0]!.members
  const village = await createVillage({ domains: many, policy: { clusterSize: 3, upperEvery: 1, admissionDelayMs: 0 } })
  const { villagers, clock } = village
  const cluster = founded(villagers.map(({ id }) => id))
  const [left, ...gone] = cluster.map((peer) => villagers.find(({ id }) => id === peer)!.index)
  await village.start()
  t.true(await village.untilRound(2))
  const own = villagers[left!]!.peer.status().cluster
  for (const index of gone) await village.kill(index)
  t.true(await clock.runUntil(() => villagers[left!]!.of('cluster:moved').length > 0, 900_000))
  const [moved] = villagers[left!]!.of('cluster:moved')
  t.is(moved!.from, own)
  t.is(moved!.why, 'silent')
  const isMember = (): boolean => {
    const { cluster: at, members, phase } = villagers[left!]!.peer.status()
    return at === moved!.to && phase !== 'joining' && members.some(({ peer }) => peer === villagers[left!]!.id)
  }
  t.true(await clock.runUntil(isMember, 300_000), 'it is let in')
  const counted = (): boolean => villagers[left!]!.of('record:committed').some((event) => event.cluster === moved!.to && event.contributions.some(({ peer, outcome }) => peer === villagers[left!]!.id && outcome === 'counted'))
  t.true(await clock.runUntil(counted, 300_000), 'what it trains counts there')
  await village.kill(left!)
  await village.revive(left!)
  t.true(await clock.runUntil(isMember, 300_000), 'a restart finds it where it had gone')
  for (const index of gone) await village.revive(index)
  const here = villagers.find(({ index }) => !gone.includes(index) && index !== left)!.peer
  const dormant = (): string[] => here.status().tree.clusters.filter((one) => one.dormant === true).map(({ id }) => id)
  t.deepEqual(dormant(), [own])
  t.true(await clock.runUntil(() => dormant().length === 0, 900_000), 'two of three are enough to be listed again')
  t.true(gone.every((index) => villagers[index]!.peer.status().cluster === own))
  t.deepEqual(villagers.flatMap((villager) => villager.of('peer:troubled')), [])
  t.deepEqual(villagers.flatMap((villager) => villager.of('peer:cheated')), [])
  await village.stop()
})

test('a newcomer whose cluster has died out goes where the others are', async (t) => {
  const village = await createVillage({ domains: many, later: ['verilog', 'verilog', 'verilog'], policy: { clusterSize: 3, upperEvery: 1, admissionDelayMs: 0 } })
  const { villagers, clock } = village
  const founders = many.map((_, index) => index)
  await village.start(...founders)
  t.true(await village.untilRound(2, founders))
  const newcomer = villagers[15]!
  const home = clusterFor(newcomer.id, 'verilog', foundingClusters(village.policy.foundingRoster, 3, NETWORK), NETWORK)!
  for (const index of founders) if (home.members.includes(villagers[index]!.id)) await village.kill(index)
  const others = founders.filter((index) => !home.members.includes(villagers[index]!.id))
  await village.start(15)
  t.true(await clock.runUntil(() => {
    const { cluster, members, phase } = newcomer.peer.status()
    return cluster !== home.id && phase !== 'joining' && members.some(({ peer }) => peer === newcomer.id)
  }, 900_000))
  t.is(newcomer.of('cluster:moved')[0]!.from, home.id)
  t.true(others.some((index) => villagers[index]!.peer.status().members.some(({ peer }) => peer === newcomer.id)))
  t.deepEqual(villagers.slice(0, 16).flatMap((villager) => villager.of('peer:troubled')), [])
  await village.stop()
})
