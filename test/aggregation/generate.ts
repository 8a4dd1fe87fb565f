import { createHash } from 'node:crypto'

import fc from 'fast-check'

import { deltaSquaredNorm, encodeDelta, seededRandom } from '../../src/adapter/index.js'
import type { Candidate } from '../../src/aggregation/index.js'

/** A content id that depends on a name. */
export function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}

/** The squared norm of what a delta decodes to. */
export function squaredNormOf(values: Float32Array): bigint {
  return deltaSquaredNorm(encodeDelta(values, new Float32Array(values.length)).bytes, values.length)
}

/** A candidate that counts in full, changed where a test says so. */
export function candidate(name: string, changes: Partial<Candidate> = {}): Candidate {
  return { id: idOf(name), peer: name, tokens: 5120, reputation: 32_768, firstRound: false, staleness: 0, squaredNorm: 1n << 48n, ...changes }
}

/**
 * Scores on probes: each probe has its own difficulty, which all deltas share, each delta a lead, and each pair a noise.
 *
 * @param lead - in scores, 0 to 1
 * @param noise - standard deviation of a pair's noise, in scores
 */
export function scores(seed: number, probes: number, lead: number, noise: number): number[] {
  const difficulty = seededRandom(1234)
  const random = seededRandom(seed)
  const sum = (): number => Array.from({ length: 12 }, () => random.fraction()).reduce((a, b) => a + b, -6)
  return Array.from({ length: probes }, () => Math.round(Math.min(1, Math.max(0, 0.2 + 0.6 * difficulty.fraction() + lead + noise * sum())) * 65_536))
}

const probeCount = fc.constantFrom(8, 16, 32)

/** Any candidates that `weigh` accepts, audited or not. */
export const anyCandidates: fc.Arbitrary<Candidate[]> = fc.tuple(probeCount, fc.integer({ min: 0, max: 9 })).chain(([probes, count]) => fc.tuple(
  ...Array.from({ length: count }, (_, i) => fc.record({
    id: fc.constant(idOf(`delta ${i}`)),
    peer: fc.constant(`peer ${i}`),
    tokens: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1 << 20 }), fc.maxSafeNat()),
    reputation: fc.integer({ min: 0, max: 65_536 }),
    firstRound: fc.boolean(),
    staleness: fc.integer({ min: 0, max: 3 }),
    squaredNorm: fc.bigInt({ min: 0n, max: 1n << 80n }),
    scores: fc.array(fc.integer({ min: 0, max: 65_536 }), { minLength: probes, maxLength: probes }),
  }).chain((full) => {
    const { scores: audited, ...unaudited } = full
    return fc.constantFrom<Candidate>({ ...unaudited, scores: audited }, { ...unaudited, scores: audited }, unaudited)
  })),
))
