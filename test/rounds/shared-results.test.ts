import test from 'ava'

import { computeRecord } from '../../src/rounds/records/compute-record.js'
import type { RecordInput } from '../../src/rounds/records/compute-record.js'
import { sharedRecord } from '../../src/rounds/records/shared-record.js'
import { SharedResults } from '../../src/rounds/shared-results.js'

import { firstRound } from './vectors.js'

test('a record that two peers compute from equal input is one, and what each would have computed', async (t) => {
  const { input } = await firstRound()
  const first = sharedRecord(input)
  t.is(sharedRecord({ ...input, missing: new Set(), bytes: new Map(input.bytes), state: { ...input.state } }), first)
  const own = computeRecord(input)
  t.not(own, first)
  t.is(own.stored.id, first.stored.id)
  t.deepEqual(own.state, first.state)
})

test('whatever a record follows from makes another one', async (t) => {
  const { input, manifests, audits, seal, place, parent } = await firstRound()
  const first = sharedRecord(input)
  const leave = seal(3, 'leave', { cluster: place.cluster, round: 1, sequence: 1 })
  const others: readonly [string, RecordInput][] = [
    ['what is missing', { ...input, missing: new Set([manifests[0]!.id]) }],
    ['audits', { ...input, audits: audits.slice(1) }],
    ['farewells', { ...input, leaves: [leave] }],
    ['the policy', { ...input, policy: { ...input.policy, learning: { ...input.policy.learning, outerRate: input.policy.learning.outerRate / 2 } } }],
    ['the next policy', { ...input, next: { ...input.next, version: input.next.version + 1 } }],
  ]
  for (const [what, other] of others) t.not(sharedRecord(other).stored.id, first.stored.id, what)
  // The same evidence about another parent is another computation altogether.
  t.not(sharedRecord({ ...input, parent: { ...parent, record: { ...parent.record } } }), first)
  t.is(sharedRecord({ ...input, base: [...input.base] }).stored.id, first.stored.id)
})

test('what could not be computed is tried again', (t) => {
  const results = new SharedResults<object, { readonly value: number }>()
  const owner = {}
  t.throws(() => results.of(owner, 'a', () => { throw new Error('not now') }), { message: 'not now' })
  const known = results.of(owner, 'a', () => ({ value: 1 }))
  t.is(results.of(owner, 'a', () => ({ value: 2 })), known)
  t.is(results.of(owner, 'b', () => ({ value: 3 })).value, 3)
  t.is(results.of({}, 'a', () => ({ value: 4 })).value, 4)
})
