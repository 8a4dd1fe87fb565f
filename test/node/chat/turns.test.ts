/** A conversation without a model: lines become turns, turns become a prompt. */
import test from 'ava'
import fc from 'fast-check'

import { commandIn, COMMANDS, helpLines } from '../../../node/chat/commands.js'
import { TurnReader } from '../../../node/chat/turns.js'
import { fitTurns } from '../../../node/serving/fit-turns.js'

test('a line is a turn, and one that ends in a backslash goes on in the next', (t) => {
  const reader = new TurnReader()
  t.is(reader.push('one'), 'one')
  t.is(reader.push(''), undefined)
  t.is(reader.push('  \t '), undefined)
  t.is(reader.push('a\\'), undefined)
  t.true(reader.isOpen)
  t.is(reader.push('  b \\'), undefined)
  t.is(reader.push('c'), 'a\n  b \nc')
  t.false(reader.isOpen)
  t.is(reader.push('left open\\'), undefined)
  t.is(reader.end(), 'left open')
  t.is(reader.end(), undefined)
})

test('no text of any lines is lost', (t) => {
  const line = fc.string({ unit: fc.constantFrom('a', ' ', '\\', '/', 'ü') })
  fc.assert(fc.property(fc.array(line), (lines) => {
    const reader = new TurnReader()
    const turns = [...lines.map((one) => reader.push(one)), reader.end()].filter((turn) => turn !== undefined)
    const letters = (texts: readonly string[]): string => texts.join('').replace(/[\s\\]/g, '')
    t.is(letters(turns), letters(lines))
  }))
})

test('a turn is a command where it begins with a slash and a word', (t) => {
  t.deepEqual(commandIn('/model  base '), { name: 'model', argument: 'base' })
  t.deepEqual(commandIn('/save my design.v'), { name: 'save', argument: 'my design.v' })
  t.deepEqual(commandIn('/fly'), { name: 'fly', argument: '' })
  for (const text of ['// a comment', '/', '/ model', 'use /model', '/home/alice/a.v is wrong', '/verify\nthis']) t.is(commandIn(text), undefined, text)
  for (const name of Object.keys(COMMANDS)) t.true(helpLines().some((line) => line.trim().startsWith(`/${name}`)))
})

test('the oldest turns are left out, no more than must be, and never the last question', (t) => {
  const conversation = fc.array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 12 }).map((texts) => {
    // An answer that was lost leaves two questions in a row.
    const turns = texts.map((content, at) => ({ role: content.length % 7 === 6 || at % 2 === 0 ? 'user' : 'assistant', content }))
    return [...turns.slice(0, -1), { ...turns.at(-1)!, role: 'user' }]
  })
  const encode = (turns: readonly { readonly content: string }[]): number[] => Array.from(turns.map(({ content }) => content).join(''), () => 1)
  fc.assert(fc.property(conversation, fc.integer({ min: 2, max: 120 }), fc.integer({ min: 1, max: 120 }), (turns, context, maximumTokens) => {
    const { prompt, dropped } = fitTurns(turns, { context, maximumTokens, encode })
    const room = Math.min(maximumTokens, Math.floor(context / 2))
    t.is(prompt.length, encode(turns.slice(dropped)).length)
    t.is(turns[dropped]!.role, 'user')
    t.true(prompt.length + room <= context || dropped === turns.length - 1)
    const before = turns.findLastIndex(({ role }, at) => at < dropped && role === 'user')
    t.true(before < 0 || encode(turns.slice(before)).length + room > context, 'what would have fitted is kept')
  }))
})
