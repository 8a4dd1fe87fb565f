import type { HouseStyle } from './house.js'

/** One point of a family's parameter space: widths, depths, kinds, encodings, angles as text. */
export type Point = Readonly<Record<string, number | string | boolean>>

/**
 * A design family: everything that can be asked for and written about one kind of circuit.
 *
 * The specification names every port, width, polarity and module name that the design must have: a reader who knows
 * the family can write a design from it that is equivalent to the reference.
 */
export interface Family<P extends Point = Point> {
  /** kebab-case, for instance `gray-encoder`. */
  readonly name: string
  readonly domain: 'verilog' | 'qasm'
  readonly kind: 'combinational' | 'sequential' | 'quantum'
  /** At least 20 points that anybody may train on. */
  readonly trainingPoints: readonly P[]
  /**
   * Points for held-out specifications only: at least 8, each with a value that no training point has. As written in a family they lie beyond its training
   * values; `withHeldOutValues` draws them anew, between training values.
   */
  readonly evaluationPoints: readonly P[]
  /** At least 4. */
  readonly phrasings: number
  /** Ways of writing the design that are equal in function but not in text: at least 2. */
  readonly codings: number
  /** The specification: one to three sentences, at most 60 words, complete. `phrasing` is in [0, phrasings). */
  describe(point: P, house: HouseStyle, phrasing: number): string
  /** The design, without comments, ending in a newline. `coding` is in [0, codings). At most some 1,100 characters. */
  write(point: P, house: HouseStyle, coding: number): string
}

/** Keeps a family's own point type inside its file while lists hold all families alike. */
export function defineFamily<P extends Point>(family: Family<P>): Family {
  return family
}
