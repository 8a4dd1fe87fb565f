import test from 'ava'
import fc from 'fast-check'

import { CorpusError, globMatcher } from '../../src/corpus/index.js'

const matches = (pattern: string, path: string): boolean => globMatcher([pattern])(path)

for (const [pattern, means, not] of [
  ['top.v', ['top.v'], ['a/top.v', 'top.sv', 'xtop.v', 'top.v2', 'TOP.v']],
  ['*.v', ['top.v', '.v', '.hidden.v'], ['a/top.v', 'top.sv']],
  ['?.v', ['a.v', 'ö.v', '😀.v'], ['.v', 'ab.v']],
  ['**/*_tb.v', ['alu_tb.v', 'a/alu_tb.v', 'a/b/c/alu_tb.v'], ['alu_tb.sv', 'alu.v']],
  ['vendor/**', ['vendor/a.v', 'vendor/a/b.v'], ['avendor/a.v', 'a/vendor/b.v']],
  ['vendor', ['vendor', 'vendor/a.v', 'vendor/a/b.v'], ['vendor2/a.v', 'a/vendor/b.v']],
  ['./vendor//', ['vendor/a.v'], ['a.v']],
  ['**/old', ['old', 'a/old/b.v', 'a/b/old'], ['older/a.v']],
  ['a/**/b/*.v', ['a/b/x.v', 'a/c/b/x.v', 'a/c/d/b/x.v', 'a/b/b/x.v'], ['a/x.v', 'a/b/c/x.v', 'b/x.v']],
  ['**', ['a', 'a/b'], []],
  ['*/**', ['a/b', 'a/b/c'], ['a']],
  ['a**b', ['ab', 'axb'], ['a/b']],
  ['*.{v,sv}', ['a.v', 'a.sv'], ['a.vh']],
  ['{rtl,ip/{x,y}}/*.v', ['rtl/a.v', 'ip/x/a.v', 'ip/y/a.v'], ['ip/a.v', 'ip/z/a.v']],
  ['a{,_tb}.v', ['a.v', 'a_tb.v'], ['a_.v']],
  ['[a-c]?.v', ['ax.v', 'c1.v'], ['dx.v', '[a-c]x.v']],
  ['[!a-c].v', ['d.v', '-.v'], ['a.v', '.v']],
  ['[^_]*', ['a', 'a_'], ['_a']],
  ['[]x-].v', ['].v', 'x.v', '-.v'], ['a.v']],
  ['[{,}].v', ['{.v', ',.v', '}.v'], ['a.v']],
  ['a,b.v', ['a,b.v'], ['a', 'b.v']],
  ['\\*.v', ['*.v'], ['a.v']],
  ['\\!a\\{b\\}', ['!a{b}'], ['a']],
] as const) {
  test(`${pattern} means what it says`, (t) => {
    for (const path of means) t.true(matches(pattern, path), path)
    for (const path of not) t.false(matches(pattern, path), path)
  })
}

test('a file is meant as soon as one of several patterns means it, and none means nothing', (t) => {
  const isMeant = globMatcher(['a.v', 'b/**'])
  t.deepEqual(['a.v', 'b/x.v', 'c.v'].map(isMeant), [true, true, false])
  t.false(globMatcher([])('a.v'))
})

for (const [pattern, why] of [
  ['a/[b.v', 'not closed'], ['a/{b,c', 'not closed'], ['a}.v', 'closes nothing'], ['{a}.v', 'commas'], ['{1..3}.v', 'commas'], ['[z-a]', 'swap'], ['[a/b]', '/ is none'],
  ['[[:digit:]]', '\\[0-9\\]'], ['/home/x', 'relative'], ['{a,/b}', 'relative'], ['../x', 'leads out'], ['a/../x', 'leads out'], ['!a', 'take nothing back'], ['a\\', 'no character'], ['.', 'no file'],
  ['{a,b}'.repeat(10), 'more than 1000'], ['{a,b}'.repeat(190), 'more than 1000'],
] as const) {
  test(`${pattern.slice(0, 60)} is refused, and the message says why`, (t) => {
    const error = t.throws(() => globMatcher([pattern]), { instanceOf: CorpusError })
    t.is(error.code, 'CORPUS_PATTERN_INVALID')
    t.regex(error.message, new RegExp(why))
  })
}

/** Names over few characters, so that patterns meet them. */
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.'), minLength: 1, maxLength: 5 }).filter((text) => text !== '.' && text !== '..')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
const anyText = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '/', '[', ']', '!', '-', '{', ',', '}', '\\', '.', 'ö'), maxLength: 12 })

test('any path, escaped, means itself and what is in it', (t) => {
  const odd = fc.array(fc.string({ unit: fc.constantFrom('a', '*', '?', '[', ']', '!', '{', ',', '}', '\\', '-', '😀'), minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
  fc.assert(fc.property(odd, odd, (one, other) => {
    const isMeant = globMatcher([one.replace(/[*?[\]!{},\\]/g, '\\$&')])
    t.true(isMeant(one))
    t.true(isMeant(`${one}/x`))
    t.is(isMeant(other), other === one || other.startsWith(`${one}/`))
  }), { numRuns: 500 })
})

test('stars, question marks and classes mean what a regular expression means by them', (t) => {
  const part = fc.array(fc.constantFrom('a', 'b', '.', '*', '?', '[ab]', '[!ab]', '[b-c]'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
    .filter((text) => text !== '.' && text !== '..' && !text.includes('**'))
  const pattern = fc.array(fc.oneof({ weight: 3, arbitrary: part }, { weight: 1, arbitrary: fc.constant('**') }), { minLength: 1, maxLength: 4 })
  fc.assert(fc.property(pattern, path, (parts, file) => {
    const names = parts.map((text, at) => text === '**' ? `(?:[^/]+/)${at === parts.length - 1 ? '+' : '*'}` : `${text.replaceAll('.', '\\.').replaceAll('[!ab]', '[^ab/]').replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}/`)
    t.is(matches(parts.join('/'), file), new RegExp(`^${names.join('')}(?:[^/]+/)*$`).test(`${file}/`), parts.join('/'))
  }), { numRuns: 2000 })
})

test('braces mean either of their alternatives', (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '/'), minLength: 1, maxLength: 4 })
  fc.assert(fc.property(text, text, text, path, (before, one, other, file) => {
    const together = `x${before}{${one},${other}}`
    t.is(matches(together, `x${file}`), globMatcher([`x${before}${one}`, `x${before}${other}`])(`x${file}`), together)
  }), { numRuns: 1000 })
})

test('any text is a pattern or is refused with its code', (t) => {
  fc.assert(fc.property(anyText, path, (pattern, file) => {
    try {
      t.is(typeof matches(pattern, file), 'boolean')
    } catch (error) {
      t.true(error instanceof CorpusError && error.code === 'CORPUS_PATTERN_INVALID', pattern)
    }
  }), { numRuns: 3000 })
})

test('many stars against a long name are no matter of luck', (t) => {
  t.false(matches(`${'*a'.repeat(200)}b`, 'a'.repeat(4000)))
  t.false(matches(`${'**/a/'.repeat(100)}b`, 'a/'.repeat(1000) + 'c'))
})
