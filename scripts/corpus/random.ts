import { createHash } from 'node:crypto'

/** A reproducible source of integers: sfc32, seeded from the hash of a text. */
export class Random {
  private readonly state: Uint32Array

  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest()
    this.state = Uint32Array.from([0, 4, 8, 12], (at) => digest.readUInt32LE(at))
    for (let round = 0; round < 12; round++) this.next()
  }

  /** An integer in [0, length). */
  below(length: number): number {
    return Math.floor(this.fraction() * length)
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.next() / 2 ** 32
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }

  /** A shuffled copy. */
  shuffled<T>(values: readonly T[]): T[] {
    const shuffled = [...values]
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = this.below(at + 1)
      const held = shuffled[at]!
      shuffled[at] = shuffled[other]!
      shuffled[other] = held
    }
    return shuffled
  }

  private next(): number {
    const s = this.state
    const sum = (s[0]! + s[1]! + s[3]!) >>> 0
    s[3] = s[3]! + 1
    s[0] = s[1]! ^ (s[1]! >>> 9)
    s[1] = s[2]! + (s[2]! << 3)
    s[2] = (s[2]! << 21 | s[2]! >>> 11) + sum
    return sum
  }
}
