import test from 'ava'

import { quantumFamilies } from '../../scripts/corpus/families/quantum/index.js'
import type { Family, Point } from '../../scripts/corpus/family.js'
import { house, PLAIN_HOUSE, type HouseStyle } from '../../scripts/corpus/house.js'
import { structuralFaults } from '../../scripts/corpus/structure.js'
import { intents } from './quantum-intent.js'
import { compile, compileTogether, countQubits, sameOperator, State, type Program } from './quantum-state.js'

/** Everything that these tests draw at random comes from here: a failure can be repeated. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const picker = (random: () => number) => (length: number): number => Math.floor(random() * length)
const points = (family: Family): Point[] => [...family.trainingPoints, ...family.evaluationPoints]

function houses(count: number, seed: number): HouseStyle[] {
  const pick = picker(generator(seed))
  return [PLAIN_HOUSE, ...Array.from({ length: count }, (_, i) => house(`house ${seed}/${i}`, pick))]
}

function intended(family: Family, point: Point): Program {
  return (state) => {
    const result = state.copy()
    intents[family.name]!(point, result)
    return result
  }
}

test('every family is structurally sound', (t) => {
  for (const family of quantumFamilies) t.deepEqual(structuralFaults(family), [], family.name)
  t.is(new Set(quantumFamilies.map(({ name }) => name)).size, quantumFamilies.length)
})

test('no house makes a specification or a design too long, and all use at most 8 qubits, Bernstein-Vazirani 10', (t) => {
  const pick = picker(generator(5))
  for (const family of quantumFamilies) {
    for (const style of houses(6, 1)) {
      for (let draw = 0; draw < 10; draw++) {
        const all = points(family)
        const point = all[pick(all.length)]!
        const specification = family.describe(point, style, pick(family.phrasings))
        const design = family.write(point, style, pick(family.codings))
        t.true(specification.split(/\s+/).length <= 60, specification)
        t.true(specification.length + design.length <= 1400, design)
        t.true(countQubits(design) <= (family.name === 'bernstein-vazirani' ? 10 : 8), design)
      }
    }
  }
})

test('specification and design agree on the language version, and on whether anything is measured', (t) => {
  for (const family of quantumFamilies) {
    for (const style of houses(8, 2)) {
      const point = family.trainingPoints[0]!
      for (let phrasing = 0; phrasing < family.phrasings; phrasing++) {
        const specification = family.describe(point, style, phrasing)
        const design = family.write(point, style, 0)
        t.is(/OpenQASM (\d)/.exec(specification)?.[1], /^OPENQASM (\d)\.0;/.exec(design)?.[1])
        t.is(/No measurement|Do not measure|Nothing is measured|Leave out measurements/.test(specification), !/\bmeasure\b/.test(design), specification)
      }
    }
  }
})

test('houses write both language versions, and differently within each', (t) => {
  const family = quantumFamilies.find(({ name }) => name === 'graph-state')!
  const texts = houses(60, 3).map((style) => family.write(family.trainingPoints[0]!, style, 0))
  const third = texts.filter((text) => text.startsWith('OPENQASM 3.0;'))
  t.true(third.length >= 15 && third.length <= 45)
  t.true(new Set(texts).size > 45)
})

for (const [version, style] of [[2, PLAIN_HOUSE], [3, { ...PLAIN_HOUSE, id: 'three', dialect: 'systemverilog' as const, alwaysBegin: true }]] as const) {
  test(`in OpenQASM ${version}, every coding of every family does what the specification says`, async (t) => {
    const random = generator(version)
    const pick = picker(random)
    for (const some of inGroups(quantumFamilies, 10)) {
      const cases = some.flatMap((family) => [family.trainingPoints, family.evaluationPoints].flatMap((list) => {
        const point = list[pick(list.length)]!
        return Array.from({ length: family.codings }, (_, coding) => ({ family, point, design: family.write(point, style, coding) }))
      }))
      const programs = await compileTogether(cases.map(({ design }) => design))
      cases.forEach(({ family, point, design }, i) => {
        t.true(sameOperator(programs[i]!, intended(family, point), countQubits(design), random), `${family.name} ${JSON.stringify(point)}\n${design}`)
      })
    }
  })
}

function inGroups<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
}

test('designs are accepted as they stand, in any house', async (t) => {
  for (const [i, style] of houses(11, 4).entries()) {
    const family = quantumFamilies[i * 3]!
    await t.notThrowsAsync(compile(family.write(family.trainingPoints[i]!, style, i % family.codings)), family.name)
  }
})

test('the comparison tells near misses from equals', async (t) => {
  const random = generator(9)
  const circuit = (body: string): Promise<Program> => compile(`OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\n${body}\n`)
  const reference = await circuit('cx q[0], q[1]; rz(0.3) q[1];')
  t.true(sameOperator(reference, await circuit('h q[1]; cz q[0], q[1]; h q[1]; p(0.3) q[1];'), 2, random))
  t.false(sameOperator(reference, await circuit('cx q[1], q[0]; rz(0.3) q[1];'), 2, random))
  t.false(sameOperator(reference, await circuit('cx q[0], q[1]; rz(0.31) q[1];'), 2, random))
  t.false(sameOperator(reference, await circuit('cx q[0], q[1]; rz(0.3) q[1]; cz q[0], q[1];'), 2, random))
})

test('what should be a W state has one excitation, evenly spread', async (t) => {
  const family = quantumFamilies.find(({ name }) => name === 'w-state')!
  for (const point of [family.trainingPoints[0]!, family.evaluationPoints[0]!]) {
    const design = family.write(point, PLAIN_HOUSE, 0)
    const size = countQubits(design)
    const state = (await compile(design))(State.zero(size))
    for (let qubit = 0; qubit < size; qubit++) t.true(Math.abs(state.probability(2 ** qubit) - 1 / size) < 1e-4)
  }
})

test('an algorithm finds what is hidden in it', async (t) => {
  const cases = [
    { name: 'bernstein-vazirani', answer: 'hidden', extra: 1 },
    { name: 'hidden-shift', answer: 'shift', extra: 0 },
  ]
  for (const { name, answer, extra } of cases) {
    const family = quantumFamilies.find((other) => other.name === name)!
    for (const point of family.evaluationPoints.slice(0, 4)) {
      const text = String(point[answer])
      const state = (await compile(family.write(point, PLAIN_HOUSE, 0)))(State.zero(text.length + extra))
      const found = parseInt(text, 2)
      const probability = extra === 0 ? state.probability(found) : state.probability(found) + state.probability(found + 2 ** text.length)
      t.true(probability > 1 - 1e-9, text)
    }
  }
})
