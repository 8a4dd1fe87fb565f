import test from 'ava'

import { families } from '../../scripts/corpus/families/index.js'
import { house, PLAIN_HOUSE, ROLE_NAMES, ROLES } from '../../scripts/corpus/house.js'
import { Random } from '../../scripts/corpus/random.js'
import { structuralFaults } from '../../scripts/corpus/structure.js'

test('there are families of all three kinds, each with a name of its own', (t) => {
  t.is(new Set(families.map((family) => family.name)).size, families.length)
  for (const kind of ['combinational', 'sequential', 'quantum'] as const) {
    t.true(families.filter((family) => family.kind === kind).length >= 15, kind)
  }
})

for (const family of families) {
  test(`${family.name}: points, phrasings and codings follow the rules of the corpus`, (t) => {
    t.deepEqual(structuralFaults(family, 10).slice(0, 5), [])
  })
}

test('no two roles of a house ever share a name', (t) => {
  const owners = new Map<string, string>()
  for (const role of ROLES) {
    for (const name of ROLE_NAMES[role]) {
      t.is(owners.get(name), undefined, `${name} is a name of ${role} and of ${owners.get(name)}`)
      owners.set(name, role)
    }
  }
})

test('a house is the same each time it is drawn, and houses differ', (t) => {
  const drawn = (seed: string) => {
    const random = new Random(seed)
    return house('house', (length) => random.below(length))
  }
  t.deepEqual(drawn('1'), drawn('1'))
  t.notDeepEqual(drawn('1'), drawn('2'))
  t.is(PLAIN_HOUSE.names.data, 'din')
})
