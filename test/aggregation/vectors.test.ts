import { readFile } from 'node:fs/promises'

import test from 'ava'

import { decodeDelta, deltaSquaredNorm } from '../../src/adapter/index.js'
import { aggregate, outerStep, weigh } from '../../src/aggregation/index.js'
import type { Candidate, Checkpoint, Evidence, GateOptions, Outcome } from '../../src/aggregation/index.js'
import { buildVectors, VECTORS_FILE } from './vectors.js'

interface Vectors {
  length: number
  scenarios: {
    name: string
    gate: GateOptions
    adapter: string
    rounds: {
      candidates: (Omit<Candidate, 'squaredNorm'> & { squaredNorm: string, delta: string })[]
      outcomes: Outcome[]
      medianSquaredNorm: string
      evidence: Record<string, Evidence>
      aggregate: string
      velocity: string
      adapter: string
    }[]
  }[]
}

const text = await readFile(VECTORS_FILE, 'utf8')
const vectors = JSON.parse(text) as Vectors

const valuesOf = (hex: string): Float32Array => new Float32Array(Uint32Array.from(hex.split(' '), (word) => parseInt(word, 16)).buffer)

test('the published vectors are those that the code writes, byte for byte', (t) => {
  t.is(`${JSON.stringify(buildVectors(), null, 1)}\n`, text)
})

for (const { name, gate, adapter, rounds } of vectors.scenarios) {
  test(`from the published input comes the published output: ${name}`, (t) => {
    let state: Checkpoint = { adapter: valuesOf(adapter), velocity: new Float32Array(vectors.length) }
    let evidence = new Map<string, Evidence>()
    for (const round of rounds) {
      const bytes = new Map(round.candidates.map(({ id, delta }) => [id, Buffer.from(delta, 'hex')]))
      const candidates = round.candidates.map(({ delta, ...rest }) => ({ ...rest, squaredNorm: deltaSquaredNorm(Buffer.from(delta, 'hex'), vectors.length) }))
      t.deepEqual(candidates.map(({ squaredNorm }) => squaredNorm.toString()), round.candidates.map(({ squaredNorm }) => squaredNorm))

      const weighing = weigh(candidates, evidence, { tokenCap: 2, gate })
      t.deepEqual(weighing.outcomes, round.outcomes)
      t.is(weighing.medianSquaredNorm.toString(), round.medianSquaredNorm)
      t.deepEqual(Object.fromEntries(weighing.evidence), round.evidence)
      evidence = new Map(weighing.evidence)

      const sum = aggregate(weighing.outcomes.flatMap((outcome) => outcome.outcome === 'refused' ? [] : [{ ...outcome, values: decodeDelta(bytes.get(outcome.id)!, vectors.length) }]), vectors.length)
      t.deepEqual(sum, valuesOf(round.aggregate))
      state = outerStep({ ...state, aggregate: sum })
      t.deepEqual(state, { adapter: valuesOf(round.adapter), velocity: valuesOf(round.velocity) })
    }
  })
}

test('the vectors show every way an outcome can go: counted, refused by score, clipped, tapered and capped', (t) => {
  const outcomes = vectors.scenarios.flatMap(({ rounds }) => rounds.flatMap((round) => round.outcomes))
  const counted = outcomes.filter((outcome) => outcome.outcome === 'counted')
  t.true(outcomes.some((outcome) => outcome.outcome === 'refused' && outcome.reason === 'SCORE'))
  t.true(counted.some(({ clip }) => clip < 65_536))
  t.true(counted.some(({ finding }) => finding.share > 0 && finding.share < 65_536))
  t.true(counted.some(({ tokens }) => tokens === 10_240))
})
