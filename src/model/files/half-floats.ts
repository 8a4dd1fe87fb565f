/** The f32 of every f16, by its bits; made on first use. */
let halves: Float32Array | undefined

/** @see IEEE 754-2019, binary16: 1 sign bit, 5 exponent bits, 10 fraction bits */
export function decodeFloat16(bits: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 65_536 }, (_, half) => {
    const exponent = (half >> 10) & 31
    const fraction = half & 1023
    const magnitude = exponent === 31
      ? (fraction === 0 ? Infinity : NaN)
      : exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25)
    return half >= 32_768 ? -magnitude : magnitude
  })
  const table = halves
  const values = new Float32Array(bits.length)
  for (let i = 0; i < bits.length; i++) values[i] = table[bits[i]!]!
  return values
}

/** bfloat16 is the upper half of an f32. */
export function decodeBfloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length)
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16
  return new Float32Array(words.buffer)
}
