import { Uint8ArrayList } from 'uint8arraylist'

/** Each message of noise comes after its length in so many bytes. */
const LENGTH_BYTES = 2

/**
 * Finds noise's messages in what comes, and keeps none of it: what is given to `in` may be a buffer that is read into again right after. Of a message that has only begun it keeps
 * a copy. What it yields holds until the next step.
 */
export class NoiseMessages {
  private begun = new Uint8Array(0)
  private begunBytes = 0

  /** @param begun - the beginning of a message that has come already */
  constructor(begun: Uint8Array) {
    if (begun.length > 0) this.keep(begun, begun.length)
  }

  /** The messages that are complete now. */
  * in(data: Uint8Array | Uint8ArrayList): Generator<Uint8ArrayList> {
    for (const part of data instanceof Uint8Array ? [data] : data) yield* this.inPart(part)
  }

  private* inPart(bytes: Uint8Array): Generator<Uint8ArrayList> {
    let at = 0
    while (at < bytes.length) {
      const have = this.begunBytes
      const length = this.lengthAt(bytes, at)
      if (length === undefined || have + bytes.length - at < LENGTH_BYTES + length) {
        this.keep(bytes.subarray(at), length === undefined ? LENGTH_BYTES : LENGTH_BYTES + length)
        return
      }
      const end = at + LENGTH_BYTES + length - have
      this.begunBytes = 0
      const parts = have > LENGTH_BYTES ? [this.begun.subarray(LENGTH_BYTES, have), bytes.subarray(at, end)] : [bytes.subarray(end - length, end)]
      if (length > 0) yield new Uint8ArrayList(...parts)
      at = end
    }
  }

  /** The length of the message that has begun, or that begins in `bytes`. */
  private lengthAt(bytes: Uint8Array, at: number): number | undefined {
    const have = this.begunBytes
    const high = have > 0 ? this.begun[0] : bytes[at]
    const low = have > 1 ? this.begun[1] : bytes[at + 1 - have]
    return high === undefined || low === undefined ? undefined : high << 8 | low
  }

  private keep(bytes: Uint8Array, room: number): void {
    const have = this.begunBytes
    if (this.begun.length < room) {
      const larger = new Uint8Array(room)
      larger.set(this.begun.subarray(0, have))
      this.begun = larger
    }
    this.begun.set(bytes, have)
    this.begunBytes = have + bytes.length
  }
}
