import { BLOCK_LENGTH, CODEC_VERSION, HEADER_BYTES } from './constants.js'
import { DeltaCodecError } from './errors.js'

/** Bytes that `count` values take: a header, then one f16 magnitude a block, then one sign bit a value. */
export function encodedLength(count: number): number {
  return signsOffset(count) + Math.ceil(count / 8)
}

/** Where the sign bits of a delta of `count` values start. */
export function signsOffset(count: number): number {
  return HEADER_BYTES + Math.ceil(count / BLOCK_LENGTH) * 2
}

/**
 * Checks length, version and count of bytes that came from another peer, in this order, and returns a view of them.
 *
 * @throws DeltaCodecError DELTA_LENGTH_MISMATCH, DELTA_VERSION_UNKNOWN
 */
export function checkHeader(bytes: Uint8Array, count: number): DataView {
  if (bytes.length !== encodedLength(count)) {
    throw new DeltaCodecError('DELTA_LENGTH_MISMATCH', `${bytes.length} bytes are no delta of ${count} values, which takes ${encodedLength(count)}: does the peer train the same adapter shape?`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint8(0)
  if (version !== CODEC_VERSION) {
    throw new DeltaCodecError('DELTA_VERSION_UNKNOWN', `the delta is of codec version ${version}, and this node knows ${CODEC_VERSION}: update the node`)
  }
  if (view.getUint32(1, true) !== count) {
    throw new DeltaCodecError('DELTA_LENGTH_MISMATCH', `the header tells of ${view.getUint32(1, true)} values, and the adapter has ${count}: does the peer train the same adapter shape?`)
  }
  return view
}
