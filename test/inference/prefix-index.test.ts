import test from 'ava'
import fc from 'fast-check'

import { PrefixIndex } from '../../src/inference/index.js'

const BLOCK = 4
const tokens = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 14 })

/** What a block is computed from: all tokens up to its end. */
const valueOf = (text: readonly number[]) => (block: number): string => text.slice(0, (block + 1) * BLOCK).join('')

test('a match is the longest common prefix of what was kept, and its blocks were computed from those very tokens', (t) => {
  fc.assert(fc.property(fc.array(tokens, { maxLength: 12 }), tokens, (kept, asked) => {
    const index = new PrefixIndex<string>(BLOCK, 1000)
    const root = index.root()
    for (const text of kept) index.insert(root, text, valueOf(text))
    const { length, blocks } = index.match(root, asked)
    const common = (text: readonly number[]): number => {
      const end = text.findIndex((token, i) => token !== asked[i])
      return end < 0 ? text.length : end
    }
    t.is(length, Math.max(0, ...kept.map(common)))
    t.is(blocks.reduce((sum, block) => sum + block.tokens, 0), length)
    blocks.forEach(({ value, tokens: used }, i) => {
      t.true(value.startsWith(asked.slice(0, i * BLOCK + used).join('')))
      t.true(i === blocks.length - 1 || used === BLOCK)
    })
  }))
})

test('no more is kept than there is room for, what was used last stays longest, and each block is behind those it rests on', (t) => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(1), fc.boolean(), tokens), { maxLength: 40 }), fc.nat(6), (steps, capacity) => {
    const index = new PrefixIndex<string>(BLOCK, capacity)
    const roots = [index.root(), index.root()]
    for (const [which, isInsert, text] of steps) {
      const root = roots[which]!
      if (isInsert) {
        index.insert(root, text, valueOf(text))
        // What was kept just now is there, as far as it can be.
        t.is(index.match(root, text).length, Math.min(text.length, capacity * BLOCK))
      } else {
        index.match(root, text)
      }
      t.true(index.size <= capacity)
    }
    index.drop(roots[0]!)
    t.is(index.match(roots[0]!, [0, 1, 2]).length, 0)
    index.drop(roots[1]!)
    t.is(index.size, 0)
  }))
})

test('texts that begin alike share blocks, and the beginning of a block is replaced by the whole of it', (t) => {
  const index = new PrefixIndex<string>(BLOCK, 100)
  const root = index.root()
  const taken: number[] = []
  const keep = (text: number[]): void => index.insert(root, text, (block) => { taken.push(block); return valueOf(text)(block) })
  keep([1, 1, 1, 1, 2, 2])
  keep([1, 1, 1, 1, 2, 2])
  t.deepEqual(taken, [0, 1])
  keep([1, 1, 1, 1, 2, 2, 3, 3])
  t.deepEqual(taken, [0, 1, 1])
  t.is(index.size, 2)
  keep([1, 1, 1, 1, 2])
  t.is(index.size, 2)
})
