import { join } from 'node:path'

import { Blobs } from './blobs.js'
import { StoreError, storeError } from './errors.js'
import { systemFiles } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { TEMPORARY_SUFFIX } from './files.js'
import { acquireLock } from './lock.js'
import { Logs } from './logs.js'
import type { AppendOptions } from './logs.js'
import { States } from './states.js'
import type { ReadOptions } from './states.js'

/** A node's durable state. What a resolved promise has written is there after a crash at any later moment. */
export interface Store {
  readonly directory: string
  /**
   * Replaces a state: null, booleans, numbers, text, bytes, arrays and plain objects of these.
   *
   * @throws StoreError STORE_FULL, STORE_UNWRITABLE, STORE_IO; the state before is then unchanged
   */
  writeState(name: string, version: number, value: unknown): Promise<void>
  /**
   * The state, or undefined where there is none.
   *
   * @throws StoreError STATE_CORRUPTED (the file is moved aside, so that the next call returns undefined), STATE_VERSION_UNKNOWN
   */
  readState(name: string, options: ReadOptions): Promise<unknown>
  deleteState(name: string): Promise<void>
  /** Keeps bytes under their SHA-256. */
  putBlob(bytes: Uint8Array): Promise<string>
  /** @throws StoreError BLOB_CORRUPTED (moved aside, so that the next call returns undefined) */
  getBlob(id: string): Promise<Uint8Array | undefined>
  hasBlob(id: string): Promise<boolean>
  deleteBlob(id: string): Promise<void>
  /** Ids of all blobs, sorted: to delete those that nothing names any more. */
  listBlobs(): Promise<string[]>
  /**
   * Adds an entry to a log, for example of why a delta was accepted.
   *
   * @returns how many of the oldest entries were cut to stay within `maximumBytes`
   */
  appendLog(name: string, value: unknown, options?: AppendOptions): Promise<number>
  readLog(name: string): Promise<unknown[]>
  /** Waits for what is being written and frees the folder. */
  close(): Promise<void>
}

export interface StoreOptions {
  /** Default the machine's. */
  readonly files?: FileSystem
}

/**
 * Opens a data folder for this process alone; makes it where it is missing, and clears what a crash left half written.
 *
 * @throws StoreError STORE_IN_USE, STORE_UNWRITABLE, STORE_FULL, STORE_IO
 */
export async function openStore(directory: string, { files = systemFiles }: StoreOptions = {}): Promise<Store> {
  const folder = (name: string): string => join(directory, name)
  const corrupted = folder('corrupted')
  try {
    for (const name of ['state', 'blobs', 'logs', 'corrupted']) await files.mkdir(folder(name), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw storeError(error, directory)
  }
  const lock = await acquireLock(directory, files).catch((error: unknown) => { throw storeError(error, directory) })
  try {
    for (const name of ['state', 'blobs', 'logs', 'corrupted']) await removeTemporary(folder(name), files)
  } catch (error) {
    await lock.release()
    throw storeError(error, directory)
  }

  const states = new States(folder('state'), corrupted, files)
  const blobs = new Blobs(folder('blobs'), corrupted, files)
  const logs = new Logs(folder('logs'), corrupted, files)
  let closed = false

  const ready = (): void => {
    if (closed) throw new StoreError('STORE_CLOSED', `the store ${directory} is closed: open it again`)
  }
  const named = (name: string): string => {
    ready()
    if (!/^[a-z0-9][a-z0-9._-]{0,99}$/i.test(name)) {
      throw new StoreError('STORE_NAME_INVALID', `"${name.slice(0, 120)}" is no name for state: use up to 100 letters, digits, dots, hyphens and underscores`)
    }
    return name
  }

  return {
    directory,
    async writeState(name, version, value) { await states.write(named(name), version, value) },
    async readState(name, options) { return states.read(named(name), options) },
    async deleteState(name) { await states.remove(named(name)) },
    async putBlob(bytes) { ready(); return blobs.put(bytes) },
    async getBlob(id) { ready(); return blobs.get(id) },
    async hasBlob(id) { ready(); return blobs.has(id) },
    async deleteBlob(id) { ready(); await blobs.remove(id) },
    async listBlobs() { ready(); return blobs.list() },
    async appendLog(name, value, options) { return logs.append(named(name), value, options) },
    async readLog(name) { return logs.read(named(name)) },
    async close() {
      if (closed) return
      closed = true
      await states.settled()
      await blobs.settled()
      await logs.close()
      await lock.release()
    },
  }
}

async function removeTemporary(folder: string, files: FileSystem): Promise<void> {
  for (const entry of await files.readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(TEMPORARY_SUFFIX)) await files.rm(join(entry.parentPath, entry.name), { force: true })
  }
}
