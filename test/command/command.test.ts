import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import test from 'ava'
import fc from 'fast-check'

import { readWords, usage, UsageError } from '../../scripts/command/command.js'
import type { Command } from '../../scripts/command/command.js'
import { flag, oneOf, parsed, share, someOf, text, texts, whole } from '../../scripts/command/kinds.js'

const options = {
  peers: whole('peers of the network', 6, 2),
  loss: share('messages that are lost', 0.5),
  link: oneOf(['near', 'far'], 'how far they are', 'near'),
  parts: someOf(['one', 'two', 'three'], 'what is done'),
  shard: parsed('part', 'which of them', '1', 'a digit', (word) => (/^\d$/.test(word) ? Number(word) : undefined)),
  tree: text('file', 'a picture'),
  from: texts('file', 'what is read'),
  json: flag('for machines'),
}
const command: Command<typeof options> = { call: 'npm run it --', about: 'Does it.', options, examples: ['--peers 8'] }

const read = (...words: string[]) => readWords(command, words)

test('what is not written has its default, and what is written is read', (t) => {
  t.deepEqual(read(), { peers: 6, loss: 0.5, link: 'near', parts: ['one', 'two', 'three'], shard: 1, tree: undefined, from: [], json: false })
  t.deepEqual(
    read('--peers', '8', '--loss=0', '--link', 'far', '--parts', 'two,one', '--parts', 'three', '--shard', '7', '--tree=-tree.svg', '--from', 'a', '--from', 'b', '--json'),
    { peers: 8, loss: 0, link: 'far', parts: ['two', 'one', 'three'], shard: 7, tree: '-tree.svg', from: ['a', 'b'], json: true },
  )
})

test('what is wrong is told in a line that says what may be written', (t) => {
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [['--peer', '8'], /^--peer: there is no such option, write --peers, --loss, .*--json; npm run it -- --help says more$/],
    [['-p', '8'], /^-p: there is no such option/],
    [['--no-json'], /^--no-json: there is no such option/],
    [['eight'], /^eight: write --peers, /],
    [['--peers', '1'], /^--peers 1: write a whole number from 2 up$/],
    [['--peers', ''], /write a whole number/],
    [['--peers'], /^--peers: write a whole number from 2 up$/],
    [['--peers', '--json'], /^--peers: write a whole number/],
    [['--peers', '8', '--peers', '9'], /^--peers: write it once$/],
    [['--loss', '1.5'], /^--loss 1.5: write a share from 0 to 1$/],
    [['--link', 'by sea'], /^--link by sea: write near or far$/],
    [['--parts', 'one,four'], /^--parts one,four: write some of one, two, three/],
    [['--shard', 'all'], /^--shard all: write a digit$/],
    [['--tree='], /^--tree .*: write a file$/],
    [['--json=yes'], /^--json: write nothing after it$/],
  ]
  for (const [words, message] of refusals) t.throws(() => read(...words), { instanceOf: UsageError, message }, words.join(' '))
})

test('whatever is written is read or refused', (t) => {
  const word = fc.oneof(fc.string(), fc.constantFrom(...Object.keys(options).flatMap((name) => [`--${name}`, `--${name}=`, `-${name}`])), fc.constantFrom('--', '-', '8', '--__proto__', '--constructor'))
  fc.assert(fc.property(fc.array(word, { maxLength: 6 }), (words) => {
    try {
      t.true(read(...words).peers >= 2)
    } catch (error) {
      t.true(error instanceof UsageError, String(error))
    }
  }))
})

test('the usage has a line for every option, with its default', (t) => {
  const lines = usage(command).split('\n')
  t.is(lines[0], 'Does it.')
  t.true(lines.includes('Usage: npm run it -- [options]'))
  for (const [name, { help }] of Object.entries(options)) t.is(lines.filter((line) => line.trimStart().startsWith(`--${name} `) && line.includes(help)).length, 1, name)
  t.true(lines.some((line) => /--peers <number> .*\(default 6\)/.test(line)))
  t.true(lines.some((line) => line.includes('npm run it -- --peers 8')))
})

const scripts = ['sim', 'fuzz', 'explore', ...['chaos', 'decode', 'demo', 'learning', 'network', 'server', 'sim', 'train', 'trueput'].map((name) => `bench/${name}`)]

for (const script of scripts) {
  test(`${script} says how it is used, and what is wrong in a line`, (t) => {
    t.timeout(120_000)
    const run = (...words: string[]) => spawnSync(process.execPath, [fileURLToPath(new URL(`../../scripts/${script}.js`, import.meta.url)), ...words], { encoding: 'utf8' })
    const help = run('--help')
    t.is(help.status, 0, help.stderr)
    t.regex(help.stdout, /\n {2}--json +\S/)
    t.is(help.stderr, '')
    const wrong = run('--sideways')
    t.is(wrong.status, 2, wrong.stderr)
    t.is(wrong.stdout, '')
    t.regex(wrong.stderr, /^--sideways: there is no such option, write --[^\n]*\n$/)
  })
}
