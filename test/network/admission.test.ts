import test from 'ava'
import type { ExecutionContext } from 'ava'

import { networkId } from '../../src/config/index.js'
import type { NetworkConfig } from '../../src/config/index.js'
import { Admission, createIdentity, issueCredential } from '../../src/identity/index.js'
import type { EpochKey, Identity } from '../../src/identity/index.js'
import { TransportError } from '../../src/network/index.js'
import type { Libp2pTransport, Libp2pTransportOptions } from '../../src/network/index.js'
import { createLogger, systemClock } from '../../src/telemetry/index.js'
import type { Clock } from '../../src/telemetry/index.js'

import { networkOf, NOW } from '../identity/networks.js'
import { publishTo, startPeer, until } from './peers.js'

const owner = await createIdentity()
const config = networkOf([owner], 1, { membership: 'credential' })
const network = networkId(config.genesis)

const credentialOf = (peer: Identity, expires = NOW + 1000, signers: readonly Identity[] = [owner]): Uint8Array =>
  issueCredential(signers, network, { peer: peer.peerId, organisation: 'Acme', expires })

interface Member {
  readonly identity?: Identity
  readonly credential?: Uint8Array | null
  readonly allow?: readonly string[]
  readonly follows?: NetworkConfig
  readonly now?: () => number
  readonly options?: Partial<Libp2pTransportOptions>
}

interface Started {
  readonly transport: Libp2pTransport
  readonly admission: Admission
}

/** A peer of the network, with a valid credential unless the test says otherwise. */
async function startMember(t: ExecutionContext, { identity, credential, allow, follows = config, now = () => NOW, options = {} }: Member = {}): Promise<Started> {
  const self = identity ?? await createIdentity()
  const admission = new Admission(follows, { now, ...allow === undefined ? {} : { allow } })
  const shown = credential === undefined ? credentialOf(self) : credential
  const transport = await startPeer(t, { identity: self, networkId: network, genesis: config.genesis, admission, ...shown === null ? {} : { credential: shown }, ...options })
  return { transport, admission }
}

const why = (transport: Libp2pTransport, peer: Libp2pTransport): string | undefined => transport.refusals().find((refusal) => refusal.peer === peer.self)?.reason

test('members with credentials let each other in', async (t) => {
  const [one, two] = [await startMember(t), await startMember(t)]
  await one.transport.dial(two.transport.addresses()[0]!)
  await until(() => two.transport.peers().length === 1)
  t.is(two.transport.peers()[0]!.peer, one.transport.self)
})

const stranger = await createIdentity()
const revoked = await createIdentity()
const listed = await createIdentity()
const later = networkOf([owner], 1, { version: 2, membership: 'credential', revocations: [revoked.peerId] })

const refusals: readonly [string, Member, Member, RegExp][] = [
  ['shows no credential', { credential: null }, {}, /shows no credential.*ask its owners for it/],
  ['shows one that has expired', { identity: stranger, credential: credentialOf(stranger, NOW) }, {}, /expired on 2026-.*ask the owners for a new one/],
  ['shows that of another peer', { credential: credentialOf(stranger) }, {}, /each peer needs its own/],
  ['shows one that no owner signed', { identity: stranger, credential: credentialOf(stranger, NOW + 1000, [stranger]) }, {}, /signatures of 0 of the present owners, and 1 are needed/],
  ['shows one that is none', { credential: Uint8Array.of(1, 2, 3) }, {}, /credential is damaged/],
  ['is revoked', { identity: revoked }, { follows: later }, /is revoked by the network's owners/],
  ['is not on the allow-list', { identity: stranger }, { allow: [listed.peerId] }, /not on the allow-list.*transport\.allow/],
]
for (const [what, outside, inside, reason] of refusals) {
  test(`a peer that ${what} is refused, and both sides know why when it dials`, async (t) => {
    const [{ transport: gate }, { transport: caller }] = [await startMember(t, inside), await startMember(t, outside)]
    await t.throwsAsync(caller.dial(gate.addresses()[0]!), { instanceOf: TransportError, code: 'NETWORK_MISMATCH', message: reason })
    t.regex(why(gate, caller)!, reason)
    t.regex(why(caller, gate)!, /^it refuses this node: /)
    await until(() => gate.peers().length + caller.peers().length === 0)
  })

  test(`a peer that ${what} is refused, and both sides know why when it is dialled`, async (t) => {
    const [{ transport: gate }, { transport: called }] = [await startMember(t, inside), await startMember(t, outside)]
    await t.throwsAsync(gate.dial(called.addresses()[0]!), { instanceOf: TransportError, code: 'NETWORK_MISMATCH', message: reason })
    await until(() => why(called, gate) !== undefined)
    t.regex(why(called, gate)!, reason)
    await until(() => gate.peers().length + called.peers().length === 0)
  })
}

test('peers on the allow-list are let in', async (t) => {
  const { transport: gate } = await startMember(t, { allow: [listed.peerId] })
  const { transport: friend } = await startMember(t, { identity: listed })
  await friend.dial(gate.addresses()[0]!)
  await until(() => gate.peers().length === 1)
  t.is(gate.peers()[0]!.peer, listed.peerId)
})

test('a refusal that comes again is listed and logged once', async (t) => {
  const lines: string[] = []
  const { transport: gate } = await startMember(t, { options: { log: createLogger({ level: 'warn', write: (line) => lines.push(line) }) } })
  const { transport: caller } = await startMember(t, { credential: null })
  for (let i = 0; i < 3; i++) {
    await t.throwsAsync(caller.dial(gate.addresses()[0]!))
    await until(() => caller.peers().length + gate.peers().length === 0)
  }
  t.is(gate.refusals().length, 1)
  t.is(caller.refusals().length, 1)
  t.is(lines.filter((line) => line.includes('refused')).length, 1)
})

test('a peer that a new policy revokes is parted from at once, hears why, and is not heard by way of others', async (t) => {
  const [gate, out, third] = [await startMember(t), await startMember(t, { identity: revoked }), await startMember(t)]
  await out.transport.dial(gate.transport.addresses()[0]!)
  await third.transport.dial(gate.transport.addresses()[0]!)
  await out.transport.dial(third.transport.addresses()[0]!)
  await until(() => gate.transport.peers().length === 2)
  gate.admission.follow(later)
  gate.transport.reviewPeers()
  await until(() => why(out.transport, gate.transport) !== undefined && gate.transport.peers().length === 1)
  t.regex(why(out.transport, gate.transport)!, /it refuses this node: .*revoked/)

  // The third peer has not heard of the new policy, and passes on what both say.
  const heard: string[] = []
  gate.transport.subscribe('topic', (_, from) => heard.push(from))
  third.transport.subscribe('topic', () => undefined)
  await publishTo(out.transport, 'topic', Uint8Array.of(1), 1)
  await publishTo(third.transport, 'topic', Uint8Array.of(2), 1)
  await until(() => heard.includes(third.transport.self))
  t.false(heard.includes(revoked.peerId))
})

test('a credential that expires while its peer is connected ends the connection, and a renewed one opens it again', async (t) => {
  let now = NOW
  const [gate, member] = [await startMember(t, { now: () => now }), await startMember(t, { identity: stranger })]
  await member.transport.dial(gate.transport.addresses()[0]!)
  await until(() => gate.transport.peers().length === 1)
  now = NOW + 1000
  gate.transport.reviewPeers()
  await until(() => gate.transport.peers().length + member.transport.peers().length === 0)
  t.regex(why(gate.transport, member.transport)!, /expired/)
  member.transport.showCredential(credentialOf(stranger, NOW + 2000))
  await member.transport.dial(gate.transport.addresses()[0]!)
  await until(() => gate.transport.peers().length === 1)
})

const key = (epoch: number): EpochKey => ({ epoch, key: new Uint8Array(32).fill(epoch + 1) })
const keyed = (...epochs: number[]): Member => ({ options: { networkKeys: epochs.map(key) } })

const meetings: readonly [string, number[], number[], boolean][] = [
  ['the new key and the one before', [1, 0], [1, 0], true],
  ['both keys dials one with the old key', [1, 0], [0], true],
  ['the old key dials one with both keys', [0], [1, 0], true],
  ['the new key only dials one with the old key', [1], [0], false],
  ['the old key dials one with the new key only', [0], [1], false],
  ['the keys of later epochs dials one with the old key', [2, 1], [0], false],
]
for (const [what, ours, theirs, meet] of meetings) {
  test(`a peer with ${what}: they ${meet ? 'meet' : 'do not meet'}`, async (t) => {
    const [{ transport: one }, { transport: two }] = [await startMember(t, keyed(...ours)), await startMember(t, keyed(...theirs))]
    if (meet) {
      await one.dial(two.addresses()[0]!)
      await until(() => two.peers().length === 1)
      t.pass()
    } else {
      await t.throwsAsync(one.dial(two.addresses()[0]!), { code: 'NETWORK_MISMATCH', message: /network keys \(epoch .*networkKeyFile/ })
    }
  })
}

test('one epoch under two keys does not meet', async (t) => {
  const [{ transport: one }, { transport: two }] = [await startMember(t, keyed(1)), await startMember(t, { options: { networkKeys: [{ epoch: 1, key: new Uint8Array(32) }] } })]
  await t.throwsAsync(one.dial(two.addresses()[0]!), { code: 'NETWORK_MISMATCH' })
})

test('when the time of the older key is over, its connections end and new ones are refused', async (t) => {
  const HOUR = 3_600_000
  let later = 0
  const ends: (() => void)[] = []
  const clock: Clock = {
    now: () => systemClock.now() + later,
    after(milliseconds, run) {
      if (milliseconds < HOUR / 2) return systemClock.after(milliseconds, run)
      ends.push(run)
      return () => undefined
    },
  }
  const { transport: gate } = await startMember(t, { options: { clock, networkKeys: [key(1), key(0)], olderKeysUntil: clock.now() + HOUR } })
  const [{ transport: old }, { transport: fresh }] = [await startMember(t, keyed(0)), await startMember(t, keyed(1, 0))]
  await old.dial(gate.addresses()[0]!)
  await fresh.dial(gate.addresses()[0]!)
  await until(() => gate.peers().length === 2)
  later = HOUR
  for (const end of ends) end()
  await until(() => gate.peers().length === 1 && old.peers().length === 0)
  t.is(gate.peers()[0]!.peer, fresh.self)
  await t.throwsAsync(old.dial(gate.addresses()[0]!), { instanceOf: TransportError })
})

test('a peer that only dials exchanges messages and content both ways', async (t) => {
  const [{ transport: inner }, { transport: outer }] = [await startMember(t, { options: { listen: [] } }), await startMember(t)]
  t.deepEqual(inner.addresses(), [])
  await inner.dial(outer.addresses()[0]!)
  await until(() => outer.peers().length === 1)
  const heard = new Map<string, string>()
  for (const peer of [inner, outer]) peer.subscribe('topic', (_, from) => heard.set(peer.self, from))
  await publishTo(inner, 'topic', Uint8Array.of(1), 1)
  await publishTo(outer, 'topic', Uint8Array.of(2), 1)
  await until(() => heard.size === 2)
  t.is(heard.get(outer.self), inner.self)
  t.is(heard.get(inner.self), outer.self)
  const content = new Uint8Array(600_000).fill(7)
  const ofInner = inner.offer(content)
  const ofOuter = outer.offer(content.subarray(1))
  t.deepEqual(await outer.pull(ofInner, [inner.self], { maximumBytes: 1e6 }), content)
  t.deepEqual(await inner.pull(ofOuter, [outer.self], { maximumBytes: 1e6 }), content.subarray(1))
})
