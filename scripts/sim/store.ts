import { contentId } from '../../src/identity/index.js'
import type { RoundStore } from '../../src/rounds/index.js'

/**
 * Bytes by hash, each once for all peers of a simulation that hold them. Bytes never change once they have a name, so nobody notices, and what is computed
 * from them is computed once.
 */
export class SharedContents {
  private readonly known = new Map<string, WeakRef<Uint8Array>>()
  private readonly names = new WeakMap<Uint8Array, string>()
  private readonly forgotten = new FinalizationRegistry<string>((id) => {
    if (this.known.get(id)?.deref() === undefined) this.known.delete(id)
  })

  nameOf(bytes: Uint8Array): string {
    let id = this.names.get(bytes)
    if (id === undefined) {
      id = contentId(bytes)
      this.names.set(bytes, id)
    }
    return id
  }

  /** The bytes of this name that others hold, or else a copy of these. */
  share(id: string, bytes: Uint8Array): Uint8Array {
    const shared = this.known.get(id)?.deref()
    if (shared !== undefined) return shared
    const own = bytes.slice()
    this.names.set(own, id)
    this.known.set(id, new WeakRef(own))
    this.forgotten.register(own, id)
    return own
  }
}

/** A simulated peer's disk. It is never read by a second life: a peer that leaves does not come back. */
export function simulatedStore(contents: SharedContents): RoundStore {
  const blobs = new Map<string, Uint8Array>()
  const states = new Map<string, unknown>()
  return {
    writeState(name, _version, value) {
      states.set(name, value)
      return Promise.resolve()
    },
    readState: (name) => Promise.resolve(states.get(name)),
    putBlob(bytes) {
      const id = contents.nameOf(bytes)
      if (!blobs.has(id)) blobs.set(id, contents.share(id, bytes))
      return Promise.resolve(id)
    },
    getBlob: (id) => Promise.resolve(blobs.get(id)),
    deleteBlob(id) {
      blobs.delete(id)
      return Promise.resolve()
    },
  }
}
