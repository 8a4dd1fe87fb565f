import test from 'ava'

import { DEFAULT_POLICY } from '../../src/config/index.js'
import { createIdentity } from '../../src/identity/index.js'
import { createPeer } from '../../src/rounds/index.js'
import type { RoundPolicy } from '../../src/rounds/index.js'
import { systemClock } from '../../src/telemetry/index.js'
import { NETWORK, startPeer, until } from '../network/peers.js'

import { createToyAuditor, createToyLearner, createToyStore, LENGTH, optimumOf } from './village.js'

test('on real connections, both halves of a cluster go on in topics of their own, under a top', async (t) => {
  t.timeout(240_000)
  const identities = await Promise.all(Array.from({ length: 5 }, () => createIdentity()))
  const policy: RoundPolicy = {
    ...DEFAULT_POLICY,
    clusterSize: 2, clusterMinimum: 2, clusterMaximum: 4, upperEvery: 1, heartbeatMs: 500, admissionDelayMs: 0, membership: 'credential',
    deadlines: { ...DEFAULT_POLICY.deadlines, train: 5000, close: 1000, reveal: 2000, audit: 2000, grace: 20_000 },
    audit: { probesPerRound: 8, auditorsPerDelta: 2, everyRounds: 2 },
    foundingRoster: identities.slice(0, 4).map(({ peerId: peer }) => ({ peer, domain: 'verilog' })),
  }
  const first = await startPeer(t, { identity: identities[0]! })
  const transports = [first, ...await Promise.all(identities.slice(1).map((identity) => startPeer(t, { identity, bootstrap: first.addresses() })))]
  const peers = identities.map((identity, index) => createPeer({
    identity, network: NETWORK, policy, domain: 'verilog', adapter: new Float32Array(LENGTH), transport: transports[index]!, clock: systemClock, store: createToyStore(),
    learner: createToyLearner(optimumOf(index, false), { duration: () => new Promise((resolve) => { setTimeout(resolve, 100) }) }), auditor: createToyAuditor(),
  }))
  for (const peer of peers) {
    await peer.start()
    t.teardown(() => peer.stop())
  }
  await until(() => peers.every((peer) => peer.status().levels.length === 1))
  const round = Math.max(...peers.map((peer) => peer.status().round))
  await until(() => peers.every((peer) => peer.status().round >= round + 3 && peer.status().levels[0]!.round >= 2))
  const clusters = new Set(peers.map((peer) => peer.status().cluster))
  t.is(clusters.size, 2)
  for (const peer of peers) {
    const { cluster, members, splitFrom } = peer.status()
    t.deepEqual(members.map((member) => member.peer).sort(), identities.map(({ peerId }) => peerId).filter((_, index) => peers[index]!.status().cluster === cluster).sort())
    t.deepEqual(splitFrom, cluster === 'verilog.0' ? [] : ['verilog.0'])
  }
})
