import { toString } from 'uint8arrays'

import { ADAPTER_TARGETS, DEFAULT_POLICY } from '../../src/config/index.js'
import type { NetworkConfig, Owners, Policy } from '../../src/config/index.js'
import { coSign } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'

/** The present of these tests; milliseconds since 1970. */
export const NOW = Date.UTC(2026, 5, 1)

export function ownersOf(threshold: number, ...owners: readonly Identity[]): Owners {
  return { keys: owners.map(({ publicKey }) => toString(publicKey, 'hex')), threshold }
}

/** A network of these owners, signed by the first of them up to the threshold. */
export function networkOf(owners: readonly Identity[], threshold: number, policy: Partial<Policy> = {}): NetworkConfig {
  return owners.slice(0, threshold).reduce<NetworkConfig>(coSign, {
    genesis: {
      name: 'test',
      base: 'ab'.repeat(32),
      adapter: { rank: 16, alpha: 32, targets: [...ADAPTER_TARGETS] },
      codec: 'sign-block64-1',
      owners: ownersOf(threshold, ...owners),
    },
    policy: { ...DEFAULT_POLICY, ...policy },
    signatures: [],
  })
}
