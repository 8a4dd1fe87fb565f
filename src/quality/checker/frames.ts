/** A frame holds at most four sources of the largest size, escaped as JSON in the worst case a text of a language allows. */
export const MAXIMUM_FRAME_BYTES = 8 * 1024 * 1024

/** Bytes of JSON behind their length, 4 bytes big-endian. */
export function encodeFrame(message: unknown): Uint8Array {
  const body = Buffer.from(JSON.stringify(message))
  const frame = Buffer.allocUnsafe(body.length + 4)
  frame.writeUInt32BE(body.length)
  body.copy(frame, 4)
  return frame
}

/** Puts frames together from the pieces in which they arrive. */
export class FrameReader {
  #pending: Buffer[] = []
  #length = 0

  /**
   * @returns the messages that are complete now
   * @throws Error for frames that are too long or no JSON: the connection should be closed
   */
  push(bytes: Buffer): unknown[] {
    this.#pending.push(bytes)
    this.#length += bytes.length
    const messages: unknown[] = []
    while (this.#length >= 4) {
      const buffer = this.#joined()
      const length = buffer.readUInt32BE()
      if (length > MAXIMUM_FRAME_BYTES) throw new Error(`a frame of ${length} bytes is longer than ${MAXIMUM_FRAME_BYTES}`)
      if (buffer.length < length + 4) break
      messages.push(JSON.parse(buffer.toString('utf8', 4, length + 4)))
      this.#pending = [buffer.subarray(length + 4)]
      this.#length = buffer.length - length - 4
    }
    return messages
  }

  /** The pieces as one buffer. A frame in progress is only joined again once it has doubled, or is complete. */
  #joined(): Buffer {
    const first = this.#pending[0]!
    if (this.#pending.length === 1) return first
    if (first.length >= 4 && this.#length < Math.min(first.readUInt32BE() + 4, first.length * 2)) return first
    const buffer = Buffer.concat(this.#pending)
    this.#pending = [buffer]
    return buffer
  }
}
