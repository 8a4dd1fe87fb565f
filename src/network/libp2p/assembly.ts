import { createHash } from 'node:crypto'

import type { ContentId } from '../transport.js'

/** Bytes of a SHA-256. */
export const HASH_BYTES = 32

/** What a holder says of content: its size, and the SHA-256 of each chunk, one after the other. */
export interface ChunkList {
  readonly size: number
  readonly chunkBytes: number
  readonly hashes: Uint8Array
}

export function chunkCount(size: number, chunkBytes: number): number {
  return Math.ceil(size / chunkBytes)
}

export function listChunks(content: Uint8Array, chunkBytes: number): ChunkList {
  const count = chunkCount(content.length, chunkBytes)
  const hashes = new Uint8Array(count * HASH_BYTES)
  for (let i = 0; i < count; i++) hashes.set(hashOf(content.subarray(i * chunkBytes, (i + 1) * chunkBytes)), i * HASH_BYTES)
  return { size: content.length, chunkBytes, hashes }
}

/** Content on its way: the chunks that have come, in order, each checked against the list of the holder that sent it. */
export class Assembly {
  private readonly content: Uint8Array
  private received = 0

  /** The list's size has been checked against the puller's limit: this allocates it. */
  constructor(readonly list: ChunkList) {
    this.content = new Uint8Array(list.size)
  }

  /** The first chunk that is still missing. */
  get next(): number {
    return this.received
  }

  get count(): number {
    return chunkCount(this.list.size, this.list.chunkBytes)
  }

  get complete(): boolean {
    return this.received === this.count
  }

  lengthOf(chunk: number): number {
    return Math.min(this.list.chunkBytes, this.list.size - chunk * this.list.chunkBytes)
  }

  /** Whether another holder's list tells of the same content, so that what has come can be kept. */
  agreesWith({ size, chunkBytes, hashes }: ChunkList): boolean {
    return size === this.list.size && chunkBytes === this.list.chunkBytes && Buffer.compare(hashes, this.list.hashes) === 0
  }

  /** @returns false for a chunk that its holder's own list contradicts; nothing is kept of it */
  add(parts: Iterable<Uint8Array>): boolean {
    const start = this.received * this.list.chunkBytes
    const end = start + this.lengthOf(this.received)
    let at = start
    for (const part of parts) {
      if (at + part.length > end) return false
      this.content.set(part, at)
      at += part.length
    }
    const expected = this.list.hashes.subarray(this.received * HASH_BYTES, (this.received + 1) * HASH_BYTES)
    if (at !== end || Buffer.compare(hashOf(this.content.subarray(start, end)), expected) !== 0) return false
    this.received++
    return true
  }

  /** The whole content, or undefined where it is not what the id names: then the list itself was a lie. */
  finish(id: ContentId): Uint8Array | undefined {
    return hashOf(this.content).toString('hex') === id ? this.content : undefined
  }
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
