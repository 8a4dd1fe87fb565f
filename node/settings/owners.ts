import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

import { toString } from 'uint8arrays'

import type { Owners } from '../../src/config/index.js'
import { KEY_FILE, loadIdentity, loadOrCreateIdentity } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'
import { NodeError } from '../errors.js'

export interface MadeOwner {
  readonly folder: string
  readonly identity: Identity
}

/** Makes owner keys beside a network's file, each in a folder of its own, so that each can be handed to another person. Those that are there already stay. */
export function makeOwners(networkFile: string, count: number): Promise<MadeOwner[]> {
  return Promise.all(Array.from({ length: count }, async (_, at) => {
    const folder = count === 1 ? ownerFolder(networkFile) : `${ownerFolder(networkFile)}-${at + 1}`
    return { folder, identity: await loadOrCreateIdentity(folder) }
  }))
}

/** Where the key of a network's only owner is made: beside its file. It belongs into a safe place once the network is real. */
export function ownerFolder(networkFile: string): string {
  return join(dirname(networkFile), `${basename(networkFile, '.json')}.owner`)
}

/**
 * The owners whose keys lie in these folders.
 *
 * @param folders - undefined for the one beside the network's file
 * @throws NodeError USAGE_INVALID where none is named and none lies there, IdentityError IDENTITY_FILE_MISSING
 */
export async function loadOwners(networkFile: string, folders: readonly string[] | undefined): Promise<Identity[]> {
  if (folders !== undefined) return Promise.all(folders.map((folder) => loadIdentity(folder)))
  const beside = ownerFolder(networkFile)
  if (!existsSync(join(beside, KEY_FILE))) throw new NodeError('USAGE_INVALID', `no owner's key lies in ${beside}: name its folder with --owner`)
  return [await loadIdentity(beside)]
}

/** A set of owners from keys at hand and public keys, hex. Its schema is checked where it is used. */
export function ownersFrom(identities: readonly Identity[], keys: readonly string[], threshold: number): Owners {
  return { keys: [...identities.map(({ publicKey }) => toString(publicKey, 'hex')), ...keys.map((key) => key.toLowerCase())], threshold }
}

/** An owner's public key as a person names it: itself, or the folder of the key. @throws IdentityError IDENTITY_FILE_MISSING */
export async function publicKeyNamed(named: string): Promise<string> {
  if (/^[0-9a-f]{64}$/i.test(named)) return named
  return toString((await loadIdentity(resolve(named))).publicKey, 'hex')
}
