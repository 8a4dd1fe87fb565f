import test from 'ava'
import fc from 'fast-check'

import { combinedDraft } from '../../src/inference/drafts/combined-draft.js'
import { indexedDraft } from '../../src/inference/drafts/corpus-draft.js'
import { indexCorpus } from '../../src/inference/drafts/corpus-index.js'
import type { Draft } from '../../src/inference/drafts/draft.js'
import { lookupDraft } from '../../src/inference/drafts/lookup-draft.js'
import { suffixArray } from '../../src/inference/drafts/suffix-array.js'

const text = fc.array(fc.nat(3), { maxLength: 60 })

/** A corpus that has just been indexed. */
function corpusDraft(documents: readonly (readonly number[])[]): Draft {
  return indexedDraft(indexCorpus(documents, []).segments)
}

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

test('a suffix array that is sorted to a depth orders suffixes by so many tokens', (t) => {
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 8 }), (tokens, depth) => {
    const { order } = suffixArray(Int32Array.from(tokens), depth)
    t.deepEqual([...order].sort((x, y) => x - y), tokens.map((_, i) => i))
    for (let i = 1; i < order.length; i++) {
      const [x, y] = [tokens.slice(order[i - 1], order[i - 1]! + depth), tokens.slice(order[i], order[i]! + depth)]
      const at = x.findIndex((token, j) => token !== y[j])
      t.true(at < 0 || (y[at] !== undefined && x[at]! < y[at]))
    }
  }))
})

test('an index that has followed a corpus through changes proposes what a new one would', (t) => {
  const document = fc.array(fc.nat(2), { minLength: 1, maxLength: 12 })
  const changes = fc.array(fc.record({ gone: fc.array(fc.nat(20), { maxLength: 3 }), come: fc.array(document, { maxLength: 4 }) }), { maxLength: 8 })
  fc.assert(fc.property(changes, fc.array(text, { minLength: 1, maxLength: 4 }), (all, histories) => {
    let documents: number[][] = []
    let { segments } = indexCorpus([], [])
    for (const { gone, come } of all) {
      documents = [...documents.filter((_, at) => !gone.includes(at)), ...come]
      const index = indexCorpus(documents, segments)
      t.true(index.segments.length <= 4)
      const again = indexCorpus(documents.toReversed(), index.segments)
      t.false(again.isChanged)
      t.deepEqual(again.segments, index.segments)
      segments = index.segments
    }
    const [followed, fresh] = [indexedDraft(segments), corpusDraft(documents)]
    for (const history of [...histories, ...documents]) t.deepEqual(followed.propose(history, 5), fresh.propose(history, 5))
  }), { numRuns: 300 })
})

test('of a corpus that has grown, what was there is not sorted again', (t) => {
  const first = indexCorpus([[1, 2, 3], [4, 5]], [])
  t.true(first.isChanged)
  const second = indexCorpus([[1, 2, 3], [6, 7, 8], [4, 5]], first.segments)
  t.true(second.isChanged)
  t.is(second.segments[0], first.segments[0])
  t.deepEqual(second.segments.map(({ documents }) => documents.length), [2, 1])
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
