/** Bytes that stand for themselves in a byte-level vocabulary; the others were given the characters from 256 on, in order. */
const PRINTABLE = [[0x21, 0x7e], [0xa1, 0xac], [0xae, 0xff]] as const

/** What a token of the vocabulary stands for, in UTF-8. */
export type TokenBytes = (token: string) => Uint8Array

/**
 * Reads how a tokenizer.json turns tokens into bytes: by a character for each byte, by tokens such as <0x0A> for single bytes, or as text, where some
 * write spaces as ▁.
 *
 * @param decoder - `decoder` of tokenizer.json
 */
export function tokenBytes(decoder: unknown): TokenBytes {
  const types = typesOf(decoder)
  const encoder = new TextEncoder()
  if (types.includes('ByteLevel')) {
    const byteOf = byteLevel()
    return (token) => {
      const bytes = Array.from(token, (character) => byteOf.get(character))
      return bytes.includes(undefined) ? encoder.encode(token) : Uint8Array.from(bytes as number[])
    }
  }
  const writesSpaces = types.includes('Metaspace') || types.includes('Replace')
  return (token) => {
    const single = types.includes('ByteFallback') ? /^<0x([0-9A-Fa-f]{2})>$/.exec(token) : undefined
    if (single) return Uint8Array.of(Number.parseInt(single[1]!, 16))
    return encoder.encode(writesSpaces ? token.replaceAll('▁', ' ') : token)
  }
}

function typesOf(decoder: unknown): string[] {
  if (typeof decoder !== 'object' || decoder === null) return []
  const own = 'type' in decoder && typeof decoder.type === 'string' ? [decoder.type] : []
  return 'decoders' in decoder && Array.isArray(decoder.decoders) ? [...own, ...decoder.decoders.flatMap(typesOf)] : own
}

function byteLevel(): ReadonlyMap<string, number> {
  const byteOf = new Map<string, number>()
  let next = 256
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = PRINTABLE.some(([first, last]) => byte >= first && byte <= last)
    byteOf.set(String.fromCharCode(isPrintable ? byte : next++), byte)
  }
  return byteOf
}
