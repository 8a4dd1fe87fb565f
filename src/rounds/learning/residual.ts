import { SQUARED_NORM_UNIT } from '../../adapter/index.js'
import type { EntryOutcome } from '../records/cluster-record.js'

/**
 * What a peer's code left out of its deltas, kept to be sent later (error feedback): step 8 of a round.
 *
 * The residual that an encoding leaves is taken over at once, since the next delta may be encoded before a record tells what became of the last one;
 * where that one did not count, its decoded value comes back on top. Delta + old residual = decoded value + new residual, so nothing is sent twice.
 *
 * @param residual - after the encoding
 * @param decoded - what the delta carried
 * @param medianSquaredNorm - of the deltas that counted in that round, in units of 2^-48; undefined where it is not known
 */
export function residualAfter(outcome: EntryOutcome, residual: Float32Array, decoded: Float32Array, medianSquaredNorm: bigint | undefined): Float32Array {
  switch (outcome) {
    case 'counted':
    case 'late':
    // It is announced once more, as late: only then is it known whether it comes back.
    case 'missing':
      return residual
    case 'refused':
      return new Float32Array(residual.length)
    case 'expired': {
      if (medianSquaredNorm === undefined) return residual
      const norm = Math.sqrt(decoded.reduce((sum, value) => sum + value * value, 0))
      const most = Math.sqrt(Number(medianSquaredNorm) / Number(SQUARED_NORM_UNIT))
      const share = norm > most ? most / norm : 1
      return residual.map((value, i) => value + share * decoded[i]!)
    }
  }
}
