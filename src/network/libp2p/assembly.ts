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

/** Content on its way: the chunks that have come, in order, each checked against the list of the holder that sent it. */
export class Assembly {
  readonly content: Uint8Array
  private hash: Hash = createHash('sha256')
  private received = 0

  /** The list's size has been checked against the puller's limit: this allocates it. */
  constructor(private list: ChunkList) {
    this.content = new Uint8Array(list.size)
  }

  /** The first chunk that is still missing. */
  get next(): number {
    return this.received
  }

  get count(): number {
    return chunkCount(this.list.size, this.list.chunkBytes)
  }

  /** Whether all is there. The last hash was the content's id, so it is what was asked for. */
  get complete(): boolean {
    return this.received === this.count
  }

  /**
   * Goes on by another holder's list, where that tells of the same bytes up to here.
   *
   * @returns false where it does not, and what has come cannot be kept
   */
  follow(list: ChunkList): boolean {
    if (list.size !== this.list.size || list.chunkBytes !== this.list.chunkBytes) return false
    if (this.received > 0 && Buffer.compare(hashAt(list, this.received - 1), hashAt(this.list, this.received - 1)) !== 0) return false
    this.list = list
    return true
  }

  /** @returns false for a chunk that its holder's own list contradicts; nothing is kept of it */
  add(parts: Iterable<Uint8Array>): boolean {
    const start = this.received * this.list.chunkBytes
    const end = Math.min(start + this.list.chunkBytes, this.list.size)
    let at = start
    for (const part of parts) {
      if (at + part.length > end) return false
      this.content.set(part, at)
      at += part.length
    }
    if (at !== end) return false
    const hash = this.hash.copy().update(this.content.subarray(start, end))
    if (Buffer.compare(hash.copy().digest(), hashAt(this.list, this.received)) !== 0) return false
    this.hash = hash
    this.received++
    return true
  }
}

function hashAt({ hashes }: ChunkList, chunk: number): Uint8Array {
  return hashes.subarray(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES)
}
