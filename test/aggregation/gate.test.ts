import test from 'ava'
import fc from 'fast-check'

import { DEFAULT_GATE_OPTIONS, DEFAULT_WEIGH_OPTIONS, FINE_ONE, weigh } from '../../src/aggregation/index.js'
import type { Candidate, EvidenceByPeer, GateOptions, Judged, Outcome, WeighOptions } from '../../src/aggregation/index.js'
import { candidate, scores } from './generate.js'

const options = (changes: Partial<GateOptions>): WeighOptions => ({ ...DEFAULT_WEIGH_OPTIONS, gate: { ...DEFAULT_GATE_OPTIONS, ...changes } })
const refused = (outcomes: readonly Outcome[]): string[] => outcomes.filter(({ outcome }) => outcome === 'refused').map(({ peer }) => peer).sort()

function cluster(leads: readonly number[], noise: number, seed = 1, probes = 32): Candidate[] {
  return leads.map((lead, i) => candidate(`peer ${i}`, { scores: scores(seed * 100 + i, probes, lead, noise) }))
}

function finding(outcomes: readonly Outcome[], peer: string): Judged {
  const found = outcomes.find((outcome) => outcome.peer === peer)?.finding
  if (found?.judged !== true) throw new Error(`${peer} was not judged`)
  return found
}

test('two strong outliers of six are practically always refused, and the honest four are not', (t) => {
  // With two of six far out the median deviation is an honest one's, and noise may widen it once in a thousand rounds.
  const rounds = 2000
  let found = 0
  let honest = 0
  for (let seed = 0; seed < rounds; seed++) {
    const names = refused(weigh(cluster([0, 0.005, -0.005, 0, -0.1, -0.15], 0.03, seed)).outcomes)
    found += names.filter((name) => name === 'peer 4' || name === 'peer 5').length
    honest += names.filter((name) => name !== 'peer 4' && name !== 'peer 5').length
  }
  t.true(found >= 2 * rounds * 0.995, `${found} of ${2 * rounds} outliers were refused`)
  t.true(honest <= 4 * rounds * 0.005, `${honest} of ${4 * rounds} honest deltas were refused`)
})

test('honest peers whose differences are noise are practically never refused', (t) => {
  let refusals = 0
  const rounds = 300
  for (let seed = 0; seed < rounds; seed++) refusals += refused(weigh(cluster([0, 0, 0, 0, 0, 0], 0.08, seed)).outcomes).length
  t.true(refusals <= rounds * 6 * 0.005, `${refusals} of ${rounds * 6} honest deltas were refused`)
})

test('a difference within the allowed standard errors is never refused, whatever the scores', (t) => {
  const cell = fc.integer({ min: 0, max: 65_536 })
  fc.assert(fc.property(fc.array(fc.array(cell, { minLength: 12, maxLength: 12 }), { minLength: 4, maxLength: 8 }), (rows) => {
    const { outcomes } = weigh(rows.map((row, i) => candidate(`peer ${i}`, { scores: row })))
    const means = rows.map((row) => row.reduce((a, b) => a + b, 0) / row.length)
    for (const outcome of outcomes) {
      if (outcome.finding?.judged !== true) continue
      const { errorBound, shortfall, bound, refused: isRefused } = outcome.finding
      t.is(isRefused, shortfall > bound)
      t.true(bound >= errorBound && bound >= 655 * 65_536)
      if (isRefused) t.true(means[Number(outcome.peer.slice(5))]! < Math.max(...means))
    }
  }))
})

test('a difference below 0.01 is not refused even without any noise', (t) => {
  const level = (score: number): number[] => new Array<number>(32).fill(score)
  const others = ['a', 'b', 'c'].map((name) => candidate(name, { scores: level(40_000) }))
  t.deepEqual(refused(weigh([...others, candidate('d', { scores: level(40_000 - 655) })]).outcomes), [])
  t.deepEqual(refused(weigh([...others, candidate('d', { scores: level(40_000 - 656) })]).outcomes), ['d'])
})

test('probes that are hard for everybody do not widen the bound: differences are paired', (t) => {
  const uneven = (shift: number): number[] => Array.from({ length: 32 }, (_, probe) => (probe % 2 === 0 ? 2000 : 60_000) + shift)
  const { outcomes } = weigh([...['a', 'b', 'c'].map((name) => candidate(name, { scores: uneven(0) })), candidate('d', { scores: uneven(-1000) })])
  t.deepEqual(refused(outcomes), ['d'])
  t.is(finding(outcomes, 'd').errorBound, 0)
})

test('the standard error is that of the textbook', (t) => {
  const rows = cluster([0, 0.02, -0.02, 0.01, -0.01], 0.05, 7).map(({ scores: row }) => row!)
  const mean = (row: readonly number[]): number => row.reduce((a, b) => a + b, 0) / row.length
  const median = rows.toSorted((a, b) => mean(a) - mean(b))[2]!
  const { outcomes } = weigh(rows.map((row, i) => candidate(`peer ${i}`, { scores: row })))
  rows.forEach((row, i) => {
    const differences = row.map((score, probe) => (score - median[probe]!) / 65_536)
    const centre = mean(differences)
    const error = Math.sqrt(differences.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (row.length - 1) / row.length)
    const found = finding(outcomes, `peer ${i}`)
    t.true(Math.abs(found.errorBound / FINE_ONE - 2.5 * error) < 1e-8)
    t.true(Math.abs(found.shortfall / FINE_ONE + centre) < 1e-8)
  })
})

test('nothing is refused below four peers, nor on fewer than eight probes', (t) => {
  t.deepEqual(refused(weigh(cluster([0, 0, -0.4], 0.01)).outcomes), [])
  t.deepEqual(refused(weigh(cluster([0, 0, 0, -0.4], 0.01, 1, 7)).outcomes), [])
  t.deepEqual(refused(weigh(cluster([0, 0, 0, -0.4], 0.01, 1, 8)).outcomes), ['peer 3'])
})

test('several deltas of one peer do not make a cluster of four', (t) => {
  const two = cluster([0, 0, 0, -0.4], 0.01).map((entry, i) => ({ ...entry, peer: `peer ${i % 3}` }))
  t.deepEqual(refused(weigh(two).outcomes), [])
})

test('a delta that was not audited passes and says so', (t) => {
  const { outcomes } = weigh([...cluster([0, 0, 0, 0], 0.01), candidate('silent')])
  const silent = outcomes.find(({ peer }) => peer === 'silent')
  t.is(silent?.outcome, 'counted')
  t.like(silent?.finding, { judged: false, why: 'not audited' })
})

test('between audits the last verdict on a peer stands', (t) => {
  const { evidence } = weigh(cluster([0, 0, 0, 0, -0.1], 0.02))
  const unaudited = [0, 1, 2, 3, 4].map((i) => candidate(`peer ${i}`))
  t.deepEqual(refused(weigh(unaudited, evidence).outcomes), ['peer 4'])
  t.deepEqual(refused(weigh(unaudited).outcomes), [])
})

test('without memory an audit alone decides, and a peer that mends its data is taken back; with it, a few audits later', (t) => {
  let { evidence } = weigh(cluster([0, 0, 0, 0, -0.1], 0.02))
  t.deepEqual(refused(weigh(cluster([0, 0, 0, 0, 0], 0.02, 2), evidence, options({ memory: 0 })).outcomes), [])
  let audits = 0
  for (let found = ['peer 4']; found.length > 0; audits++) {
    const weighing = weigh(cluster([0, 0, 0, 0, 0], 0.02, 2 + audits), evidence)
    evidence = weighing.evidence
    found = refused(weighing.outcomes)
  }
  t.true(audits > 1 && audits < 10, `taken back after ${audits} audits`)
})

test('with memory, a small steady shortfall is found that no single audit shows', (t) => {
  const leads = [0, 0.002, -0.002, 0.001, -0.022, -0.022]
  let evidence: EvidenceByPeer = new Map()
  let alone = 0
  let found: string[] = []
  const falsely = new Set<string>()
  for (let round = 0; round < 12; round++) {
    const audited = cluster(leads, 0.05, 40 + round)
    alone += refused(weigh(audited, new Map(), options({ memory: 0 })).outcomes).filter((peer) => peer === 'peer 4' || peer === 'peer 5').length
    const weighing = weigh(audited, evidence, options({ memory: 57_344 }))
    evidence = weighing.evidence
    found = refused(weighing.outcomes)
    for (const peer of found) if (peer !== 'peer 4' && peer !== 'peer 5') falsely.add(peer)
  }
  t.true(alone <= 6)
  t.deepEqual(found, ['peer 4', 'peer 5'])
  t.is(falsely.size, 0)
})

test('with a taper, the weight falls between a share of the bound and the bound', (t) => {
  const level = (score: number): number[] => new Array<number>(32).fill(score)
  const weightOf = (shortfall: number): number => {
    const { outcomes } = weigh([...['a', 'b', 'c'].map((name) => candidate(name, { scores: level(40_000) })), candidate('d', { scores: level(40_000 - shortfall) })], new Map(), options({ taperPercent: 50 }))
    const found = outcomes.find(({ peer }) => peer === 'd')
    return found?.outcome === 'counted' ? found.weight : 0
  }
  t.is(weightOf(0), weightOf(327))
  t.true(weightOf(400) < weightOf(327) && weightOf(500) < weightOf(400) && weightOf(600) < weightOf(500) && weightOf(600) > 0)
  t.is(weightOf(655), 0)
})
