import test from 'ava'

import { Agreement, waitForStep } from '../../src/rounds/agreement/index.js'

const VOTERS = ['a', 'b', 'c', 'd']

/** Waits that end only when told to. */
function steps(agreement: Agreement) {
  const due: (() => void)[] = []
  let givenUp = 0
  waitForStep(agreement, 'propose', 0, (run) => due.push(run), () => { givenUp++ })
  return {
    /** @returns how often the step has been given up once one more wait has ended */
    next: (): number => {
      due.shift()?.()
      return givenUp
    },
  }
}

function voter(): Agreement {
  const agreement = new Agreement({ self: 'b', voters: VOTERS })
  agreement.start()
  return agreement
}

test('a term without a proposal is given up when its time is over', (t) => {
  t.is(steps(voter()).next(), 1)
})

test('who still checks a proposal waits twice more, and not for ever', (t) => {
  const agreement = voter()
  agreement.proposal({ term: 0, from: 'a', value: 'v', validTerm: -1 })
  const { next } = steps(agreement)
  t.deepEqual([next(), next(), next()], [0, 0, 1])
  t.is(next(), 1, 'nothing is waited for any more')
})

test('nothing more is waited for once the proposal has been judged', (t) => {
  const agreement = voter()
  agreement.proposal({ term: 0, from: 'a', value: 'v', validTerm: -1 })
  const { next } = steps(agreement)
  t.is(next(), 0)
  agreement.judge('v', false)
  t.is(next(), 1)
})
