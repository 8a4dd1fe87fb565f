import { readFile } from 'node:fs/promises'

import { fromString, toString } from 'uint8arrays'

import { IdentityError } from './errors.js'

/** Bytes of a private network's key. */
export const NETWORK_KEY_BYTES = 32

/** A key file is some lines long; a larger file is something else. */
const MAXIMUM_TEXT = 16 * 1024

/** The keys of a private network by their epoch: the policy says which epoch is in use. */
export type NetworkKeys = ReadonlyMap<number, Uint8Array>

/** One key with its epoch. */
export interface EpochKey {
  readonly epoch: number
  /** 32 secret bytes. */
  readonly key: Uint8Array
}

/**
 * Network keys as text for a file, and back: a line `<epoch> <64 hex digits>` for each. A line of 64 hex digits alone is the key of epoch 0.
 */
export const networkKeysText = {
  encode: (keys: NetworkKeys): string => [...keys].sort(([a], [b]) => a - b).map(([epoch, key]) => `${epoch} ${toString(key, 'hex')}\n`).join(''),

  /** @throws IdentityError NETWORK_KEY_CORRUPTED */
  decode: (text: string, source: string): NetworkKeys => {
    const damaged = (what: string): IdentityError => new IdentityError('NETWORK_KEY_CORRUPTED', `the network key ${source} ${what}: it should have a line "<epoch> <64 hex digits>" for each key; copy it again from what the owners sent`)
    if (text.length > MAXIMUM_TEXT) throw damaged(`is ${text.length} characters long`)
    const keys = new Map<number, Uint8Array>()
    text.split('\n').map((line) => line.trim()).forEach((line, at) => {
      if (line === '') return
      const [, digits = '0', hex] = /^(?:(\d{1,15})\s+)?([0-9a-f]{64})$/i.exec(line) ?? []
      if (hex === undefined) throw damaged(`has no key in line ${at + 1}`)
      const epoch = Number(digits)
      if (keys.has(epoch)) throw damaged(`has two keys of epoch ${epoch}`)
      keys.set(epoch, fromString(hex.toLowerCase(), 'hex'))
    })
    if (keys.size === 0) throw damaged('is empty')
    return keys
  },
}

/**
 * The keys of a private network from their file.
 *
 * @throws IdentityError NETWORK_KEY_UNREADABLE, NETWORK_KEY_CORRUPTED
 */
export async function readNetworkKeys(path: string): Promise<NetworkKeys> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new IdentityError('NETWORK_KEY_UNREADABLE', `the network key ${path} cannot be read (${reason}): check the path, or ask the network's owners for the key`, { cause: error })
  }
  return networkKeysText.decode(text, path)
}

/**
 * The key of the policy's epoch and, where it is there, that of the epoch before, which peers may still use while a new policy is handed round.
 *
 * @returns the newest first
 * @throws IdentityError NETWORK_KEY_EPOCH_MISSING
 */
export function keysInUse(keys: NetworkKeys, epoch: number, source: string): EpochKey[] {
  if (!keys.has(epoch)) {
    throw new IdentityError('NETWORK_KEY_EPOCH_MISSING', `the policy uses the network key of epoch ${epoch}, and ${source} holds ${[...keys.keys()].join(', ')}: ask the network's owners for the present key file`)
  }
  return [epoch, epoch - 1].flatMap((one) => {
    const key = keys.get(one)
    return key === undefined ? [] : [{ epoch: one, key }]
  })
}
