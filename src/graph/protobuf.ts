/** Pieces below this size are copied into the current block; larger ones (weights) are kept as they are until the end. */
const COPY_BELOW = 1024

const BLOCK_BYTES = 16_384

const text = new TextEncoder()

/** Writes a protocol buffers message: fields in the order of the calls. */
export class ProtobufWriter {
  readonly #pieces: Uint8Array[] = []
  #block = new Uint8Array(BLOCK_BYTES)
  #used = 0
  #length = 0

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** A varint field; negative numbers as 64-bit two's complement. */
  integer(field: number, value: number | bigint): this {
    this.#tag(field, 0)
    this.#varint(value)
    return this
  }

  /** A 32-bit floating point field. */
  float(field: number, value: number): this {
    this.#tag(field, 5)
    this.#append(new Uint8Array(Float32Array.of(value).buffer))
    return this
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, 2)
    this.#varint(value.length)
    this.#append(value)
    return this
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value))
  }

  message(field: number, value: ProtobufWriter): this {
    this.#tag(field, 2)
    this.#varint(value.#length)
    for (const piece of value.#finishedPieces()) this.#append(piece)
    return this
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(this.#length)
    let at = 0
    for (const piece of this.#finishedPieces()) {
      bytes.set(piece, at)
      at += piece.length
    }
    return bytes
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType)
  }

  #varint(value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 127n) {
      this.#byte(Number(rest & 127n) | 128)
      rest >>= 7n
    }
    this.#byte(Number(rest))
  }

  #byte(value: number): void {
    if (this.#used === this.#block.length) this.#closeBlock()
    this.#block[this.#used++] = value
    this.#length++
  }

  #append(bytes: Uint8Array): void {
    if (bytes.length < COPY_BELOW) {
      if (this.#used + bytes.length > this.#block.length) this.#closeBlock()
      this.#block.set(bytes, this.#used)
      this.#used += bytes.length
    } else {
      this.#closeBlock()
      this.#pieces.push(bytes)
    }
    this.#length += bytes.length
  }

  #closeBlock(): void {
    if (this.#used === 0) return
    this.#pieces.push(this.#block.subarray(0, this.#used))
    this.#block = this.#block.length - this.#used >= COPY_BELOW ? this.#block.subarray(this.#used) : new Uint8Array(BLOCK_BYTES)
    this.#used = 0
  }

  #finishedPieces(): readonly Uint8Array[] {
    this.#closeBlock()
    return this.#pieces
  }
}
