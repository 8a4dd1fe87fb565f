import { join } from 'node:path'

import { contentId, decodeCanonical, encodeCanonical } from '../config/index.js'

import { StoreError, storeError, systemCode } from './errors.js'
import { systemFiles } from './file-system.js'
import type { FileSystem, OpenFile } from './file-system.js'
import { syncFolder, writeAtomically } from './files.js'

/** Before each entry: its length (4 bytes, little endian), then the first bytes of its hash. */
const LENGTH_BYTES = 4
const HASH_BYTES = 8
const HEADER_BYTES = LENGTH_BYTES + HASH_BYTES

/** A longer entry belongs into a blob; also keeps a damaged length from looking like an entry. */
const LONGEST_ENTRY = 16 * 1024 * 1024

export interface AppendOptions {
  /** A log that would grow beyond this is first cut to its newer half; default without bound. */
  readonly maximumBytes?: number
}

interface OpenLog {
  file: OpenFile
  length: number
}

/** Named append-only logs. An entry that was acknowledged survives every crash; a torn one at the end is dropped. */
export class Logs {
  private readonly opened = new Map<string, Promise<OpenLog>>()
  /** The last use of each name: one after the other, since a cut replaces the file. */
  private readonly uses = new Map<string, Promise<unknown>>()

  constructor(private readonly folder: string, private readonly corruptedFolder: string, private readonly files: FileSystem = systemFiles) {}

  /** @returns how many of the oldest entries were cut to make room */
  append(name: string, value: unknown, { maximumBytes = Infinity }: AppendOptions = {}): Promise<number> {
    const payload = encodeCanonical(value, { fractions: true })
    if (payload.length > LONGEST_ENTRY) {
      throw new StoreError('LOG_ENTRY_TOO_LARGE', `an entry of ${payload.length} bytes is above the limit of ${LONGEST_ENTRY}: put it as a blob and log its id`)
    }
    return this.inOrder(name, () => this.appendNow(name, payload, maximumBytes))
  }

  /** All entries, oldest first. */
  read(name: string): Promise<unknown[]> {
    return this.inOrder(name, async () => {
      const log = await this.open(name)
      const content = (await this.readFile(name)).subarray(0, log.length)
      return entriesOf(content).values
    })
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.uses.values())
    for (const log of await Promise.allSettled(this.opened.values())) {
      if (log.status === 'fulfilled') await log.value.file.close()
    }
  }

  private inOrder<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.uses.get(name) ?? Promise.resolve()
    const done = before.catch(() => undefined).then(act)
    this.uses.set(name, done)
    return done
  }

  private async appendNow(name: string, payload: Uint8Array, maximumBytes: number): Promise<number> {
    const log = await this.open(name)
    const frame = new Uint8Array(HEADER_BYTES + payload.length)
    new DataView(frame.buffer).setUint32(0, payload.length, true)
    frame.set(hashOf(payload), LENGTH_BYTES)
    frame.set(payload, HEADER_BYTES)
    const cut = log.length > 0 && log.length + frame.length > maximumBytes ? await this.cut(name, log, Math.min(maximumBytes / 2, maximumBytes - frame.length)) : 0
    try {
      await log.file.writeFile(frame)
      await log.file.datasync()
    } catch (error) {
      // What part of it was written must not stand between this entry and the next.
      await log.file.truncate(log.length).catch(() => undefined)
      throw storeError(error, this.path(name))
    }
    log.length += frame.length
    return cut
  }

  /** Leaves the newest entries, of at most `keep` bytes in all; after a crash the log is as before or cut. */
  private async cut(name: string, log: OpenLog, keep: number): Promise<number> {
    const path = this.path(name)
    try {
      const content = (await this.readFile(name)).subarray(0, log.length)
      const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
      let at = 0
      let count = 0
      for (; at < content.length && content.length - at > keep; count++) at += HEADER_BYTES + view.getUint32(at, true)
      await writeAtomically(path, content.subarray(at), this.files)
      // The open handle is still that of the file before.
      this.opened.delete(name)
      await log.file.close()
      log.file = await this.files.open(path, 'a', 0o600)
      log.length = content.length - at
      this.opened.set(name, Promise.resolve(log))
      return count
    } catch (error) {
      throw storeError(error, path)
    }
  }

  private open(name: string): Promise<OpenLog> {
    let opened = this.opened.get(name)
    if (opened === undefined) {
      opened = this.openNow(name)
      this.opened.set(name, opened)
      opened.catch(() => this.opened.delete(name))
    }
    return opened
  }

  private async openNow(name: string): Promise<OpenLog> {
    const path = this.path(name)
    try {
      const content = await this.readFile(name)
      const { length, torn } = entriesOf(content)
      if (length < content.length && !torn) {
        // Damage before the end: entries behind it cannot be found again, so the whole file is kept for a person.
        await writeAtomically(join(this.corruptedFolder, `${name}.log.${Date.now()}`), content, this.files)
      }
      const file = await this.files.open(path, 'a', 0o600)
      await syncFolder(this.folder, this.files)
      if (length < content.length) {
        await file.truncate(length)
        await file.sync()
      }
      return { file, length }
    } catch (error) {
      throw storeError(error, path)
    }
  }

  private async readFile(name: string): Promise<Uint8Array> {
    try {
      return await this.files.readFile(this.path(name))
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return new Uint8Array(0)
      throw storeError(error, this.path(name))
    }
  }

  private path(name: string): string {
    return join(this.folder, `${name}.log`)
  }
}

/** The entries up to the first that is not whole, or not what this store writes; `torn` where that one reaches or claims to reach beyond the end. */
function entriesOf(content: Uint8Array): { values: unknown[], length: number, torn: boolean } {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  const values: unknown[] = []
  let at = 0
  while (content.length - at >= HEADER_BYTES) {
    const length = view.getUint32(at, true)
    const end = at + HEADER_BYTES + length
    if (length > LONGEST_ENTRY) return { values, length: at, torn: false }
    if (end > content.length) break
    const payload = content.subarray(at + HEADER_BYTES, end)
    if (Buffer.compare(hashOf(payload), content.subarray(at + LENGTH_BYTES, at + HEADER_BYTES)) !== 0) {
      return { values, length: at, torn: end === content.length }
    }
    const value = decoded(payload)
    if (value === undefined) return { values, length: at, torn: false }
    values.push(value)
    at = end
  }
  return { values, length: at, torn: true }
}

/** Undefined where the hash holds and the bytes are still no value: some other program wrote them. */
function decoded(payload: Uint8Array): unknown {
  try {
    return decodeCanonical(payload, { fractions: true })
  } catch {
    return undefined
  }
}

function hashOf(payload: Uint8Array): Uint8Array {
  return Buffer.from(contentId(payload), 'hex').subarray(0, HASH_BYTES)
}
