/** Helpers for lists of points. */

/**
 * Angles that training points use: fractions of pi with denominators that circuits mostly have, and numbers up to 1. They are many, because a model that has seen two
 * dozen learns them by heart instead of learning to copy.
 */
export const TRAINING_ANGLES: readonly string[] = [...fractionsOfPi([2, 3, 4, 6, 8, 12]), ...hundredths(5, 100)]

/** Angles for evaluation points only: fifths, tenths and sixteenths of pi, and numbers above 1. */
export const EVALUATION_ANGLES: readonly string[] = [...fractionsOfPi([5, 10, 16]), ...hundredths(101, 300, 3)]

/** All proper fractions in lowest terms, every third one of them negative. */
function fractionsOfPi(denominators: readonly number[]): string[] {
  const angles = denominators.flatMap((denominator) => range(denominator).slice(1)
    .filter((numerator) => range(numerator + 1).slice(2).every((factor) => numerator % factor !== 0 || denominator % factor !== 0))
    .map((numerator) => `${numerator === 1 ? '' : `${numerator}*`}pi/${denominator}`))
  return angles.map((angle, i) => i % 3 === 2 ? `-${angle}` : angle)
}

/** Numbers of two decimals at most, every fifth one of them negative. */
function hundredths(from: number, to: number, step = 1): string[] {
  return range(Math.floor((to - from) / step) + 1).map((i) => `${i % 5 === 4 ? '-' : ''}${((from + i * step) / 100).toFixed(2).replace(/0$/, '')}`)
}

/** Every combination of the values of the axes, the last axis fastest. */
export function combine<const T extends Readonly<Record<string, readonly (number | string | boolean)[]>>>(axes: T): { [K in keyof T]: T[K][number] }[] {
  let rows: Record<string, number | string | boolean>[] = [{}]
  for (const [name, values] of Object.entries(axes)) {
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })))
  }
  return rows as { [K in keyof T]: T[K][number] }[]
}

/** Points of the list that are in none of the others, each once. */
export function distinct<P extends object>(points: readonly P[], others: readonly P[] = []): P[] {
  const seen = new Set(others.map((point) => JSON.stringify(point)))
  return points.filter((point) => {
    const key = JSON.stringify(point)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Half of the points end in a measurement; the Thue-Morse sequence keeps this independent of the axes of a list. */
export function halfMeasured<P extends object>(points: readonly P[]): (P & { measured: boolean })[] {
  const ones = (value: number): number => value === 0 ? 0 : value % 2 + ones(value >> 1)
  return points.map((point, i) => ({ ...point, measured: ones(i) % 2 === 0 }))
}

/** Every bit string of a length, in the order of the numbers. */
export function bitStrings(length: number): string[] {
  return Array.from({ length: 2 ** length }, (_, value) => value.toString(2).padStart(length, '0'))
}

/** The bit of `text` that belongs to qubit `index`: the rightmost one is qubit 0's. */
export function bitAt(text: string, index: number): boolean {
  return text[text.length - 1 - index] === '1'
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}

/** A reproducible source of choices (mulberry32): the same seed gives the same points for ever. */
export function chooser(seed: number) {
  let state = seed >>> 0
  const pick = (length: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % length
  }
  const one = <T>(choices: readonly T[]): T => choices[pick(choices.length)]!
  return {
    pick,
    one,
    /** `count` different elements, in random order. */
    some<T>(choices: readonly T[], count: number): T[] {
      const left = [...choices]
      return range(count).map(() => left.splice(pick(left.length), 1)[0]!)
    },
    /** A text of letters drawn from `alphabet`. */
    text: (alphabet: string, length: number): string => range(length).map(() => one(Array.from(alphabet))).join(''),
  }
}

/** The edges of the complete graph on `count` vertices as `0-1`, lower vertex first. */
export function allEdges(count: number): string[] {
  return range(count).flatMap((a) => range(count).filter((b) => b > a).map((b) => `${a}-${b}`))
}

/** `0-1 1-2` as pairs of numbers. */
export function parseEdges(edges: string): (readonly [number, number])[] {
  return edges.split(' ').map((edge) => {
    const [from, to] = edge.split('-').map(Number)
    return [from!, to!] as const
  })
}
