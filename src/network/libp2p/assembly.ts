import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import type { ContentId } from '../transport.js'

/** Bytes of a SHA-256. */
export const HASH_BYTES = 32

/**
 * What a holder says of content: its size, and for each chunk the SHA-256 of everything up to that chunk's end, one after the other.
 *
 * Hashes of growing beginnings rather than of single chunks: one pass over the bytes checks each chunk as it comes and the whole, the
 * last hash is the content's id, and two holders whose lists agree at a chunk have the same bytes up to there.
 */
export interface ChunkList {
  readonly size: number
  readonly chunkBytes: number
  readonly hashes: Uint8Array
}

/** At least one, so that also empty content has a hash to check. */
export function chunkCount(size: number, chunkBytes: number): number {
  return Math.max(1, Math.ceil(size / chunkBytes))
}

export function listChunks(content: Uint8Array, chunkBytes: number): ChunkList {
  const count = chunkCount(content.length, chunkBytes)
  const hashes = new Uint8Array(count * HASH_BYTES)
  const hash = createHash('sha256')
  for (let i = 0; i < count; i++) {
    hash.update(content.subarray(i * chunkBytes, (i + 1) * chunkBytes))
    hashes.set(hash.copy().digest(), i * HASH_BYTES)
  }
  return { size: content.length, chunkBytes, hashes }
}

/** Whether a list can be one of this content: its last hash is that of the whole. */
export function isListOf(id: ContentId, { hashes }: ChunkList): boolean {
  return Buffer.from(hashes.subarray(-HASH_BYTES)).toString('hex') === id
}

/** What became of a chunk that came. `unasked`: it was there already, or does not exist. */
export type Added = 'added' | 'unasked' | 'wrong length'

/**
 * Content on its way. Chunks come in any order and from several holders that have given the same list; as soon as all before a chunk are
 * there it is checked, and thrown away where the list contradicts it.
 */
export class Assembly<Holder> {
  readonly content: Uint8Array
  private hash: Hash = createHash('sha256')
  /** Chunks from the first on that are checked. */
  private checked = 0
  /** Who sent the chunks that are there and not checked yet. */
  private readonly unchecked = new Map<number, Holder>()

  /** The list's size has been checked against the puller's limit: this allocates it. */
  constructor(private list: ChunkList) {
    this.content = new Uint8Array(list.size)
  }

  /** The first chunk that is not checked. */
  get next(): number {
    return this.checked
  }

  get count(): number {
    return chunkCount(this.list.size, this.list.chunkBytes)
  }

  /** Whether all is there. The last hash was the content's id, so it is what was asked for. */
  get complete(): boolean {
    return this.checked === this.count
  }

  has(chunk: number): boolean {
    return chunk < this.checked || this.unchecked.has(chunk)
  }

  /** Whether a holder's list tells of the very same chunks, so that it can help at the same time. */
  isListedAs({ size, chunkBytes, hashes }: ChunkList): boolean {
    return size === this.list.size && chunkBytes === this.list.chunkBytes && Buffer.compare(hashes, this.list.hashes) === 0
  }

  /**
   * Goes on by another holder's list, where that tells of the same bytes up to here. What is not checked yet is thrown away where the
   * lists differ.
   *
   * @returns false where it does not, and what has come cannot be kept
   */
  follow(list: ChunkList): boolean {
    if (this.isListedAs(list)) return true
    if (list.size !== this.list.size || list.chunkBytes !== this.list.chunkBytes) return false
    if (this.checked > 0 && Buffer.compare(hashAt(list, this.checked - 1), hashAt(this.list, this.checked - 1)) !== 0) return false
    this.list = list
    this.unchecked.clear()
    return true
  }

  /** Takes a chunk; whether it is right shows in `check`. */
  add(chunk: number, parts: Iterable<Uint8Array>, holder: Holder): Added {
    if (chunk >= this.count || this.has(chunk)) return 'unasked'
    const end = Math.min((chunk + 1) * this.list.chunkBytes, this.list.size)
    let at = chunk * this.list.chunkBytes
    for (const part of parts) {
      if (at + part.length > end) return 'wrong length'
      this.content.set(part, at)
      at += part.length
    }
    if (at !== end) return 'wrong length'
    this.unchecked.set(chunk, holder)
    return 'added'
  }

  /**
   * Checks what can be checked.
   *
   * @returns the first chunk that is other than the list says, and who sent it; nothing is kept of it
   */
  check(): { readonly chunk: number, readonly holder: Holder } | undefined {
    for (;;) {
      const holder = this.unchecked.get(this.checked)
      if (holder === undefined) return undefined
      this.unchecked.delete(this.checked)
      const { chunkBytes, size } = this.list
      const hash = this.hash.copy().update(this.content.subarray(this.checked * chunkBytes, Math.min((this.checked + 1) * chunkBytes, size)))
      if (Buffer.compare(hash.copy().digest(), hashAt(this.list, this.checked)) !== 0) return { chunk: this.checked, holder }
      this.hash = hash
      this.checked++
    }
  }

  /** Throws away what a holder sent and is not checked yet. */
  distrust(holder: Holder): void {
    for (const [chunk, sender] of this.unchecked) {
      if (sender === holder) this.unchecked.delete(chunk)
    }
  }
}

function hashAt({ hashes }: ChunkList, chunk: number): Uint8Array {
  return hashes.subarray(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES)
}
