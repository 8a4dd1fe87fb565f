import { readFile } from 'node:fs/promises'

import { fromString } from 'uint8arrays'

import { IdentityError } from './errors.js'

/**
 * The key of a private network from its file: 64 hex digits.
 *
 * @throws IdentityError NETWORK_KEY_UNREADABLE, NETWORK_KEY_CORRUPTED
 */
export async function readNetworkKey(path: string): Promise<Uint8Array> {
  let text: string
  try {
    text = (await readFile(path, 'utf8')).trim()
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new IdentityError('NETWORK_KEY_UNREADABLE', `the network key ${path} cannot be read (${reason}): check the path, or ask the network's owners for the key`, { cause: error })
  }
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new IdentityError('NETWORK_KEY_CORRUPTED', `the network key ${path} has ${text.length} characters and should have 64 hex digits: copy it again from what the owners sent`)
  }
  return fromString(text.toLowerCase(), 'hex')
}
