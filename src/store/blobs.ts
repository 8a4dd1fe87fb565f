import { join } from 'node:path'

import { contentId } from '../config/index.js'

import { StoreError, storeError, systemCode } from './errors.js'
import { systemFiles } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { moveAside, syncFolder, writeAtomically } from './files.js'

/** Bytes by their hash, each in a file of its own. */
export class Blobs {
  private readonly writing = new Set<Promise<void>>()

  constructor(private readonly folder: string, private readonly corruptedFolder: string, private readonly files: FileSystem = systemFiles) {}

  async put(bytes: Uint8Array): Promise<string> {
    const id = contentId(bytes)
    const path = this.path(id)
    try {
      if (await this.sizeOf(path) === bytes.length) return id
      await this.files.mkdir(join(this.folder, id.slice(0, 2)), { recursive: true })
      const written = writeAtomically(path, bytes, this.files)
      this.writing.add(written)
      await written.finally(() => this.writing.delete(written))
    } catch (error) {
      throw storeError(error, path)
    }
    return id
  }

  async get(id: string): Promise<Uint8Array | undefined> {
    const path = this.path(id)
    const bytes = await this.files.readFile(path).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined
      throw storeError(error, path)
    })
    if (bytes === undefined || contentId(bytes) === id) return bytes
    const aside = await moveAside(path, this.corruptedFolder, this.files)
    throw new StoreError('BLOB_CORRUPTED', `the content ${id.slice(0, 12)} (${bytes.length} bytes) is damaged on disk and was moved to ${aside}: pull it again from a peer; check the disk`)
  }

  async has(id: string): Promise<boolean> {
    const path = this.path(id)
    return await this.sizeOf(path) !== undefined
  }

  async remove(id: string): Promise<void> {
    const path = this.path(id)
    try {
      await this.files.rm(path, { force: true })
      await syncFolder(join(this.folder, id.slice(0, 2)), this.files)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw storeError(error, path)
    }
  }

  async list(): Promise<string[]> {
    const entries = await this.files.readdir(this.folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile() && isContentId(entry.name)).map(({ name }) => name).sort()
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.writing)
  }

  private async sizeOf(path: string): Promise<number | undefined> {
    try {
      return (await this.files.stat(path)).size
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw storeError(error, path)
    }
  }

  private path(id: string): string {
    if (!isContentId(id)) throw new StoreError('STORE_NAME_INVALID', `"${id.slice(0, 80)}" is no content id: expected 64 lowercase hex digits`)
    return join(this.folder, id.slice(0, 2), id)
  }
}

function isContentId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}
