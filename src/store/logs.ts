import { open, readFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

import { contentId, decodeCanonical, encodeCanonical } from '../config/index.js'

import { StoreError, storeError, systemCode } from './errors.js'
import { syncFolder, writeAtomically } from './files.js'

/** Before each entry: its length (4 bytes, little endian), then the first bytes of its hash. */
const LENGTH_BYTES = 4
const HASH_BYTES = 8
const HEADER_BYTES = LENGTH_BYTES + HASH_BYTES

/** A longer entry belongs into a blob; also keeps a damaged length from looking like an entry. */
const LONGEST_ENTRY = 16 * 1024 * 1024

interface OpenLog {
  readonly file: FileHandle
  length: number
}

/** Named append-only logs. An entry that was acknowledged survives every crash; a torn one at the end is dropped. */
export class Logs {
  private readonly opened = new Map<string, Promise<OpenLog>>()
  private readonly writes = new Map<string, Promise<void>>()

  constructor(private readonly folder: string, private readonly corruptedFolder: string) {}

  append(name: string, value: unknown): Promise<void> {
    const payload = encodeCanonical(value, { fractions: true })
    if (payload.length > LONGEST_ENTRY) {
      throw new StoreError('LOG_ENTRY_TOO_LARGE', `an entry of ${payload.length} bytes is above the limit of ${LONGEST_ENTRY}: put it as a blob and log its id`)
    }
    const before = this.writes.get(name) ?? Promise.resolve()
    const done = before.catch(() => undefined).then(() => this.appendNow(name, payload))
    this.writes.set(name, done)
    return done
  }

  /** All entries, oldest first. */
  async read(name: string): Promise<unknown[]> {
    await this.writes.get(name)?.catch(() => undefined)
    const log = await this.open(name)
    const content = (await this.readFile(name)).subarray(0, log.length)
    return entriesOf(content).values
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.writes.values())
    for (const log of await Promise.allSettled(this.opened.values())) {
      if (log.status === 'fulfilled') await log.value.file.close()
    }
  }

  private async appendNow(name: string, payload: Uint8Array): Promise<void> {
    const log = await this.open(name)
    const frame = new Uint8Array(HEADER_BYTES + payload.length)
    new DataView(frame.buffer).setUint32(0, payload.length, true)
    frame.set(hashOf(payload), LENGTH_BYTES)
    frame.set(payload, HEADER_BYTES)
    try {
      await log.file.appendFile(frame)
      await log.file.datasync()
    } catch (error) {
      // What part of it was written must not stand between this entry and the next.
      await log.file.truncate(log.length).catch(() => undefined)
      throw storeError(error, this.path(name))
    }
    log.length += frame.length
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
        await writeAtomically(join(this.corruptedFolder, `${name}.log.${Date.now()}`), content)
      }
      const file = await open(path, 'a', 0o600)
      await syncFolder(this.folder)
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
      return await readFile(this.path(name))
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return new Uint8Array(0)
      throw storeError(error, this.path(name))
    }
  }

  private path(name: string): string {
    return join(this.folder, `${name}.log`)
  }
}

/** The entries up to the first that is not whole; `torn` where that one reaches or claims to reach beyond the end. */
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
    values.push(decodeCanonical(payload, { fractions: true }))
    at = end
  }
  return { values, length: at, torn: true }
}

function hashOf(payload: Uint8Array): Uint8Array {
  return Buffer.from(contentId(payload), 'hex').subarray(0, HASH_BYTES)
}
