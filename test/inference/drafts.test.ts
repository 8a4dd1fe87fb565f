import test from 'ava'
import fc from 'fast-check'

import { combinedDraft, corpusDraft, lookupDraft } from '../../src/inference/index.js'
import { suffixArray } from '../../src/inference/drafts/suffix-array.js'

const text = fc.array(fc.nat(3), { maxLength: 60 })

test('a suffix array holds every suffix once, in order', (t) => {
  fc.assert(fc.property(text, (tokens) => {
    const { order } = suffixArray(Int32Array.from(tokens))
    t.deepEqual([...order].sort((x, y) => x - y), tokens.map((_, i) => i))
    for (let i = 1; i < order.length; i++) {
      const [x, y] = [tokens.slice(order[i - 1]), tokens.slice(order[i])]
      const at = x.findIndex((token, j) => token !== y[j])
      t.true(at < 0 || (y[at] !== undefined && x[at]! < y[at]))
    }
  }))
})

test('the corpus draft goes on as the corpus did', (t) => {
  const draft = corpusDraft([[1, 2, 3, 4, 5], [7, 8, 9]])
  t.deepEqual(draft.propose([0, 2, 3], 8).tokens, [4, 5])
  t.deepEqual(draft.propose([7, 8], 8).tokens, [9])
  t.deepEqual(draft.propose([6, 6], 8).tokens, [])
})

test('of several continuations the corpus draft takes the most frequent, and says how sure it is', (t) => {
  const { tokens, confidence } = corpusDraft([[1, 2, 3], [1, 2, 3], [1, 2, 4]]).propose([1, 2], 1)
  t.deepEqual(tokens, [3])
  t.is(confidence[0], 2 / 4)
})

test('what the corpus draft proposes stood behind the longest match somewhere in one document', (t) => {
  fc.assert(fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), text, (documents, history) => {
    const { tokens, matched } = corpusDraft(documents).propose(history, 5)
    if (matched === 0) {
      t.deepEqual(tokens, [])
      return
    }
    const whole = [...history.slice(-matched), ...tokens]
    t.true(documents.some((document) => document.some((_, at) => whole.every((token, i) => document[at + i] === token))))
  }))
})

test('lookup repeats what followed the longest match in the text itself', (t) => {
  t.deepEqual(lookupDraft.propose([1, 2, 3, 9, 1, 2], 2).tokens, [3, 9])
  t.deepEqual(lookupDraft.propose([1, 2, 3], 4).tokens, [])
})

test('of several drafts the one that expects the longest agreement is taken', (t) => {
  const draft = combinedDraft([corpusDraft([[5, 6, 7, 8], [5, 6, 7, 8], [5, 6, 7, 8]]), lookupDraft])
  t.deepEqual(draft.propose([5, 6, 1, 5, 6], 2).tokens, [7, 8])
  t.deepEqual(draft.propose([1, 2, 3, 1, 2], 1).tokens, [3])
})
