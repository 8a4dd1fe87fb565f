import { open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { credentialText } from '../../src/identity/index.js'
import { NodeError } from '../errors.js'
import { writeNetworkFile } from './network.js'

/** A credential from its file. @throws NodeError CREDENTIAL_UNREADABLE, IdentityError CREDENTIAL_INVALID */
export async function readCredentialFile(path: string): Promise<Uint8Array> {
  return credentialText.decode(await readFile(path, 'utf8').catch((error: unknown) => { throw unreadable(path, error) }))
}

/** @throws NodeError NETWORK_FILE_UNWRITABLE */
export async function writeCredentialFile(path: string, bytes: Uint8Array): Promise<void> {
  await writeNetworkFile(path, credentialText.encode(bytes), 0o644)
}

/** Whether a file holds a credential and no network: those are JSON. @throws NodeError CREDENTIAL_UNREADABLE */
export async function holdsCredential(path: string): Promise<boolean> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0)
      return !/^\s*\{/.test(buffer.toString('utf8', 0, bytesRead))
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** Where a credential is written beside its network, unless told otherwise. */
export function credentialFileFor(networkFile: string, organisation: string, peer: string): string {
  const name = organisation.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  return join(dirname(networkFile), `${name === '' ? 'peer' : name}-${peer.slice(-6)}.credential`)
}

/** What a credential still lacks, and how to go on; nothing where it holds. */
export function credentialMissingLines(missing: number, file: string, networkFile: string): string[] {
  if (missing === 0) return []
  return [
    `Missing: ${missing} ${missing === 1 ? 'signature' : 'signatures'}. The next owner runs`,
    `  meshwright network sign ${file} --network ${networkFile} --owner <folder of the owner's key>`,
  ]
}

function unreadable(path: string, error: unknown): NodeError {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return new NodeError('CREDENTIAL_UNREADABLE', `${path} cannot be read (${reason}): check the path, or ask the network's owners for the file`, { cause: error })
}
