import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import type { Policy } from '../../src/config/index.js'
import { NETWORK_KEY_BYTES, networkKeysText, readNetworkKeys } from '../../src/identity/index.js'
import { NodeError } from '../errors.js'
import { writeNetworkFile } from './network.js'

/** Where the keys of a private network lie: beside its file, and readable for their owner only. */
export function networkKeyFile(networkFile: string): string {
  return join(dirname(networkFile), `${basename(networkFile, '.json')}.key`)
}

/** Makes the first key of a network. @throws NodeError NETWORK_FILE_UNWRITABLE */
export async function createNetworkKey(file: string, epoch: number): Promise<void> {
  await writeNetworkFile(file, networkKeysText.encode(new Map([[epoch, randomKey()]])), 0o600)
}

/**
 * Makes the key of the next epoch. The key before stays in the file for the change; older ones go.
 *
 * @throws IdentityError NETWORK_KEY_UNREADABLE, NETWORK_KEY_CORRUPTED; NodeError NETWORK_FILE_UNWRITABLE
 */
export async function addNetworkKey(file: string, epoch: number): Promise<void> {
  const before = (await readNetworkKeys(file)).get(epoch - 1)
  const keys = new Map([...before === undefined ? [] : [[epoch - 1, before] as const], [epoch, randomKey()] as const])
  await writeNetworkFile(file, networkKeysText.encode(keys), 0o600)
}

/**
 * The key file that is renewed with a policy; undefined where the network has no key.
 *
 * @throws NodeError USAGE_INVALID where it seems to have one, and no file is found
 */
export function renewableKeyFile(networkFile: string, { membership, keyEpoch }: Policy, named: string | undefined): string | undefined {
  const file = named ?? networkKeyFile(networkFile)
  if (existsSync(file)) return file
  if (named !== undefined || membership === 'credential' || keyEpoch > 0) {
    throw new NodeError('USAGE_INVALID', `there is no network key ${file}: name the network's key file with --network-key, or, to leave the key as it is, revoke with --keep-key`)
  }
  return undefined
}

function randomKey(): Uint8Array {
  return randomBytes(NETWORK_KEY_BYTES)
}
