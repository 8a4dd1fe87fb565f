/** Bytes that differ from chunk to chunk, the same for the same seed. */
export function content(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let word = seed + 0x9e3779b9
  for (let i = 0; i < words.length; i++) {
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    words[i] = word
  }
  return new Uint8Array(words.buffer, 0, length)
}

/** What `holder.ts` hands out: 16 chunks. */
export function slowContent(): Uint8Array {
  return content(4 * 1024 * 1024, 7)
}
