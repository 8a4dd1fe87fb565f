import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'

import { fromString, toString } from 'uint8arrays'

import { IdentityError } from './errors.js'
import { createIdentity, SEED_BYTES } from './identity.js'
import type { Identity } from './identity.js'

/** The name of the key file in a node's data folder. */
export const KEY_FILE = 'identity.key'

/** What the file holds: this text, then the seed in hex, then a line end. */
const PREFIX = 'meshwright-ed25519-1 '

/**
 * The identity kept in a data folder; made at the first call, without asking anybody. The file can be read by its owner only.
 * A damaged file is never replaced: whoever holds reputation in the network wants the key back, not a new one.
 *
 * @param seed - for a folder without a key; random unless a demo or a test wants the same peers again
 * @throws IdentityError IDENTITY_FILE_CORRUPTED, IDENTITY_FILE_UNREADABLE, IDENTITY_FILE_UNWRITABLE
 */
export async function loadOrCreateIdentity(directory: string, seed: Uint8Array = randomBytes(SEED_BYTES)): Promise<Identity> {
  const path = join(directory, KEY_FILE)
  return await readKey(path) ?? await createKey(directory, path, seed)
}

/**
 * The identity kept in a folder, where there must be one: a mistyped folder must not make a new key.
 *
 * @throws IdentityError IDENTITY_FILE_MISSING, IDENTITY_FILE_CORRUPTED, IDENTITY_FILE_UNREADABLE
 */
export async function loadIdentity(directory: string): Promise<Identity> {
  const path = join(directory, KEY_FILE)
  const identity = await readKey(path)
  if (identity === undefined) throw new IdentityError('IDENTITY_FILE_MISSING', `there is no key ${path}: check the folder, or bring the key back from its backup`)
  return identity
}

async function readKey(path: string): Promise<Identity | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw new IdentityError('IDENTITY_FILE_UNREADABLE', `the key file ${path} cannot be read (${errorCode(error)}): give this user the right to read it, or choose another data folder`, { cause: error })
  }
  const hex = text.startsWith(PREFIX) ? text.slice(PREFIX.length).trimEnd() : ''
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new IdentityError('IDENTITY_FILE_CORRUPTED', `the key file ${path} (${text.length} characters) is damaged and is left as it is: restore it from a backup, or move it away to start as a new peer without its reputation`)
  }
  return createIdentity(fromString(hex, 'hex'))
}

async function createKey(directory: string, path: string, seed: Uint8Array): Promise<Identity> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(`${PREFIX}${toString(seed, 'hex')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      // Unlike a rename, a link never replaces the key that another process has made meanwhile.
      await link(temporary, path)
      await syncDirectory(directory)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    } finally {
      await unlink(temporary)
    }
  } catch (error) {
    throw new IdentityError('IDENTITY_FILE_UNWRITABLE', `the key file ${path} cannot be written (${errorCode(error)}): give this user the right to write to the data folder, free some space, or choose another folder`, { cause: error })
  }
  const identity = await readKey(path)
  if (identity === undefined) throw new IdentityError('IDENTITY_FILE_UNREADABLE', `the key file ${path} vanished while it was being made: does something clean this folder?`)
  return identity
}

async function syncDirectory(directory: string): Promise<void> {
  const folder = await open(directory, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
