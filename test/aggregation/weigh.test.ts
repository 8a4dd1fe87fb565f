import test from 'ava'
import fc from 'fast-check'

import { AggregationError, DEFAULT_GATE_OPTIONS, uniformWeights, weigh } from '../../src/aggregation/index.js'
import type { Candidate, CountedOutcome, Outcome } from '../../src/aggregation/index.js'
import { anyCandidates, candidate, idOf } from './generate.js'

const counted = (outcomes: readonly Outcome[]): CountedOutcome[] => outcomes.filter((outcome) => outcome.outcome === 'counted')

test('every candidate gets one outcome; weights of the counted sum to 65536', (t) => {
  fc.assert(fc.property(anyCandidates, (candidates) => {
    const { outcomes } = weigh(candidates)
    t.deepEqual(outcomes.map(({ id }) => id), candidates.map(({ id }) => id).sort())
    const chosen = counted(outcomes)
    t.is(chosen.reduce((sum, { weight }) => sum + weight, 0), chosen.length === 0 ? 0 : 65_536)
    t.true(chosen.every(({ weight, clip }) => weight > 0 && clip >= 0 && clip <= 65_536))
  }))
})

test('the order in which candidates come changes nothing', (t) => {
  fc.assert(fc.property(anyCandidates.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))), ([list, shuffled]) => {
    t.deepEqual(weigh(shuffled), weigh(list))
  }))
})

test('no delta weighs more than the median norm, however large it is', (t) => {
  fc.assert(fc.property(anyCandidates, (candidates) => {
    const { outcomes, medianSquaredNorm } = weigh(candidates)
    for (const { id, clip } of counted(outcomes)) {
      const norm = candidates.find((entry) => entry.id === id)!.squaredNorm
      t.true(norm * BigInt(clip) * BigInt(clip) <= medianSquaredNorm * (1n << 32n))
    }
  }))
})

test('a clip takes no more than it must', (t) => {
  const { outcomes } = weigh([candidate('a'), candidate('b'), candidate('c', { squaredNorm: 4n << 48n })])
  t.deepEqual(counted(outcomes).map(({ clip }) => clip).sort((a, b) => a - b), [32_768, 65_536, 65_536])
})

test('claiming more tokens than twice the median gains nothing', (t) => {
  const others = ['a', 'b', 'c', 'd'].map((name) => candidate(name))
  const at = (tokens: number): number => counted(weigh([...others, candidate('e', { tokens })]).outcomes).find(({ peer }) => peer === 'e')!.weight
  t.is(at(10_240), at(Number.MAX_SAFE_INTEGER))
  t.true(at(10_240) > at(5120))
  t.true(Math.abs(at(10_240) / 65_536 - 2 / 6) < 1e-3)
})

test('a first round, a late delta and half the reputation each halve the weight', (t) => {
  const weightOf = (changes: Partial<Candidate>): number => {
    const { outcomes } = weigh([candidate('a', { ...changes, id: 'f'.repeat(64) }), candidate('b')])
    return counted(outcomes).find(({ peer }) => peer === 'a')!.weight
  }
  for (const changes of [{ firstRound: true }, { staleness: 1 }, { reputation: 16_384 }]) t.is(weightOf(changes), Math.floor(65_536 / 3))
  t.is(weightOf({ firstRound: true, staleness: 3 }), Math.floor(65_536 / 17))
})

test('the remainder of the division goes to the lowest content id', (t) => {
  const ids = ['a', 'b', 'c'].map((name) => idOf(name)).sort()
  const { outcomes } = weigh(['a', 'b', 'c'].map((name) => candidate(name)))
  t.deepEqual(counted(outcomes).map(({ id, weight }) => [id, weight]), [[ids[0]!, 21_846], [ids[1]!, 21_845], [ids[2]!, 21_845]])
})

for (const [changes, reason] of [
  [{ squaredNorm: 0n }, 'EMPTY'],
  [{ tokens: 0 }, 'TOKENS'],
  [{ reputation: 0 }, 'REPUTATION'],
  [{ tokens: 1, reputation: 1 }, 'WEIGHT'],
] as const) {
  test(`a delta with ${Object.keys(changes).join(' and ')} too small is refused as ${reason}`, (t) => {
    const { outcomes } = weigh([candidate('a', { ...changes, id: 'f'.repeat(64) }), ...['b', 'c', 'd'].map((name) => candidate(name))])
    t.like(outcomes.find(({ peer }) => peer === 'a'), { outcome: 'refused', reason })
    t.is(counted(outcomes).length, 3)
  })
}

test('an empty delta does not lower the median norm', (t) => {
  const { medianSquaredNorm } = weigh([candidate('a', { squaredNorm: 0n }), candidate('b', { squaredNorm: 9n }), candidate('c', { squaredNorm: 0n })])
  t.is(medianSquaredNorm, 9n)
})

test('without candidates, or with none that counts, there is no weight and no norm', (t) => {
  t.like(weigh([]), { outcomes: [], medianSquaredNorm: 0n })
  t.like(weigh([candidate('a', { reputation: 0 })]), { medianSquaredNorm: 0n })
})

test('uniform weights differ by the remainder only', (t) => {
  const weights = uniformWeights(['b', 'a', 'c'])
  t.deepEqual(weights.map(({ id, weight, clip }) => [id, weight, clip]), [['b', 21_845, 65_536], ['a', 21_846, 65_536], ['c', 21_845, 65_536]])
})

for (const [what, changes] of [
  ['tokens that are no integer', { tokens: 1.5 }],
  ['NaN tokens', { tokens: NaN }],
  ['negative tokens', { tokens: -1 }],
  ['a negative zero', { tokens: -0 }],
  ['a reputation above 65536', { reputation: 65_537 }],
  ['a staleness of four rounds', { staleness: 4 }],
  ['a negative norm', { squaredNorm: -1n }],
  ['a score above 65536', { scores: new Array<number>(8).fill(65_537) }],
  ['an infinite score', { scores: new Array<number>(8).fill(Infinity) }],
] as const) {
  test(`${what}: the input is refused`, (t) => {
    t.throws(() => weigh([candidate('a', changes)]), { instanceOf: AggregationError, code: 'AGGREGATION_INPUT' })
  })
}

test('scores on unequal probes and a delta that comes twice are refused', (t) => {
  const some = candidate('a', { scores: [1, 2] })
  t.throws(() => weigh([some, candidate('b', { scores: [1] })]), { instanceOf: AggregationError, code: 'AGGREGATION_INPUT' })
  t.throws(() => weigh([some, some]), { instanceOf: AggregationError, code: 'AGGREGATION_DUPLICATE' })
})

test('options that are no integers in range are refused by name', (t) => {
  for (const changes of [{ floor: 0.01 }, { minimumProbes: 1 }, { memory: 65_536 }, { taperPercent: 101 }, { spreadPercent: NaN }]) {
    const error = t.throws(() => weigh([], new Map(), { tokenCap: 2, gate: { ...DEFAULT_GATE_OPTIONS, ...changes } }), { instanceOf: AggregationError, code: 'AGGREGATION_OPTIONS' })
    t.true(error.message.startsWith(`gate.${Object.keys(changes)[0]!} is`))
  }
  t.throws(() => weigh([], new Map(), { tokenCap: 0, gate: DEFAULT_GATE_OPTIONS }), { code: 'AGGREGATION_OPTIONS' })
})
