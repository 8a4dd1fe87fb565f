import { decodeDelta, deltaSquaredNorm, encodeDelta, seededRandom } from '../../src/adapter/index.js'
import { aggregate, DEFAULT_GATE_OPTIONS, DEFAULT_OUTER_OPTIONS, outerStep, weigh } from '../../src/aggregation/index.js'
import type { Candidate, Checkpoint, EvidenceByPeer, GateOptions } from '../../src/aggregation/index.js'
import { candidate, idOf, scores } from './generate.js'

/** Two blocks, the second one short, so that block borders and idle bits are in the vectors. */
const LENGTH = 70

export const VECTORS_FILE = new URL('../../../docs/reference/vectors/aggregation.json', import.meta.url)

type Peer = Partial<Candidate> & { readonly size?: number, readonly lead?: number }

/** Each audit stands alone. */
const NO_MEMORY: GateOptions = { ...DEFAULT_GATE_OPTIONS, memory: 0, errorPercent: 300 }

interface Scenario {
  readonly name: string
  readonly gate: GateOptions
  /** Rounds that follow each other, each with its peers' candidates. */
  readonly rounds: readonly (readonly Peer[])[]
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'three peers without audit: the remainder, a first round, and a clipped norm', gate: NO_MEMORY, rounds: [[{}, { firstRound: true, size: 3 }, { tokens: 4000, size: 0.5 }]] },
  {
    name: 'six peers audited: two refused, one late, one with capped tokens, then a second outer step',
    gate: NO_MEMORY,
    rounds: [
      [{ lead: 0 }, { lead: 0.004 }, { lead: -0.004, tokens: 2 ** 40 }, { lead: 0.002, staleness: 2 }, { lead: -0.15, size: 3 }, { lead: -0.2 }],
      [{}, { reputation: 65_536 }, { size: 8 }, {}, {}, {}],
    ],
  },
  {
    name: 'evidence kept across two audits, with a taper',
    gate: { ...DEFAULT_GATE_OPTIONS, taperPercent: 40 },
    rounds: [
      [{ lead: 0 }, { lead: 0.002 }, { lead: 0.001 }, { lead: -0.019 }, { lead: -0.03 }],
      [{ lead: 0.001 }, { lead: 0.002 }, { lead: 0 }, { lead: -0.019 }, { lead: -0.03 }],
    ],
  },
]

/** The vectors as plain JSON: f32 values and bytes in hexadecimal, large integers in decimal. */
export function buildVectors(): unknown {
  return {
    description: 'Rounds in the exact arithmetic of src/aggregation. f32 values are their bit patterns, encoded deltas their bytes, in hexadecimal. test/aggregation/vectors.ts writes this file.',
    outer: DEFAULT_OUTER_OPTIONS,
    length: LENGTH,
    scenarios: SCENARIOS.map(buildScenario),
  }
}

function buildScenario({ name, gate, rounds }: Scenario): unknown {
  let checkpoint: Checkpoint = { adapter: randomValues(name, 0.1), velocity: new Float32Array(LENGTH) }
  let evidence: EvidenceByPeer = new Map()
  const start = hexOf(checkpoint.adapter)
  const results = rounds.map((peers, round) => {
    const made = peers.map((peer, index) => makeCandidate(`${name}, round ${round}, peer ${index}`, index, peer))
    const weighing = weigh(made.map((entry) => entry.candidate), evidence, { tokenCap: 2, gate })
    evidence = weighing.evidence
    const sum = aggregate(weighing.outcomes.flatMap((outcome) => {
      if (outcome.outcome === 'refused') return []
      const { bytes } = made.find((entry) => entry.candidate.id === outcome.id)!
      return [{ id: outcome.id, weight: outcome.weight, clip: outcome.clip, values: decodeDelta(bytes, LENGTH) }]
    }), LENGTH)
    checkpoint = outerStep({ ...checkpoint, aggregate: sum })
    return {
      candidates: made.map((entry) => ({ ...entry.candidate, squaredNorm: entry.candidate.squaredNorm.toString(), delta: Buffer.from(entry.bytes).toString('hex') })),
      outcomes: weighing.outcomes,
      medianSquaredNorm: weighing.medianSquaredNorm.toString(),
      evidence: Object.fromEntries(evidence),
      aggregate: hexOf(sum),
      velocity: hexOf(checkpoint.velocity),
      adapter: hexOf(checkpoint.adapter),
    }
  })
  return { name, gate, adapter: start, rounds: results }
}

function makeCandidate(seedName: string, index: number, { size = 1, lead, ...changes }: Peer): { candidate: Candidate, bytes: Uint8Array } {
  const { bytes } = encodeDelta(randomValues(seedName, 0.01 * size), new Float32Array(LENGTH))
  const audited = lead === undefined ? {} : { scores: scores(seedName.length * 100 + index, 16, lead, 0.02) }
  return { bytes, candidate: candidate(`peer ${index}`, { id: idOf(seedName), squaredNorm: deltaSquaredNorm(bytes, LENGTH), ...audited, ...changes }) }
}

function randomValues(seedName: string, size: number): Float32Array {
  const random = seededRandom(Buffer.from(seedName))
  return Float32Array.from({ length: LENGTH }, () => (random.fraction() - 0.5) * size)
}

function hexOf(values: Float32Array): string {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length)].map((word) => word.toString(16).padStart(8, '0')).join(' ')
}
