import { contentId } from '../../../src/identity/index.js'
import type { RoundStore } from '../../../src/rounds/index.js'

/** A peer's state for one run, without a disk. */
export function memoryStore(): RoundStore {
  const blobs = new Map<string, Uint8Array>()
  const states = new Map<string, unknown>()
  return {
    writeState(name, _version, value) {
      states.set(name, structuredClone(value))
      return Promise.resolve()
    },
    readState: (name) => Promise.resolve(structuredClone(states.get(name))),
    putBlob(bytes) {
      const id = contentId(bytes)
      blobs.set(id, bytes.slice())
      return Promise.resolve(id)
    },
    getBlob: (id) => Promise.resolve(blobs.get(id)?.slice()),
    deleteBlob(id) {
      blobs.delete(id)
      return Promise.resolve()
    },
  }
}
