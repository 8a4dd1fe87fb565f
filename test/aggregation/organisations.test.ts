import test from 'ava'
import fc from 'fast-check'

import { capOrganisations } from '../../src/aggregation/organisations.js'

const entries = fc.array(fc.record({ organisation: fc.constantFrom(undefined, '', 'Acme', 'Bolt', 'Core'), weight: fc.bigInt({ min: 0n, max: 2n ** 60n }) }), { maxLength: 12 })

test('no organisation outweighs all others together, and nobody else\'s weight changes', (t) => {
  fc.assert(fc.property(entries, (given) => {
    const capped = capOrganisations(given)
    const sum = (weights: readonly bigint[], of: (organisation: string | undefined) => boolean): bigint => weights.reduce((total, weight, at) => total + (of(given[at]!.organisation) ? weight : 0n), 0n)
    const groups = new Set(given.flatMap(({ organisation, weight }, at) => (weight === 0n ? [] : [organisation === undefined || organisation === '' ? at : organisation])))
    for (const name of ['Acme', 'Bolt', 'Core']) {
      const [own, others] = [sum(capped, (one) => one === name), sum(capped, (one) => one !== name)]
      if (groups.size >= 3) t.true(own <= others)
      const was = sum(given.map(({ weight }) => weight), (one) => one === name)
      const dominated = was > sum(given.map(({ weight }) => weight), (one) => one !== name)
      if (!dominated || groups.size < 3) t.is(own, was)
    }
    given.forEach(({ organisation, weight }, at) => {
      if (organisation === undefined || organisation === '') t.is(capped[at], weight)
      t.true(capped[at]! <= weight)
    })
  }))
})

test('of one organisation\'s peers each keeps its part of what is left', (t) => {
  const of = (organisation: string, ...weights: bigint[]) => weights.map((weight) => ({ organisation, weight }))
  t.deepEqual(capOrganisations([...of('Acme', 100n, 300n, 400n), ...of('Bolt', 100n), ...of('Core', 100n)]), [25n, 75n, 100n, 100n, 100n])
  t.deepEqual(capOrganisations([...of('Acme', 100n, 300n), ...of('Bolt', 100n)]), [100n, 300n, 100n])
})
