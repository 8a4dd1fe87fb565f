import test from 'ava'
import fc from 'fast-check'

import { RecentTexts } from '../../src/inference/drafts/recent-texts.js'

const text = (longest: number) => fc.array(fc.nat(3), { maxLength: longest })

/** Length of the longest end of `history`, up to 16 tokens, that something follows in one of the texts, by looking everywhere. */
function longestBySearch(texts: readonly (readonly number[])[], history: readonly number[]): number {
  for (let length = Math.min(16, history.length); length >= 2; length--) {
    const end = history.slice(-length)
    if (texts.some((one) => one.some((_, at) => at + length < one.length && end.every((token, i) => one[at + i] === token)))) return length
  }
  return 0
}

test('what is found in recent texts is what a plain search of them finds', (t) => {
  fc.assert(fc.property(fc.array(text(40), { maxLength: 12 }), fc.array(text(40), { minLength: 1, maxLength: 4 }), (texts, histories) => {
    const [parts, partTokens] = [3, 64]
    const recent = new RecentTexts({ name: 'recent', parts, partTokens })
    let kept: number[][][] = []
    for (const one of texts) {
      recent.add(one)
      const room = partTokens - (kept[0] ?? []).reduce((sum, { length }) => sum + length + 1, 0)
      if (kept[0] === undefined || room < one.length + 1) kept = [[], ...kept].slice(0, parts)
      kept[0]!.push(one)
    }
    for (const history of [...histories, ...texts.map((one) => one.slice(0, -1))]) {
      const { tokens, matched } = recent.propose(history, 6)
      t.is(matched, longestBySearch(kept.flat(), history))
      if (matched === 0) t.deepEqual(tokens, [])
      else {
        const whole = [...history.slice(-matched), ...tokens]
        t.true(tokens.length > 0 && kept.flat().some((one) => one.some((_, at) => whole.every((token, i) => one[at + i] === token))))
      }
    }
  }), { numRuns: 300 })
})

test('of equal matches the newest goes on, and of a long text the end is kept', (t) => {
  const recent = new RecentTexts({ name: 'recent', parts: 2, partTokens: 16 })
  recent.add([1, 2, 3, 4])
  recent.add([1, 2, 5, 6])
  t.deepEqual(recent.propose([9, 1, 2], 8).tokens, [5, 6])
  t.deepEqual(recent.propose([1, 2, 3], 8), { by: 'recent', tokens: [4], confidence: [3 / 4], matched: 3 })
  recent.add(Array.from({ length: 40 }, (_, i) => 100 + i))
  t.deepEqual(recent.propose([137, 138], 8).tokens, [139])
  t.deepEqual(recent.propose([101, 102], 8).tokens, [])
})
