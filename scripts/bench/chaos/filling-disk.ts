import type { FileSystem, OpenFile } from '../../../src/store/index.js'

/** Files of a disk that can be made full: of a write, half of the bytes still fit, as on a real one. What frees space goes on working. */
export class FillingDisk {
  isFull = false

  constructor(private readonly inner: FileSystem) {}

  get files(): FileSystem {
    const { inner } = this
    return {
      link: async (existing, path) => {
        this.makeRoom(path)
        await inner.link(existing, path)
      },
      mkdir: async (path, options) => inner.mkdir(path, options),
      open: async (path, flags, mode) => {
        if (flags === 'wx') this.makeRoom(path)
        return this.filling(path, await inner.open(path, flags, mode))
      },
      readdir: (path, options) => inner.readdir(path, options),
      readFile: (path) => inner.readFile(path),
      rename: (from, to) => inner.rename(from, to),
      rm: (path, options) => inner.rm(path, options),
      stat: (path) => inner.stat(path),
      utimes: (path, accessed, modified) => inner.utimes(path, accessed, modified),
    }
  }

  private filling(path: string, file: OpenFile): OpenFile {
    return {
      writeFile: async (bytes) => {
        if (this.isFull) await file.writeFile(bytes.subarray(0, bytes.length >> 1))
        this.makeRoom(path)
        await file.writeFile(bytes)
      },
      truncate: (length) => file.truncate(length),
      sync: () => file.sync(),
      datasync: () => file.datasync(),
      close: () => file.close(),
    }
  }

  private makeRoom(path: string): void {
    if (this.isFull) throw Object.assign(new Error(`ENOSPC: no space left on device, ${path}`), { code: 'ENOSPC' })
  }
}
