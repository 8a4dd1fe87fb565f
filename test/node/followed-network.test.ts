import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'
import type { ExecutionContext } from 'ava'

import { FollowedNetwork } from '../../node/daemon/followed-network.js'
import { decodeCanonical, encodeCanonical } from '../../src/config/index.js'
import type { NetworkConfig, Policy } from '../../src/config/index.js'
import { createIdentity } from '../../src/identity/index.js'
import { openStore } from '../../src/store/index.js'
import { silentLogger } from '../../src/telemetry/index.js'

import { networkOf, NOW } from '../identity/networks.js'
import { folderFor } from './house.js'

const owners = await Promise.all([createIdentity(), createIdentity()])
const policy = (version: number, change: Partial<Policy> = {}): NetworkConfig => networkOf(owners, 2, { version, ...change })

/** A node's data folder, its network's file, and the node's memory across restarts. */
function house(t: ExecutionContext) {
  const folder = folderFor(t)
  const file = join(folder, 'network.config.json')
  return {
    file,
    data: join(folder, 'data'),
    write: (config: NetworkConfig) => writeFileSync(file, JSON.stringify(config)),
    /** Runs something between a start and an end of the node. */
    run: async <T>(act: (followed: FollowedNetwork) => T | Promise<T>, now = NOW): Promise<T> => {
      const store = await openStore(join(folder, 'data'))
      try {
        return await act(await FollowedNetwork.open(file, { store, log: silentLogger, now: () => now }))
      } finally {
        await store.close()
      }
    },
  }
}

test('a newer policy is followed at a restart and at an update, an older one at neither', async (t) => {
  const { write, run } = house(t)
  write(policy(1))
  await run(async (followed) => {
    write(policy(2))
    t.deepEqual(await followed.update(), { from: 1, to: 2, atRestart: [] })
    write(policy(1))
    await t.throwsAsync(followed.update(), { code: 'POLICY_OUTDATED' })
    t.is(followed.config.policy.version, 2)
  })
  // What has been followed once is never forgotten; the file may be older where a policy came from another peer.
  t.is(await run(({ config }) => config.policy.version), 2)
  write(policy(3))
  t.is(await run(({ config }) => config.policy.version), 3)
})

test('what an update follows is on disk before it counts: a crash right after does not bring the older policy back', async (t) => {
  const { write, run, file } = house(t)
  write(policy(1))
  await run(async (followed) => {
    write(policy(2))
    await followed.update()
    rmSync(file)
  })
  write(policy(1))
  t.is(await run(({ config }) => config.policy.version), 2)
})

test('a file with too few signatures changes nothing', async (t) => {
  const { write, run } = house(t)
  write(policy(1))
  await run(async (followed) => {
    write({ ...policy(2), signatures: policy(2).signatures.slice(1) })
    await t.throwsAsync(followed.update(), { code: 'OWNERS_SIGNATURES_TOO_FEW' })
    t.is(followed.config.policy.version, 1)
  })
})

test('fields that count from the next start are named, and rounds find the earlier policies, also after a restart', async (t) => {
  const { write, run } = house(t)
  write(policy(1))
  await run(async (followed) => {
    const rounds = followed.policies
    t.is(rounds.of(1), followed.config.policy)
    write(policy(2, { revocations: [owners[0].peerId], keyEpoch: 1 }))
    t.deepEqual(await followed.update(), { from: 1, to: 2, atRestart: ['keyEpoch'] })
    t.is(rounds.newest().version, 2)
    write(policy(4, { keyEpoch: 1, upperEvery: 5 }))
    t.deepEqual((await followed.update()).atRestart, [])
    t.is(rounds.newest().upperEvery, 5)
    t.not(rounds.of(1)!.upperEvery, 5)
    t.is(rounds.of(3), undefined)
    t.is(rounds.of(5), undefined)
  })
  await run(({ policies }) => {
    t.is(policies.newest().version, 4)
    t.deepEqual([0, 1, 2, 3].map((version) => policies.of(version)?.version), [1, 1, 2, undefined])
  })
})

test('the time of a key epoch begins when the node first sees it, and outlives restarts', async (t) => {
  const { write, run } = house(t)
  write(policy(1))
  t.is(await run(({ keyEpochSince }) => keyEpochSince), 0)
  write(policy(2, { keyEpoch: 1 }))
  t.is(await run(({ keyEpochSince }) => keyEpochSince, NOW + 5), NOW + 5)
  t.is(await run(({ keyEpochSince }) => keyEpochSince, NOW + 9), NOW + 5)
})

test('another network is refused by a running node, and followed by one that is started with it', async (t) => {
  const { write, run } = house(t)
  write(policy(7))
  const other = networkOf([owners[1]], 1)
  await run(async (followed) => {
    write(other)
    await t.throwsAsync(followed.update(), { code: 'POLICY_CONFLICTING', message: /another network/ })
  })
  t.is(await run(({ config }) => config.policy.version), 1)
})

test('a damaged memory does not keep the node from starting', async (t) => {
  const { write, run, data } = house(t)
  write(policy(2))
  await run(() => undefined)
  truncateSync(join(data, 'state', 'network.cbor'), 10)
  t.is(await run(({ config }) => config.policy.version), 2)
})

test('a policy is taken from another peer where the owners signed it, and never an older, a foreign or a damaged one', async (t) => {
  const { write, run } = house(t)
  write(policy(2))
  const sent = (config: NetworkConfig): Uint8Array => encodeCanonical(config, { fractions: true })
  await run(async ({ policies }) => {
    t.deepEqual(decodeCanonical(policies.signed!(), { fractions: true }), policy(2))
    t.false(await policies.take!(sent(policy(2))))
    await t.throwsAsync(policies.take!(sent(policy(1))), { code: 'POLICY_OUTDATED' })
    await t.throwsAsync(policies.take!(sent({ ...policy(3), signatures: policy(3).signatures.slice(1) })), { code: 'OWNERS_SIGNATURES_TOO_FEW' })
    await t.throwsAsync(policies.take!(sent(networkOf([owners[1]], 1, { version: 9 }))), { code: 'POLICY_CONFLICTING' })
    await t.throwsAsync(policies.take!(sent(policy(3)).slice(1)), { code: 'BYTES_NOT_CANONICAL' })
    await t.throwsAsync(policies.take!(encodeCanonical({ ...policy(3), more: 1 }, { fractions: true })), { code: 'CONFIG_INVALID' })
    // Without the new key the node could not start again.
    t.false(await policies.take!(sent(policy(3, { keyEpoch: 1 }))))
    t.is(policies.newest().version, 2)
    t.true(await policies.take!(sent(policy(4, { upperEvery: 5 }))))
    t.is(policies.newest().upperEvery, 5)
  })
  // The file is still the old one.
  t.deepEqual(await run(({ policies }) => [policies.newest().version, policies.of(2)?.version]), [4, 2])
})
