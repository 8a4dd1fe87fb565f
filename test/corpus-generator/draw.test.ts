import test from 'ava'

import { heldOutRecords, houseNumber, probeReferences, reservedForProbes, trainingRecords, Withheld } from '../../scripts/corpus/draw.js'
import { families } from '../../scripts/corpus/families/index.js'
import type { CorpusRecord } from '../../scripts/corpus/record.js'

const sampled = families.filter((_, at) => at % 8 === 0)
const count = 60
const seed = 7

function withheldOf(records: Iterable<CorpusRecord>): Withheld {
  const withheld = new Withheld()
  for (const record of records) withheld.add(record)
  return withheld
}

test('the same seed draws the same examples, another seed draws others', (t) => {
  for (const family of sampled) {
    const drawn = (of: number): CorpusRecord[] => [...trainingRecords(family, { seed: of, count, withheld: new Withheld() })]
    t.deepEqual(drawn(seed), drawn(seed))
    t.notDeepEqual(drawn(seed), drawn(seed + 1))
  }
})

test('no training pair comes twice', (t) => {
  for (const family of sampled) {
    const pairs = [...trainingRecords(family, { seed, count, withheld: new Withheld() })].map(({ specification, design }) => `${specification}\n${design}`)
    t.is(new Set(pairs).size, pairs.length)
  }
})

test('training takes training points only and held-out examples evaluation points only', (t) => {
  for (const family of sampled) {
    for (const { point } of trainingRecords(family, { seed, count, withheld: new Withheld() })) t.true(family.trainingPoints.includes(point))
    const heldOut = [...heldOutRecords(family, { seed, count: 16 })]
    t.is(heldOut.length, 16)
    for (const { point } of heldOut) t.true(family.evaluationPoints.includes(point))
  }
})

test('training holds no text of what is withheld', (t) => {
  for (const family of sampled) {
    const open = [...trainingRecords(family, { seed, count, withheld: new Withheld() })]
    const withheld = withheldOf(open.slice(0, 20))
    for (const record of trainingRecords(family, { seed, count, withheld })) t.false(withheld.has(record))
  }
})

test('probes come from combinations that training never uses', (t) => {
  for (const family of sampled) {
    let drawn = 0
    for (const { record, style } of probeReferences(family, seed)) {
      t.true(reservedForProbes(family, record.point, style))
      if (++drawn === 8) break
    }
    t.is(drawn, 8)
    for (const { point, house } of trainingRecords(family, { seed, count, withheld: new Withheld() })) {
      t.false(reservedForProbes(family, point, houseNumber(Number(house.replace('house-', '')))))
    }
  }
})
