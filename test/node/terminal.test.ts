import test from 'ava'
import fc from 'fast-check'

import { bytesText, durationText, rateText, wilsonInterval } from '../../node/terminal/numbers.js'
import { outcomeText } from '../../node/terminal/outcomes.js'
import { table } from '../../node/terminal/table.js'
import { mismatched, planCompanies } from '../../node/demo/plan.js'
import { testSet } from '../../node/demo/measure.js'

test('a Wilson interval holds the rate and stays within 0 and 1', (t) => {
  fc.assert(fc.property(fc.nat(500), fc.nat(500), (passed, failed) => {
    const asked = passed + failed
    if (asked === 0) return
    const { low, high } = wilsonInterval(passed, asked)
    t.true(low >= 0 && high <= 1 && low <= passed / asked + 1e-12 && high >= passed / asked - 1e-12)
  }))
})

test('12 of 48 is 25 %, from 15 to 39', (t) => {
  t.is(rateText(12, 48), '12/48 (25 %, 15-39)')
})

test('bytes and times are written with their units', (t) => {
  t.deepEqual([0, 1023, 1024, 1_500_000].map(bytesText), ['0 B', '1023 B', '1.00 KiB', '1.43 MiB'])
  t.deepEqual([900, 61_000].map(durationText), ['1 s', '1 m 1 s'])
})

test('the columns of a table line up', (t) => {
  t.deepEqual(table(['name', 'count'], [['a', 1], ['longer', 20]]), ['name    count', '------  -----', 'a           1', 'longer     20'])
})

test('a refusal says why', (t) => {
  t.is(outcomeText({ outcome: 'refused', reason: 'SCORE', staleness: 0 }), 'refused: audits show it below the others')
  t.is(outcomeText({ outcome: 'late', reason: '', staleness: 1 }), 'late by 1 round')
})

const houses = ['verilog', 'qasm'].flatMap((domain) => Array.from({ length: 12 }, (_, house) => Array.from({ length: 30 }, (__, at) => ({
  house: `${domain}-${house}`, domain: domain as 'verilog' | 'qasm', family: `${domain}-family-${at % 6}`, specification: `${domain} ${house} ${at}`, design: `design ${house} ${at}`,
}))).flat())
const families = { known: [], unseen: [], evaluation: [...new Set(houses.map(({ family }) => family))] }

test('the demo\'s companies share each family between two, and the same seed makes the same companies', (t) => {
  const options = { peers: 6, rounds: 12, seed: 3, keep: false }
  const companies = planCompanies(options, houses, families)
  t.deepEqual(companies.map(({ domain }) => domain), ['verilog', 'verilog', 'verilog', 'verilog', 'qasm', 'qasm'])
  t.deepEqual(planCompanies(options, houses, families), companies)
  t.notDeepEqual(planCompanies({ ...options, seed: 4 }, houses, families), companies)
  for (const family of families.evaluation.filter((name) => name.startsWith('verilog'))) {
    t.is(companies.filter((company) => company.families.includes(family)).length, 2)
  }
  t.is(new Set(companies.map(({ house }) => house)).size, 6)
  t.true(companies.every(({ pairs }) => pairs.length > 0))
})

test('mismatched specifications belong to other families', (t) => {
  const pairs = houses.filter(({ house }) => house === 'verilog-0')
  const byDesign = new Map(pairs.map((pair) => [pair.design, pair]))
  const familyOf = new Map(pairs.map((pair) => [pair.specification, pair.family]))
  const damaged = mismatched(pairs)
  t.is(damaged.length, pairs.length)
  t.true(damaged.every((pair) => familyOf.get(pair.specification) !== byDesign.get(pair.design)!.family))
})

test('test sets of the demo are spread over families and do not overlap', (t) => {
  const pool = houses.slice(0, 360)
  const { evaluated, served } = testSet(pool, 'verilog', new Set(families.evaluation), 1)
  t.is(evaluated.length, 48)
  t.is(served.length, 10)
  t.is(new Set([...evaluated, ...served].map(({ specification }) => specification)).size, 58)
  t.true(families.evaluation.filter((name) => name.startsWith('verilog')).every((name) => evaluated.filter(({ family }) => family === name).length === 8))
})
