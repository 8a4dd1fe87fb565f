/** A map from whole numbers to numbers, of more entries than one `Map` can hold. */
export class NumberMap {
  private readonly parts = Array.from({ length: 61 }, () => new Map<number, number>())

  get size(): number { return this.parts.reduce((sum, { size }) => sum + size, 0) }

  has(key: number): boolean { return this.part(key).has(key) }

  get(key: number): number | undefined { return this.part(key).get(key) }

  set(key: number, value: number): void { this.part(key).set(key, value) }

  private part(key: number): Map<number, number> { return this.parts[key % 61]! }
}
