import test from 'ava'

import { quorumOf, seatStatement } from '../../src/hierarchy/index.js'
import { contentId, encodeCanonical } from '../../src/identity/index.js'
import type { Transport } from '../../src/network/index.js'
import { checkLevelCommit, HAS_SUCCESSOR } from '../../src/rounds/levels/level-commit.js'
import { LaterRosters } from '../../src/rounds/levels/later-rosters.js'
import type { Report } from '../../src/rounds/levels/report.js'
import { encodeLevelRecord, foundingLevelRecord, levelBallot } from '../../src/rounds/records/level-record.js'
import type { LevelCommit } from '../../src/rounds/records/level-record.js'
import { foundingState } from '../../src/rounds/records/state.js'
import { foundingLink } from '../../src/rounds/records/up-and-down.js'

import { through } from '../../scripts/sim/adversaries.js'

import { createVillage } from './village.js'
import { firstRound } from './vectors.js'

const { parent: clusterRecord } = await firstRound()
const state = foundingState(new Float32Array(64))
const seats = ['verilog.0', 'verilog.1', 'verilog.2', 'verilog.3']

const peopleOf = (seat: string, generation: string): string[] => ['one', 'two', 'three', 'four'].map((name) => `${seat} ${generation} ${name}`)
const parent = foundingLevelRecord({
  network: clusterRecord.record.network,
  cluster: { id: 'root', level: 1, domain: '', members: seats },
  seats: seats.map((id) => ({ id, domain: 'verilog', members: peopleOf(id, 'old') })),
  clusterSize: 8,
  isTop: true,
  upper: foundingLink(state, undefined),
}, state)
/** Lists other people than its parent for every seat. */
const record = encodeLevelRecord({ ...parent.record, round: 1, parent: parent.id, voters: seats, seats: parent.record.seats.map((seat) => ({ ...seat, members: peopleOf(seat.seat, 'new') })) })
const ballot = levelBallot(parent)
const sign = (peer: string, bytes: Uint8Array): Uint8Array => Buffer.from(contentId(encodeCanonical([peer, contentId(bytes)])), 'utf8')
const verify = (peer: string, bytes: Uint8Array, signature: Uint8Array): boolean => Buffer.compare(sign(peer, bytes), signature) === 0
const named = { record: 'a'.repeat(64), commit: 'b'.repeat(64) }

type Certificate = LevelCommit['seats'][number]

function signedBy(seat: string, peers: readonly string[], more: Partial<Certificate> = {}): Certificate {
  const statement = seatStatement(ballot, { step: 'precommit', term: 0, value: record.id, seat })
  return { seat, signatures: peers.map((peer) => ({ peer, signature: sign(peer, statement) })), ...more }
}

/** A quorum of four is three; it takes two of four to have an honest one among them, of seats as of members. */
const byOld = (seat: string): Certificate => signedBy(seat, peopleOf(seat, 'old').slice(0, 3))
const byNew = (seat: string, old = 0): Certificate => signedBy(seat, [...peopleOf(seat, 'old').slice(0, old), ...peopleOf(seat, 'new').slice(0, 3)])
const byLater = (seat: string): Certificate => signedBy(seat, peopleOf(seat, 'later').slice(0, 3), { through: named })
const commitOf = (...certificates: readonly Certificate[]): LevelCommit => ({ term: 0, seats: [...certificates] })
const check = (commit: LevelCommit, proved?: Parameters<typeof checkLevelCommit>[4]): void => { checkLevelCommit(parent, record, commit, verify, proved) }
const refused = { code: 'COMMIT_REFUSED' }
const unproved = { code: 'EVIDENCE_REFUSED' }

test('a record of seats stands by the members that it lists itself, where enough of the old ones vouch for it', (t) => {
  t.notThrows(() => { check(commitOf(byOld(seats[0]!), byOld(seats[1]!), byOld(seats[2]!))) })
  t.notThrows(() => { check(commitOf(byNew(seats[0]!, 2), byOld(seats[1]!), byNew(seats[2]!))) }, 'one seat speaks through new members alone')
  t.throws(() => { check(commitOf(byNew(seats[0]!, 1), byOld(seats[1]!), byNew(seats[2]!))) }, { ...refused, message: /1 of 4 seats vouch/ }, 'of two old members that signed one is honest, of one none need be')
  t.throws(() => { check(commitOf(...seats.map((seat) => byNew(seat)))) }, refused, 'whoever makes up a record makes up its members, too')
  t.throws(() => { check(commitOf(byOld(seats[0]!), byOld(seats[1]!))) }, refused, 'two seats of four are no quorum')
  t.throws(() => { check(commitOf(byOld(seats[0]!), byOld(seats[1]!), byOld(seats[1]!))) }, refused, 'one seat twice')
  const forged = byOld(seats[2]!)
  forged.signatures[0]!.signature = sign('somebody else', new Uint8Array())
  t.throws(() => { check(commitOf(byOld(seats[0]!), byOld(seats[1]!), forged)) }, refused)
  const tooFew = signedBy(seats[2]!, peopleOf(seats[2]!, 'old').slice(0, 2))
  t.throws(() => { check(commitOf(byOld(seats[0]!), byOld(seats[1]!), tooFew)) }, refused)
})

test('a later roster counts once it is proved, or once the next record shows that others have had the proof', (t) => {
  const commit = commitOf(byOld(seats[0]!), byOld(seats[1]!), byLater(seats[2]!))
  t.throws(() => { check(commit) }, unproved)
  t.throws(() => { check(commitOf(byOld(seats[0]!), byLater(seats[2]!))) }, { ...refused, message: /1 seats are no quorum/ }, 'with or without it there are too few')
  t.throws(() => { check(commit, new Map([[named.commit, peopleOf(seats[3]!, 'later')]])) }, refused, 'they are others than the proved ones')
  t.notThrows(() => { check(commit, HAS_SUCCESSOR) })
  t.throws(() => { check(commit) }, unproved, 'what stands for a record with a successor is not remembered for one without')
  t.notThrows(() => { check(commit, new Map([[named.commit, peopleOf(seats[2]!, 'later')]])) })
  t.notThrows(() => { check(commitOf(byOld(seats[0]!), byOld(seats[1]!), byOld(seats[3]!), byLater(seats[2]!))) }, 'the others are enough: nothing can be said of this one')
  t.throws(() => { check(commitOf(byOld(seats[0]!), byLater(seats[1]!), byLater(seats[2]!)), HAS_SUCCESSOR) }, { ...refused, message: /1 of 4 seats vouch/ })
  const forged = byLater(seats[2]!)
  forged.signatures[1]!.signature = sign('somebody else', new Uint8Array())
  t.throws(() => { check(commitOf(byOld(seats[0]!), byOld(seats[1]!), forged), HAS_SUCCESSOR) }, refused)
})

test('a seat\'s later rosters are those of its newest reports after the record that is listed', (t) => {
  const rosters = new LaterRosters()
  const report = (round: number): Report => ({
    seat: seats[0]!, stored: { ...clusterRecord, id: contentId(encodeCanonical(round)), record: { ...clusterRecord.record, round } }, commit: contentId(encodeCanonical(['commit', round])),
    commitBytes: new Uint8Array(), members: [`member of ${round}`], born: [], asksToClose: false,
  })
  for (let round = 1; round <= 12; round++) rosters.add(report(round))
  rosters.add(report(12))
  const listing = (round: number): typeof parent => encodeLevelRecord({ ...parent.record, seats: parent.record.seats.map((seat) => ({ ...seat, round })) })
  t.deepEqual(rosters.since(listing(9), seats[0]!).map(({ members }) => members[0]), ['member of 12', 'member of 11', 'member of 10'])
  t.is(rosters.since(listing(0), seats[0]!).length, 8, 'no more are kept')
  t.deepEqual(rosters.since(listing(9), seats[1]!), [])
  const { stored: { id: eleventh }, commit } = report(11)
  t.deepEqual(rosters.get(listing(9), seats[0]!, { record: eleventh, commit })?.members, ['member of 11'])
  t.is(rosters.get(listing(11), seats[0]!, { record: eleventh, commit }), undefined, 'listed already')
  t.is(rosters.get(listing(9), seats[0]!, { record: report(10).stored.id, commit }), undefined, 'the commit of another record')
  // What a commit names stays, however long the next agreement takes, and until its successor has one.
  rosters.hold(report(11))
  for (let round = 13; round <= 40; round++) rosters.add(report(round))
  t.deepEqual(rosters.get(listing(9), seats[0]!, { record: eleventh, commit })?.members, ['member of 11'])
  rosters.turn()
  t.deepEqual(rosters.get(listing(9), seats[0]!, { record: eleventh, commit })?.members, ['member of 11'])
  t.is(rosters.get(listing(9), seats[1]!, { record: eleventh, commit }), undefined, 'of another seat')
  rosters.turn()
  t.is(rosters.get(listing(9), seats[0]!, { record: eleventh, commit }), undefined)
})

/** Twelve founders in four clusters of three, and as many strangers that the owners vouch for. */
const founders = Array.from({ length: 12 }, () => 'verilog')
const LEAST_OLD = 2

test('a root whose lists are worn out goes on, and who comes later follows it', async (t) => {
  let isCut = false
  const between = (_: number, inner: Transport): Transport => ({
    ...through(inner),
    publish: (topic, bytes) => (isCut && topic.endsWith('/root') ? Promise.resolve(0) : inner.publish(topic, bytes)),
  })
  const village = await createVillage({ domains: founders, later: founders, policy: { clusterSize: 3, upperEvery: 1, membership: 'credential', admissionDelayMs: 0 }, between })
  const { villagers, clock } = village
  await village.start(...founders.keys())
  t.true(await village.untilRound(3, [...founders.keys()]))
  const clusterOf = (index: number): string => villagers[index]!.peer.status().cluster
  const rootAt = (index: number): number => villagers[index]!.peer.status().levels[0]!.round
  // The root stands still while the clusters go on.
  isCut = true
  const strangers = founders.map((_, at) => founders.length + at).slice(0, -1)
  await village.start(...strangers)
  const isMember = (index: number): boolean => villagers[index]!.peer.status().members.some(({ peer }) => peer === villagers[index]!.id)
  t.true(await clock.runUntil(() => strangers.every(isMember), 300_000))
  const before = Math.max(...[...founders.keys()].map(rootAt))
  // All founders of the two clusters that have most strangers go, one after the other; each time the others take a record without them.
  const clusters = [...new Set([...founders.keys()].map(clusterOf))].sort()
  const strangersOf = (cluster: string): number[] => strangers.filter((index) => clusterOf(index) === cluster)
  const renewed = clusters.sort((a, b) => strangersOf(b).length - strangersOf(a).length).slice(0, 2)
  const gone: number[] = []
  for (const cluster of renewed) {
    t.true(strangersOf(cluster).length >= LEAST_OLD, `${cluster} has ${strangersOf(cluster).length} strangers`)
    for (const index of [...founders.keys()].filter((founder) => clusterOf(founder) === cluster)) {
      await village.kill(index)
      gone.push(index)
      const [witness] = strangersOf(cluster)
      t.true(await clock.runUntil(() => villagers[witness!]!.peer.status().members.every(({ peer }) => peer !== villagers[index]!.id) && !villagers[witness!]!.peer.status().provisional, 300_000))
    }
  }
  const here = [...founders.keys(), ...strangers].filter((index) => !gone.includes(index))
  t.is(Math.max(...here.map(rootAt)), before, 'the root has stood still')
  t.true(clusters.length - renewed.length < quorumOf(clusters.length), 'those whose old members are here are no quorum')
  isCut = false
  t.true(await clock.runUntil(() => here.every((index) => rootAt(index) > before + 2), 300_000), `${here.map(rootAt).join()} after ${before}`)
  const last = founders.length + strangers.length
  await village.start(last)
  t.true(await clock.runUntil(() => rootAt(last) > before + 3 && isMember(last), 300_000))
  for (const index of [...here, last]) t.deepEqual(villagers[index]!.of('peer:troubled'), [])
  const roots = new Map<number, string>()
  for (const { cluster, round, record: id } of villagers.filter(({ index }) => here.includes(index)).flatMap((villager) => villager.of('upper:committed'))) {
    if (cluster !== 'root') continue
    t.is(roots.get(round) ?? id, id)
    roots.set(round, id)
  }
  await village.stop()
})
