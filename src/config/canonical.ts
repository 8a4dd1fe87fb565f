import { hash } from 'node:crypto'

import { CanonicalError } from './canonical-error.js'
import { readCanonical } from './canonical-decode.js'
import { withCanonical, writeCanonical } from './canonical-encode.js'

/** The lowercase hex SHA-256 of some bytes. */
export type ContentId = string

export interface CanonicalOptions {
  /** Allows finite fractions, in the shortest float that holds them exactly; default false. For settings, never for what peers compute. */
  readonly fractions?: boolean
}

/**
 * The one encoding of a value: deterministic CBOR (RFC 8949, section 4.2.1) of null, booleans, safe integers, text, bytes, arrays and maps with text keys.
 *
 * @throws CanonicalError VALUE_NOT_CANONICAL for fractions, undefined, dates, instances of classes and other values without an encoding
 */
export function encodeCanonical(value: unknown, { fractions = false }: CanonicalOptions = {}): Uint8Array {
  return writeCanonical(value, fractions)
}

/**
 * Decodes bytes that `encodeCanonical` could have written, and refuses all others, so that equal values always have equal hashes.
 *
 * @throws CanonicalError BYTES_NOT_CANONICAL
 */
export function decodeCanonical(bytes: Uint8Array, { fractions = false }: CanonicalOptions = {}): unknown {
  try {
    return readCanonical(bytes, fractions)
  } catch (error) {
    throw new CanonicalError('BYTES_NOT_CANONICAL', `${bytes.length} bytes are no canonical CBOR: ${reason(error)}`)
  }
}

/** The lowercase hex SHA-256 of some bytes: how everything that is too large for a message is named. */
export function contentId(bytes: Uint8Array): ContentId {
  return hash('sha256', bytes, 'hex')
}

/** The content id of a value's encoding. @throws CanonicalError VALUE_NOT_CANONICAL */
export function hashCanonical(value: unknown): ContentId {
  return withCanonical(value, false, contentId)
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
