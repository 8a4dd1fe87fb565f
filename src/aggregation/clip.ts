import { ONE } from './constants.js'
import { lowerMedian, squareRoot } from './integers.js'

export interface Clipping {
  /** By what each delta is multiplied, in 1/65536, in the order given; rounded down, so that no clipped norm exceeds the median. */
  readonly clips: readonly number[]
  readonly medianSquaredNorm: bigint
}

/**
 * Clips norms to their lower median, so that shouting louder gains nothing.
 *
 * @param squaredNorms - from integer codes, above 0
 * @see Sun et al. 2019, "Can You Really Backdoor Federated Learning?", section 4 (norm bounding)
 */
export function clipToMedian(squaredNorms: readonly bigint[]): Clipping {
  if (squaredNorms.length === 0) return { clips: [], medianSquaredNorm: 0n }
  const medianSquaredNorm = lowerMedian(squaredNorms)
  const clips = squaredNorms.map((norm) => norm <= medianSquaredNorm ? ONE : Number(squareRoot(medianSquaredNorm * BigInt(ONE) * BigInt(ONE) / norm)))
  return { clips, medianSquaredNorm }
}
