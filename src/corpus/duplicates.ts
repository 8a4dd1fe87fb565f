import { createHash } from 'node:crypto'

import { codeTokens } from './text.js'

/** Tokens in a row that are compared as one; shorter runs are common to all designs of a language. */
const SHINGLE = 5
/** Hash functions of a sketch; the estimate of a similarity of 0.92 is off by about 0.02. */
const HASHES = 128
/** Sketches that agree in one band of four are compared; pairs of similarity 0.92 are missed less than once in a million. */
const BAND = 4
/**
 * Designs as similar as this, with the same numbers in the same order, are one design. Those that differ in a number differ in function, and a model
 * learns from the pair what the number does.
 */
const SAME = 0.92

/** Remembers designs and tells whether a new one has been there before, word for word or almost. */
export class Duplicates {
  readonly #exact = new Set<string>()
  readonly #sketches: Uint32Array[] = []
  readonly #bands = new Map<string, number[]>()

  /** @returns what the design is a copy of the like of; `new` designs are remembered */
  add(design: string): 'new' | 'duplicate' | 'near duplicate' {
    const tokens = codeTokens(design)
    const hash = hashOf(tokens)
    if (this.#exact.has(hash)) return 'duplicate'
    this.#exact.add(hash)
    const sketch = sketchOf(tokens)
    const keys = bandsOf(sketch, hashOf(tokens.filter((token) => /\d/.test(token) && !/^[A-Za-z_]/.test(token))))
    const candidates = new Set(keys.flatMap((key) => this.#bands.get(key) ?? []))
    for (const candidate of candidates) {
      if (similarity(this.#sketches[candidate]!, sketch) >= SAME) return 'near duplicate'
    }
    const index = this.#sketches.push(sketch) - 1
    for (const key of keys) this.#bands.set(key, [...this.#bands.get(key) ?? [], index])
    return 'new'
  }
}

/** MinHash of a design's shingles (Broder 1997): the share of equal entries estimates the Jaccard similarity. */
function sketchOf(tokens: readonly string[]): Uint32Array {
  const sketch = new Uint32Array(HASHES).fill(0xffffffff)
  for (let at = 0; at + SHINGLE <= Math.max(tokens.length, SHINGLE); at++) {
    const digest = createHash('sha1').update(tokens.slice(at, at + SHINGLE).join(' ')).digest()
    const x = digest.readUInt32LE(0)
    const y = digest.readUInt32LE(4) | 1
    for (let i = 0; i < HASHES; i++) {
      const mixed = Math.imul(x ^ Math.imul(i + 1, 0x9e3779b1), y)
      const value = (mixed ^ (mixed >>> 15)) >>> 0
      if (value < sketch[i]!) sketch[i] = value
    }
  }
  return sketch
}

function hashOf(tokens: readonly string[]): string {
  return createHash('sha256').update(tokens.join(' ')).digest('hex')
}

function bandsOf(sketch: Uint32Array, numbers: string): string[] {
  return Array.from({ length: HASHES / BAND }, (_, band) => `${numbers}:${band}:${sketch.subarray(band * BAND, (band + 1) * BAND).join()}`)
}

function similarity(x: Uint32Array, y: Uint32Array): number {
  let equal = 0
  for (let i = 0; i < x.length; i++) if (x[i] === y[i]) equal += 1
  return equal / x.length
}
