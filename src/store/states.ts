import { join } from 'node:path'

import { contentId, decodeCanonical, encodeCanonical } from '../config/index.js'

import { StoreError, storeError, systemCode } from './errors.js'
import { systemFiles } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { moveAside, syncFolder, writeAtomically } from './files.js'

/** The layout of a state file: this version, the state's own version, the hash of the value, the value. */
const LAYOUT_VERSION = 1

export interface ReadOptions {
  /** The version that the caller understands. */
  readonly version: number
  /** Turns a value of an older version into one of `version`. */
  readonly migrate?: (value: unknown, from: number) => unknown
}

/** Named values, each in a file of its own that is replaced whole. */
export class States {
  /** The last write of each name, so that writes of one name keep their order. */
  private readonly writes = new Map<string, Promise<void>>()

  constructor(private readonly folder: string, private readonly corruptedFolder: string, private readonly files: FileSystem = systemFiles) {}

  write(name: string, version: number, value: unknown): Promise<void> {
    const payload = encodeCanonical(value, { fractions: true })
    const bytes = encodeCanonical([LAYOUT_VERSION, version, contentId(payload), payload])
    const path = this.path(name)
    return this.inOrder(name, () => writeAtomically(path, bytes, this.files))
  }

  async read(name: string, { version, migrate }: ReadOptions): Promise<unknown> {
    const path = this.path(name)
    await this.writes.get(name)?.catch(() => undefined)
    const bytes = await this.files.readFile(path).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined
      throw storeError(error, path)
    })
    if (bytes === undefined) return undefined
    const state = parse(bytes)
    if (state === undefined) {
      const aside = await moveAside(path, this.corruptedFolder, this.files)
      throw new StoreError('STATE_CORRUPTED', `the state "${name}" (${bytes.length} bytes) is damaged and was moved to ${aside}: it will be rebuilt where that is possible; check the disk`)
    }
    if (state.version === version) return state.value
    if (state.version < version && migrate !== undefined) return migrate(state.value, state.version)
    throw new StoreError('STATE_VERSION_UNKNOWN', `the state "${name}" has version ${state.version}, and this node understands ${version}: ${state.version > version ? 'update the node' : 'it is too old to be carried over, move it away'}`)
  }

  remove(name: string): Promise<void> {
    const path = this.path(name)
    return this.inOrder(name, async () => {
      await this.files.rm(path, { force: true })
      await syncFolder(this.folder, this.files)
    })
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.writes.values())
  }

  private path(name: string): string {
    return join(this.folder, `${name}.cbor`)
  }

  private inOrder(name: string, act: () => Promise<void>): Promise<void> {
    const before = this.writes.get(name) ?? Promise.resolve()
    const done = before.catch(() => undefined).then(act).catch((error: unknown) => { throw storeError(error, this.path(name)) })
    this.writes.set(name, done)
    const forget = (): void => {
      if (this.writes.get(name) === done) this.writes.delete(name)
    }
    done.then(forget, forget)
    return done
  }
}

function parse(bytes: Uint8Array): { version: number, value: unknown } | undefined {
  try {
    const file = decodeCanonical(bytes)
    if (!isArray(file) || file.length !== 4) return undefined
    const [layout, version, hash, payload] = file
    if (layout !== LAYOUT_VERSION || typeof version !== 'number' || !(payload instanceof Uint8Array) || contentId(payload) !== hash) return undefined
    return { version, value: decodeCanonical(payload, { fractions: true }) }
  } catch {
    return undefined
  }
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}
