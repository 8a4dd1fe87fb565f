import type { Draw } from './draw.js'

/** Heads of CBOR that claim up to 2^64 - 1 bytes, items or pairs, ask for no end, or tag what follows. */
const HEADS = [0x5b, 0x7b, 0x9b, 0xbb].map((head) => Uint8Array.of(head, ...new Uint8Array(8).fill(0xff)))
  .concat([0x5a, 0x7a, 0x9a, 0xba].map((head) => Uint8Array.of(head, 0x7f, 0xff, 0xff, 0xff)))
  .concat([0x5f, 0x7f, 0x9f, 0xbf, 0xff, 0xf7, 0xc2, 0xd8].map((head) => Uint8Array.of(head)))
  .concat([Uint8Array.of(0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0), Uint8Array.of(0xf9, 0x7e, 0), Uint8Array.of(0xfb, ...new Uint8Array(8).fill(0xff))])

const SIZES = [0n, 1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 1n << 53n, (1n << 63n) - 1n, (1n << 64n) - 1n]

type Change = (bytes: Uint8Array, draw: Draw) => Uint8Array

const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

const CHANGES: readonly Change[] = [
  (bytes, draw) => changed(bytes, draw.below(bytes.length), (value) => value ^ 1 << draw.below(8)),
  (bytes, draw) => changed(bytes, draw.below(bytes.length), () => draw.pick([0, 1, 0x7f, 0x80, 0xff, draw.below(256)])),
  (bytes, draw) => bytes.slice(0, draw.below(bytes.length)),
  (bytes, draw) => joined(bytes, draw.bytes(1 + draw.below(8))),
  (bytes, draw) => {
    const [from, to] = range(bytes, draw)
    return joined(bytes.subarray(0, from), bytes.subarray(to))
  },
  (bytes, draw) => {
    const [from, to] = range(bytes, draw)
    return joined(bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to))
  },
  (bytes, draw) => {
    const [from, to] = range(bytes, draw)
    return joined(bytes.subarray(0, from), draw.bytes(to - from), bytes.subarray(to))
  },
  (bytes, draw) => {
    const at = draw.below(bytes.length)
    const head = draw.pick(HEADS)
    return joined(bytes.subarray(0, at), head, bytes.subarray(draw.chance(0.5) ? at : at + head.length))
  },
  (bytes, draw) => {
    if (bytes.length < 8) return bytes
    const result = bytes.slice()
    const view = new DataView(result.buffer)
    const at = draw.chance(0.3) ? 0 : draw.below(bytes.length - 7)
    view.setBigUint64(at, draw.pick(SIZES), draw.chance(0.5))
    return result
  },
]

/** The bytes with one to three small changes. */
export function mutateBytes(bytes: Uint8Array, draw: Draw): Uint8Array {
  let result = bytes
  for (let changes = 1 + draw.below(3); changes > 0 && result.length > 0; changes--) result = draw.pick(CHANGES)(result, draw)
  return result
}

/** Random bytes, the valid ones as they are, or these with changes. */
export function foreignBytes(valid: Uint8Array, draw: Draw): Uint8Array {
  if (draw.chance(0.04)) return draw.bytes(draw.below(300))
  if (draw.chance(0.02)) return new Uint8Array(draw.below(70_000)).fill(draw.pick([0, 0x5b, 0x81, 0x9f, 0xa1, 0xc1, 0xff]))
  return draw.chance(0.04) ? valid.slice() : mutateBytes(valid, draw)
}

function changed(bytes: Uint8Array, at: number, change: (value: number) => number): Uint8Array {
  const result = bytes.slice()
  result[at] = change(result[at]!)
  return result
}

function range(bytes: Uint8Array, draw: Draw): readonly [from: number, to: number] {
  const from = draw.below(bytes.length)
  return [from, Math.min(bytes.length, from + 1 + draw.below(40))]
}
