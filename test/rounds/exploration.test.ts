import test from 'ava'

import { Coverage } from '../../scripts/explore/coverage.js'
import { explore } from '../../scripts/explore/explore.js'
import { continued, RESTARTS } from '../../scripts/explore/fair-continuation.js'
import { settingOf } from '../../scripts/explore/setting.js'
import { wander } from '../../scripts/explore/wander.js'

test('whatever is lost, late, repeated or lied by one of four voters, no two values can be decided in three terms', (t) => {
  const { states, contradiction, isComplete } = explore(settingOf({ terms: 3 }))
  t.is(contradiction, undefined)
  t.true(isComplete)
  t.is(states, 45_484)
})

test('nor can they with three honest voters, who may all start again at any time', (t) => {
  const { contradiction, isComplete } = explore(settingOf({ voters: 3, hostile: 0, terms: 3 }))
  t.is(contradiction, undefined)
  t.true(isComplete)
})

test('the exploration finds two decisions where two of four voters are hostile', (t) => {
  const { contradiction } = explore(settingOf({ terms: 1, hostile: 2 }))
  t.true(contradiction !== undefined && contradiction.length > 1)
  // The last state is the one that proves it: each honest voter has precommitted to what the other has not.
  t.deepEqual(contradiction!.at(-1)!.flatMap(({ votes }) => votes.filter(({ step }) => step === 'precommit').map(({ value }) => value)).sort(), ['a', 'b'])
})

test('the exploration finds two decisions where voters forget their locks', (t) => {
  const { contradiction } = explore(settingOf({ terms: 2, forgetsLock: true }))
  t.true(contradiction !== undefined)
})

test('what happens in random runs without any reduction happens in an explored state, too', (t) => {
  const setting = settingOf({ terms: 2 })
  const coverage = new Coverage(setting)
  explore(setting, { onState: (state) => { coverage.add(state) } })
  const seen = { states: 0, locked: 0, decided: 0 }
  for (let seed = 0; seed < 500; seed++) {
    const { states, decided } = wander(setting, seed, 400)
    t.true(decided.size < 2, `seed ${seed}`)
    for (const state of states) if (!coverage.has(state)) t.fail(`seed ${seed}: ${JSON.stringify(state)}`)
    seen.states += states.length
    seen.locked += states.filter((state) => state.some(({ lockedTerm }) => lockedTerm === 1)).length
    seen.decided += decided.size
  }
  t.true(seen.states > 50_000 && seen.locked > 1000 && seen.decided > 0, JSON.stringify(seen))
})

test('from whatever state, once messages arrive, the three honest of four voters decide one value, also after restarts', (t) => {
  const setting = settingOf({ terms: 2, isExact: true })
  let tried = 0
  const { contradiction, isComplete } = explore(setting, {
    every: 40,
    onState(state, way) {
      tried++
      for (const restarts of RESTARTS) {
        const { after, values } = continued(setting, way(), restarts)
        if (after === undefined || values.size !== 1) t.fail(`restarts ${restarts}: ${JSON.stringify({ state, after, values: [...values] })}`)
      }
    },
  })
  t.is(contradiction, undefined)
  t.true(isComplete)
  t.true(tried > 400)
})

test('where voters that restart forget what they have heard, some states have no way on: a lock can no longer be proved', (t) => {
  const setting = settingOf({ terms: 1, isExact: true })
  let stuck = 0
  explore(setting, { onState: (_, way) => { if (continued(setting, way(), 'all at the end', false).after === undefined) stuck++ } })
  t.true(stuck > 0)
})
