/** Helpers for lists of points. */

/** Angles that training points use: eighths, sixths and thirds of pi, and numbers up to 1. */
export const TRAINING_ANGLES = [
  'pi/2', '0.35', 'pi/4', '0.8', '3*pi/4', '0.15', 'pi/8', '0.6', 'pi/3', '0.25', '3*pi/8', '0.95', '2*pi/3', '0.4', 'pi/6', '0.7', '-pi/4', '-0.3', '0.55', '-pi/2', '0.1', '-0.65',
] as const

/** Angles for evaluation points only: fifths, tenths and sixteenths of pi, and numbers above 1. */
export const EVALUATION_ANGLES = [
  'pi/5', '1.15', '3*pi/16', '1.7', '7*pi/10', '2.05', '5*pi/16', '1.35', '2*pi/5', '2.6', '-pi/10', '-1.25', 'pi/16', '1.85', '3*pi/5', '-2.2',
] as const

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

export const range = (length: number): number[] => Array.from({ length }, (_, i) => i)

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
