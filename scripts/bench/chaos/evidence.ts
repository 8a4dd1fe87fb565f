import type { Link } from '../village/news.js'

/** A full record of which a peer has told. */
export type Told = Link

export interface Losses {
  /** Full records that were told of and that the chain does not hold. */
  readonly records: readonly Link[]
  /** Deltas counted in one of these that count nowhere in the chain. */
  readonly deltas: readonly string[]
  /** Deltas that count twice in the chain. */
  readonly twice: readonly string[]
}

/**
 * Holds what peers have told against the chain that all have in the end.
 *
 * @param chain - back to the oldest round that was told of, or further
 */
export function lossesOf(told: readonly Told[], chain: readonly Link[]): Losses {
  const held = new Set(chain.map(({ record }) => record))
  const lost = new Map(told.filter(({ record }) => !held.has(record)).map((link) => [link.record, link]))
  const counted = chain.flatMap((link) => link.counted)
  const inChain = new Set(counted)
  return {
    records: [...lost.values()],
    deltas: [...new Set([...lost.values()].flatMap((link) => link.counted))].filter((content) => !inChain.has(content)),
    twice: [...inChain].filter((content) => counted.indexOf(content) !== counted.lastIndexOf(content)),
  }
}

/** Of several full records of one round all but one are lost, whatever becomes of the chain. @returns those rounds, each with its records */
export function contradictions(told: readonly Told[]): { readonly round: number, readonly records: readonly string[] }[] {
  const byRound = new Map<number, Set<string>>()
  for (const { round, record } of told) byRound.set(round, (byRound.get(round) ?? new Set()).add(record))
  return [...byRound].filter(([, records]) => records.size > 1).map(([round, records]) => ({ round, records: [...records] }))
}
