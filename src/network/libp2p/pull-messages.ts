import { fromString, toString } from 'uint8arrays'
import { z } from 'zod'

import { encodeCanonical } from '../../identity/index.js'
import type { ContentId } from '../transport.js'

import { chunkCount, HASH_BYTES } from './assembly.js'
import type { ChunkList } from './assembly.js'
import { malformed, readMessage } from './read-message.js'

/**
 * The pull protocol, on a stream of its own, each message with its length before it:
 *
 *     puller                          holder
 *     [content id, chunk bytes]  ->
 *                                <-   [status, size, hashes: see ChunkList]
 *     number of a chunk (u32)    ->                                           up to four at a time
 *                                <-   the chunk's bytes                       in the order asked for
 *
 * The puller closes the stream when it has what it wants.
 */
export function pullProtocol(networkId: ContentId): string {
  return `/meshwright/${networkId.slice(0, 16)}/pull/1`
}

/** Chunk sizes that a puller may choose. Few, since a holder hashes its content once for each. */
export const CHUNK_SIZES = [256 * 1024, 512 * 1024, 1024 * 1024]

export const MAXIMUM_REQUEST_BYTES = 128
export const CHUNK_REQUEST_BYTES = 4

export interface PullRequest {
  readonly id: ContentId
  readonly chunkBytes: number
}

export type PullStatus = 'holds' | 'absent' | 'busy'

const requestSchema = z.tuple([
  z.instanceof(Uint8Array).refine((id) => id.length === HASH_BYTES),
  z.literal(CHUNK_SIZES),
])

const headerSchema = z.tuple([z.enum(['holds', 'absent', 'busy']), z.int().nonnegative(), z.instanceof(Uint8Array)])

export function encodeRequest({ id, chunkBytes }: PullRequest): Uint8Array {
  return encodeCanonical([fromString(id, 'hex'), chunkBytes])
}

/** @throws TransportError MESSAGE_MALFORMED */
export function decodeRequest(bytes: Uint8Array): PullRequest {
  const [id, chunkBytes] = readMessage(requestSchema, bytes, 'pull request')
  return { id: toString(id, 'hex'), chunkBytes }
}

/** Bytes that a header takes at most for content of so many bytes. */
export function maximumHeaderBytes(maximumBytes: number, chunkBytes: number): number {
  return chunkCount(maximumBytes, chunkBytes) * HASH_BYTES + 64
}

export function encodeHeader(status: PullStatus, list?: ChunkList): Uint8Array {
  return encodeCanonical([status, list?.size ?? 0, list?.hashes ?? new Uint8Array(0)])
}

/** @throws TransportError MESSAGE_MALFORMED, also where the list does not fit the size */
export function decodeHeader(bytes: Uint8Array, chunkBytes: number): { readonly status: PullStatus, readonly list: ChunkList } {
  const [status, size, hashes] = readMessage(headerSchema, bytes, 'pull header')
  if (status === 'holds' && hashes.length !== chunkCount(size, chunkBytes) * HASH_BYTES) {
    throw malformed('pull header', `${hashes.length} bytes of hashes do not list the chunks of ${size} bytes`)
  }
  return { status, list: { size, chunkBytes, hashes } }
}

export function encodeChunkRequest(chunk: number): Uint8Array {
  const bytes = new Uint8Array(CHUNK_REQUEST_BYTES)
  new DataView(bytes.buffer).setUint32(0, chunk)
  return bytes
}

/** @throws TransportError MESSAGE_MALFORMED */
export function decodeChunkRequest(bytes: Uint8Array): number {
  if (bytes.length !== CHUNK_REQUEST_BYTES) throw malformed('chunk request', `it takes ${CHUNK_REQUEST_BYTES} bytes, not ${bytes.length}`)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
}
