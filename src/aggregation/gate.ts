import { ONE } from './constants.js'
import type { Evidence, Known } from './evidence.js'
import { floorDivide, lowerMedian, squareRoot } from './integers.js'
import type { GateOptions } from './options.js'

/** Why the gate let a delta through or not. Shortfall and bounds are in 2^-32 of a score. */
export type Finding = Judged | NotJudged

export interface Judged {
  readonly judged: true
  readonly refused: boolean
  /** Probes that the evidence rests on. */
  readonly probes: number
  /** How far the mean score lies below the median delta's; negative above it. */
  readonly shortfall: number
  /** The largest of the three bounds: a shortfall beyond it is refused. */
  readonly bound: number
  /** The bound from the spread of all peers. */
  readonly spreadBound: number
  /** The bound from the standard error of this delta's paired differences. */
  readonly errorBound: number
  /** What is left of the weight, in 1/65536: 65536 up to the taper, 0 when refused. */
  readonly share: number
}

export interface NotJudged {
  readonly judged: false
  readonly refused: false
  readonly why: 'not audited' | 'too few peers'
  readonly share: number
}

/**
 * Judges deltas by paired comparison with the median delta: refused is who lies below it by more than three bounds allow (see GateOptions). Pure
 * integer arithmetic: every member finds the same.
 *
 * @param known - candidates with their evidence, as `gatherEvidence` gives them
 * @returns a finding for each, in the order given
 */
export function judge(known: readonly Known[], options: GateOptions): Finding[] {
  const weighed = known.map(({ evidence }) => evidence === undefined || evidence.probes < options.minimumProbes ? undefined : { evidence, mean: meanLead(evidence) })
  const compared = weighed.filter((entry) => entry !== undefined)
  const peers = new Set(known.filter((_, i) => weighed[i] !== undefined).map(({ candidate }) => candidate.peer)).size
  if (peers < options.minimumPeers) {
    return weighed.map((entry) => ({ judged: false, refused: false, why: entry === undefined ? 'not audited' : 'too few peers', share: ONE }))
  }
  const centre = lowerMedian(compared.map(({ mean }) => mean))
  const spread = lowerMedian(compared.map(({ mean }) => mean > centre ? mean - centre : centre - mean))
  const spreadBound = spread * BigInt(options.spreadPercent) / 100n
  const floorBound = BigInt(options.floor) * BigInt(ONE)

  return weighed.map((entry) => {
    if (entry === undefined) return { judged: false, refused: false, why: 'not audited', share: ONE }
    const { evidence, mean } = entry
    const errorBound = standardError(evidence) * BigInt(options.errorPercent) / 100n
    const bound = [spreadBound, errorBound, floorBound].reduce((most, value) => value > most ? value : most)
    const shortfall = centre - mean
    return {
      judged: true,
      refused: shortfall > bound,
      probes: evidence.probes,
      shortfall: Number(shortfall),
      bound: Number(bound),
      spreadBound: Number(spreadBound),
      errorBound: Number(errorBound),
      share: taperedShare(shortfall, bound, options.taperPercent),
    }
  })
}

/** The mean lead in 2^-32 of a score, rounded down. */
function meanLead({ lead, probes }: Evidence): bigint {
  return floorDivide(BigInt(lead) * BigInt(ONE), BigInt(probes))
}

/** The standard error of the mean lead in 2^-32 of a score, rounded down: sqrt((n·squares - lead²) / (n²·(n - 1))). */
function standardError({ probes, lead, squares }: Evidence): bigint {
  const n = BigInt(probes)
  const scatter = n * BigInt(squares) - BigInt(lead) * BigInt(lead)
  // Sums that memory has rounded may break Cauchy's inequality by a unit.
  return scatter <= 0n ? 0n : squareRoot(scatter * BigInt(ONE) * BigInt(ONE) / (n * n * (n - 1n)))
}

function taperedShare(shortfall: bigint, bound: bigint, taperPercent: number): number {
  const start = bound * BigInt(taperPercent) / 100n
  if (shortfall > bound) return 0
  if (shortfall <= start) return ONE
  return Number((bound - shortfall) * BigInt(ONE) / (bound - start))
}
