import test from 'ava'

import { encodeDelta, encodedLength } from '../../src/adapter/index.js'
import { contentId, createIdentity, encodeCanonical } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'
import type { Transport } from '../../src/network/index.js'
import { closeWith } from '../../src/rounds/records/closing.js'
import { bindingOf } from '../../src/rounds/records/manifest.js'
import { signVote } from '../../src/rounds/records/votes.js'
import { encodeCarried, frame, openMessage, sealMessage, unframe } from '../../src/rounds/messages/wire.js'
import type { Opened, SealedKind, SealedPayload } from '../../src/rounds/messages/wire.js'

import { createVillage, LENGTH, NETWORK, READING } from './village.js'
import type { Village } from './village.js'

const CLUSTER = 'verilog.0'
const TOPIC = `meshwright/${NETWORK.slice(0, 16)}/${CLUSTER}`

/** A peer that speaks the protocol by hand. */
function actor(transport: Transport, identity: Identity) {
  const heard: { readonly kind: string, readonly body: Uint8Array }[] = []
  transport.subscribe(TOPIC, (message) => { heard.push(unframe(message)) })
  return {
    transport,
    heard,
    say<Kind extends SealedKind>(kind: Kind, payload: SealedPayload<Kind>): Uint8Array {
      const envelope = sealMessage(identity, kind, NETWORK, payload)
      void transport.publish(TOPIC, frame(kind, envelope))
      return envelope
    },
    of<Kind extends SealedKind>(kind: Kind): Opened<Kind>[] {
      return heard.filter((one) => one.kind === kind).map(({ body }) => openMessage(body, kind, READING))
    },
  }
}

function manifestOf(village: Village, identity: Identity, bytes: Uint8Array, more: Partial<SealedPayload<'manifest'>> = {}): SealedPayload<'manifest'> {
  const { round, record } = village.villagers[0]!.peer.status()
  return {
    cluster: CLUSTER, training: round, parent: record, content: contentId(bytes), binding: bindingOf(identity.peerId, bytes), size: bytes.length,
    tokens: 1000, lossFirst: 0, lossLast: 0, reunion: null, ...more,
  }
}

const delta = (value: number): Uint8Array => encodeDelta(new Float32Array(LENGTH).fill(value), new Float32Array(LENGTH)).bytes

/** Eight founders, seven of whom run; the eighth is played by the test. So many can spare one of whom they hear no heartbeat. */
async function villageWithActor() {
  const village = await createVillage({ domains: Array<string>(8).fill('verilog') })
  const others = [0, 1, 2, 3, 4, 5, 6]
  await village.start(...others)
  const player = village.villagers[7]!
  return { village, player, act: actor(village.network.join(player.id), player.identity), others }
}

const refusedBy = (village: Village, index: number): string[] => village.villagers[index]!.of('message:refused').map(({ kind, reason }) => `${kind}: ${reason}`)

test('a delta that is copied after the set was closed is refused, and so is one that is announced without its bytes', async (t) => {
  const { village, player, act, others } = await villageWithActor()
  const { clock, villagers } = village
  // Before the close only the victim's content id is known: the copier cannot make a binding.
  await clock.runUntil(() => act.of('manifest').length > 0, 10_000)
  const victim = act.of('manifest')[0]!
  act.say('manifest', { ...victim.payload, binding: bindingOf(player.id, new Uint8Array(3)) })
  // The content id can be counted once only, so the copy must not displace the original.
  t.true(await clock.runUntil(() => act.of('closing').length > 0, 60_000))
  const bytes = await pullWhile(village, act.transport, victim.payload.content, victim.peer)
  t.is(contentId(bytes), victim.payload.content)
  t.true(await village.untilRound(1, others))
  const first = villagers[0]!.of('record:committed')[0]!
  const entries = first.contributions.filter(({ content }) => content === victim.payload.content)
  t.deepEqual(entries.filter(({ weight }) => weight > 0).map(({ peer }) => peer), [victim.peer])
  // Now with its bytes, for the round before.
  act.say('manifest', manifestOf(village, player.identity, bytes, { training: 1, parent: victim.payload.parent }))
  t.true(await village.untilRound(2, others))
  t.true(refusedBy(village, 0).some((reason) => reason.includes('settled')))
  for (const { contributions } of villagers[0]!.of('record:committed')) {
    t.false(contributions.some(({ peer, weight }) => peer === player.id && weight > 0))
  }
  await village.stop()
})

/** Pulls while the village's time goes on. */
async function pullWhile(village: Village, transport: Transport, content: string, holder: string): Promise<Uint8Array> {
  let bytes = new Uint8Array(0)
  transport.pull(content, [holder], { maximumBytes: 1_000_000 }).then((pulled) => { bytes = new Uint8Array(pulled) }, () => undefined)
  await village.clock.runUntil(() => bytes.length > 0, 5000)
  return bytes
}

test('manifests that are forged, replayed, stale, oversized or of strangers are refused, and it is recorded why', async (t) => {
  const { village, player, act, others } = await villageWithActor()
  const { clock } = village
  const send = (message: Uint8Array): void => { void act.transport.publish(TOPIC, message) }
  t.true(await village.untilRound(1, others))
  const good = manifestOf(village, player.identity, delta(0.01))

  const forged = sealMessage(player.identity, 'manifest', NETWORK, good).slice()
  forged[forged.length - 1]! ^= 1
  send(frame('manifest', forged))
  send(frame('manifest', sealMessage(player.identity, 'manifest', 'f'.repeat(64), good)))
  send(Uint8Array.of(1, 2, 3))
  send(encodeCanonical(['gossip', new Uint8Array(2)]))
  send(frame('manifest', new Uint8Array(17 * 1024)))
  act.say('manifest', { ...good, size: 10_000_000 })
  act.say('manifest', { ...good, training: good.training - 1 })
  act.say('manifest', { ...good, parent: 'a'.repeat(64) })
  const stranger = actor(village.network.join('stranger'), await createIdentity(new Uint8Array(32).fill(9)))
  stranger.say('manifest', good)
  await clock.advance(100)
  const reasons = refusedBy(village, 0)
  for (const what of ['did not sign', 'no message', 'gossip', 'above the limit', '10000000 bytes', 'not trained from a record', 'not on the roster']) {
    t.true(reasons.some((reason) => reason.includes(what)), `${what} in ${reasons.join(' | ')}`)
  }

  // The good one counts; said again later, it is stale.
  act.say('manifest', good)
  act.transport.offer(delta(0.01))
  t.true(await village.untilRound(good.training + 4, others))
  act.say('manifest', good)
  await clock.advance(100)
  t.true(refusedBy(village, 0).some((reason) => reason.includes('trainings late')))
  await village.stop()
})

test('a peer that announces and never shows its bytes counts for nothing: missing, then expired', async (t) => {
  const village = await createVillage({
    domains: Array<string>(6).fill('verilog'),
    between: (index, transport) => (index !== 5
      ? transport
      : {
          self: transport.self,
          publish: (topic, message) => transport.publish(topic, message),
          subscribe: (topic, receive) => transport.subscribe(topic, receive),
          offer: (bytes) => (bytes.length === encodedLength(LENGTH) ? contentId(bytes) : transport.offer(bytes)),
          offerStored: (id, load) => { transport.offerStored(id, load) },
          withdraw: (id) => { transport.withdraw(id) },
          pull: (id, holders, options) => transport.pull(id, holders, options),
          rate: (peer, reputation) => { transport.rate(peer, reputation) },
        }),
  })
  await village.start()
  t.true(await village.untilRound(3, [0, 1, 2, 3, 4]))
  const miser = village.villagers[5]!.id
  const all = village.villagers[0]!.of('record:committed').flatMap(({ contributions }) => contributions).filter(({ peer }) => peer === miser)
  t.true(all.length > 0 && all.every(({ weight }) => weight === 0))
  t.is(all[0]!.outcome, 'missing')
  t.true(all.some(({ outcome }) => outcome === 'expired'))
  await village.stop()
})

test('two votes in one step cost a member all its reputation', async (t) => {
  const { village, player, act, others } = await villageWithActor()
  const { clock, villagers } = village
  t.true(await clock.runUntil(() => act.of('proposal').length > 0, 60_000))
  const { payload: { round, instance, record } } = act.of('proposal')[0]!
  const ballot = { network: NETWORK, level: 0, cluster: CLUSTER, round, instance }
  const votes = [record, null].map((value) => signVote(player.identity, ballot, { step: 'prevote', term: 0, voter: player.id, value }, true))
  for (const vote of votes) void act.transport.publish(TOPIC, encodeCarried('votes', { level: 0, cluster: CLUSTER, round, instance, votes: [vote] }))
  t.true(await clock.runUntil(() => others.every((index) => villagers[index]!.of('peer:cheated').length > 0), 60_000))
  t.true(await village.untilRound(4, others))
  t.is(villagers[0]!.peer.status().members.find(({ peer }) => peer === player.id)!.reputation, 0)
  await village.stop()
})

test('whoever asks for another\'s place, or sends an audit for something else, does not hold up the cluster', async (t) => {
  const { village, act, others } = await villageWithActor()
  const { clock, villagers } = village
  const stranger = actor(village.network.join('stranger'), await createIdentity(new Uint8Array(32).fill(9)))
  t.true(await clock.runUntil(() => act.of('closing').length > 0, 60_000))
  const closing = act.of('closing')[0]!
  const lists = closing.payload.lists.map((list) => openMessage(list, 'list', READING))
  const { seed } = closeWith(lists, village.villagers.map(({ id }) => id))!
  act.say('audit', { cluster: 'qasm.0', round: 1, seed, scores: [] })
  act.say('audit', { cluster: CLUSTER, round: 1, seed, scores: [{ content: 'a'.repeat(64), scores: [1] }] })
  stranger.say('join', { cluster: CLUSTER, domain: 'qasm', record: 'a'.repeat(64), round: 1, credential: null })
  act.say('join', { cluster: CLUSTER, domain: 'verilog', record: 'a'.repeat(64), round: 1, credential: null })
  t.true(await village.untilRound(3, others))
  t.is(villagers[0]!.of('record:committed').length, 3)
  t.deepEqual(villagers[0]!.of('peer:troubled'), [])
  await village.stop()
})
