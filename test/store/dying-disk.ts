import { dirname } from 'node:path'

import type { FileSystem, FolderEntry, OpenFile } from '../../src/store/index.js'

/** Where a process dies: at which of its changes of the disk, and whether before it or, of a write, with half of the bytes written. */
export interface Death {
  readonly change: number
  readonly half: boolean
}

interface Inode { bytes: Uint8Array, modified: number }

/** Everything that changes the disk, or says that a change shall last, and so may be the last thing that a process does. */
export type Change = 'mkdir' | 'create' | 'write' | 'truncate' | 'sync' | 'rename' | 'link' | 'remove'

/**
 * A disk in memory that keeps what its process has written when that process dies. Where it dies is told beforehand; from then on no operation ends, as
 * for a process that is gone. What SIGKILL leaves is seen here, not what a loss of power does: what was written is there, synced or not.
 */
export class DyingDisk {
  private readonly inodes = new Map<string, Inode>()
  private readonly folders = new Set<string>(['/'])
  /** Changes of this life. */
  readonly changes: Change[] = []
  private isDead = false
  private death: Death | undefined
  private died: () => void = () => undefined

  /** The disk of a new process, which dies there; without `death` it lives. */
  boot(death?: Death, died: () => void = () => undefined): FileSystem {
    this.isDead = false
    this.changes.length = 0
    this.death = death
    this.died = died
    // No process holds it any more. The one that runs this test still does, which a lock could not know.
    this.inodes.delete('/data/lock')
    return this.files()
  }

  private files(): FileSystem {
    return {
      mkdir: (path) => this.change('mkdir', () => { this.makeFolders(path) }),
      open: async (path, flags) => {
        if (flags === 'r') return this.reading(path)
        if (!this.inodes.has(path)) await this.change('create', () => { this.put(path, new Uint8Array(0)) })
        else if (flags === 'wx') throw failure('EEXIST', path)
        return this.writing(path)
      },
      readFile: (path) => this.look(() => this.at(path).bytes.slice()),
      readdir: (folder) => this.look(() => [...this.inodes.keys()].filter((path) => path.startsWith(`${folder}/`)).map(entryOf)),
      stat: (path) => this.look(() => ({ size: this.at(path).bytes.length, mtimeMs: this.at(path).modified })),
      rename: (from, to) => this.change('rename', () => {
        const inode = this.at(from)
        this.inodes.delete(from)
        this.inodes.set(to, inode)
      }),
      link: (existing, path) => this.change('link', () => {
        if (this.inodes.has(path)) throw failure('EEXIST', path)
        this.inodes.set(path, this.at(existing))
      }),
      rm: (path) => this.change('remove', () => { this.inodes.delete(path) }),
      utimes: (path, _, modified) => this.look(() => { this.at(path).modified = modified.getTime() }),
    }
  }

  private async reading(path: string): Promise<OpenFile> {
    if (!this.folders.has(path)) this.at(path)
    const sync = (): Promise<void> => this.change('sync', () => undefined)
    const refused = (): Promise<never> => Promise.reject(failure('EBADF', path))
    return this.look(() => ({ writeFile: refused, truncate: refused, sync, datasync: sync, close: () => this.look(() => undefined) }))
  }

  private writing(path: string): OpenFile {
    const inode = this.at(path)
    const sync = (): Promise<void> => this.change('sync', () => undefined)
    return {
      writeFile: (bytes) => this.change('write', (half) => {
        inode.bytes = Buffer.concat([inode.bytes, half ? bytes.subarray(0, bytes.length >> 1) : bytes])
      }),
      truncate: (length) => this.change('truncate', () => { inode.bytes = inode.bytes.slice(0, length) }),
      sync,
      datasync: sync,
      close: () => this.look(() => undefined),
    }
  }

  /** One change, unless the process dies at it. */
  private async change(kind: Change, make: (half: boolean) => void): Promise<void> {
    if (this.isDead) return never()
    this.changes.push(kind)
    if (this.changes.length - 1 === this.death?.change) {
      if (this.death.half && kind === 'write') make(true)
      this.isDead = true
      this.died()
      return never()
    }
    make(false)
    return Promise.resolve()
  }

  private look<T>(read: () => T): Promise<T> {
    if (this.isDead) return never()
    return new Promise((resolve) => { resolve(read()) })
  }

  private at(path: string): Inode {
    const inode = this.inodes.get(path)
    if (inode === undefined) throw failure('ENOENT', path)
    return inode
  }

  private put(path: string, bytes: Uint8Array): void {
    if (!this.folders.has(dirname(path))) throw failure('ENOENT', path)
    this.inodes.set(path, { bytes, modified: 0 })
  }

  private makeFolders(path: string): void {
    for (let folder = path; folder !== '/'; folder = dirname(folder)) this.folders.add(folder)
  }
}

function entryOf(path: string): FolderEntry {
  return { name: path.slice(path.lastIndexOf('/') + 1), parentPath: dirname(path), isFile: () => true }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}
