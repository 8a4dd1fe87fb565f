import test from 'ava'
import fc from 'fast-check'

import { isDissolved, isDormant, isGivenUp, quietRounds } from '../../src/hierarchy/index.js'

/** What a seat did in each round of its level, oldest first. */
const days = fc.array(fc.record({ reported: fc.boolean(), signed: fc.boolean() }), { minLength: 1, maxLength: 100 })

test('a seat is silent since the last round in which it reported or signed what the record carries', (t) => {
  fc.assert(fc.property(days, (history) => {
    const round = history.length
    const seen = history.findLastIndex(({ reported }) => reported) + 1
    // Before the first round all count as present.
    const presence = history.reduce((bits, { signed }) => (bits << 1 | (signed ? 1 : 0)) & 0xffff, 0xffff)
    const lastSigned = history.findLastIndex(({ signed }) => signed) + 1
    const signedLately = round - lastSigned < 16
    const quiet = Math.min(round - seen, signedLately ? round - lastSigned : Infinity)
    t.is(quietRounds({ seen, presence }, round), quiet)
    t.is(isDormant({ seen, presence }, round), quiet >= 2)
    t.is(isGivenUp({ seen, presence }, round), quiet >= 5)
    t.is(isDissolved({ seen, presence }, round), round - seen >= 64 && !signedLately)
  }))
})
