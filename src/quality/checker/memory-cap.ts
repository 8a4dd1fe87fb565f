const PAGE_BYTES = 65536
const MEMORY_SECTION = 5
const HEADER_BYTES = 8

/**
 * Gives a WebAssembly binary's own memory a maximum. Thread limits (`resourceLimits`) only hold the JavaScript heap:
 * without this, one design could make a tool take 4 GiB.
 *
 * @returns a new binary, or the same one where it has no memory of its own
 * @see WebAssembly Core Specification, 5.5.8 "Memory Section": a vector of limits (flag, minimum, [maximum]) in LEB128
 */
export function capMemory(binary: Uint8Array<ArrayBuffer>, maximumBytes: number): Uint8Array<ArrayBuffer> {
  let at = HEADER_BYTES
  while (at < binary.length) {
    const length = readLeb(binary, at + 1)
    const body = length.end
    if (binary[at] === MEMORY_SECTION) {
      const count = readLeb(binary, body)
      if (count.value === 0) return binary
      const minimum = readLeb(binary, count.end + 1)
      const pages = Math.max(minimum.value, Math.floor(maximumBytes / PAGE_BYTES))
      const section = [1, 1, ...leb(minimum.value), ...leb(pages)]
      return concatenate([binary.subarray(0, at), Uint8Array.from([MEMORY_SECTION, ...leb(section.length), ...section]), binary.subarray(body + length.value)])
    }
    at = body + length.value
  }
  return binary
}

function readLeb(bytes: Uint8Array, start: number): { value: number, end: number } {
  let value = 0
  let at = start
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return { value, end: at }
  }
}

function leb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return bytes
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}
