import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { EXIT, exitCodeOf } from '../../node/cli/exit-codes.js'
import { createProgram } from '../../node/cli/program.js'
import { ControlError } from '../../node/control/errors.js'
import { NodeError } from '../../node/errors.js'
import { designFolder, folderFor, meshwright, succeed } from './house.js'

test('the help of every command explains itself and ends in an example', async (t) => {
  const leaves = createProgram().commands.flatMap((command) => command.commands.length > 0 ? command.commands.map((sub) => [command.name(), sub.name()]) : [[command.name()]])
  t.true(leaves.length >= 14)
  await Promise.all(leaves.map(async (words) => {
    const { code, stdout } = await meshwright([...words, '--help'])
    t.is(code, EXIT.ok, words.join(' '))
    t.regex(stdout, /\$ meshwright/, `${words.join(' ')} has no example`)
  }))
})

test('the help of the program names the first steps and the exit codes', async (t) => {
  const { code, stdout } = await meshwright(['--help'])
  t.is(code, EXIT.ok)
  t.regex(stdout, /First steps/)
  t.regex(stdout, /Exit codes: 0 done, 1 failed, 2 wrong command line or settings, 3 no design passed its checks, 4 no node is running/)
})

for (const [what, args] of [
  ['no such command', ['fly']],
  ['no such option', ['status', '--fly']],
  ['a number out of range', ['demo', '--peers', '1']],
  ['a number that is none', ['demo', '--rounds', 'many']],
  ['a time that is none', ['inspect', 'outgoing', '--since', 'yesterday']],
  ['a choice that there is not', ['generate', '--spec', 'x', '--draft', 'magic']],
  ['a missing argument', ['network', 'create']],
  ['two specifications', ['generate', '--spec', 'x', '--spec-file', 'y']],
  ['no specification', ['generate']],
  ['a testbench that is not there', ['generate', '--spec', 'x', '--testbench', '/nowhere/tb.v']],
] as const) {
  test(`a wrong command line ends with 2 and says what to write: ${what}`, async (t) => {
    const { code, stdout, stderr } = await meshwright(args)
    t.is(code, EXIT.usage)
    t.is(stdout, '')
    t.true(stderr.length > 10)
    t.notRegex(stderr, /at .*\.js:\d+/)
  })
}

test('without a node, commands end with 4 and one line', async (t) => {
  for (const command of [['status'], ['rounds'], ['inspect', 'outgoing'], ['stop'], ['personalise']]) {
    const { code, stderr } = await meshwright([...command, '--data', folderFor(t)])
    t.is(code, EXIT.notRunning)
    t.regex(stderr, /^error NODE_NOT_RUNNING: .*meshwright start.*\n$/)
  }
})

test('--debug adds the stack', async (t) => {
  const { stderr } = await meshwright(['--debug', 'status', '--data', folderFor(t)])
  t.regex(stderr, /error NODE_NOT_RUNNING.*\n[\s\S]*at .*\.js:\d+/)
})

test('codes of errors decide the exit code', (t) => {
  t.is(exitCodeOf(new ControlError('NODE_NOT_RUNNING', '')), 4)
  t.is(exitCodeOf(new NodeError('NOTHING_PASSED', '')), 3)
  t.is(exitCodeOf(new NodeError('SETTINGS_EXIST', '')), 2)
  t.is(exitCodeOf(new ControlError('CONFIG_INVALID', '')), 2)
  t.is(exitCodeOf(new ControlError('STORE_UNWRITABLE', '')), 1)
  t.is(exitCodeOf(new Error('anything')), 1)
})

test('init makes identity and settings, once', async (t) => {
  const folder = join(folderFor(t), 'alice')
  const made = JSON.parse(await succeed(['init', folder, '--designs', 'rtl', '--domain', 'qasm', '--json'])) as { peer: string }
  t.regex(made.peer, /^12D3KooW/)
  const again = await meshwright(['init', folder])
  t.is(again.code, EXIT.usage)
  t.regex(again.stderr, /error SETTINGS_EXIST: .*--force/)
  const forced = JSON.parse(await succeed(['init', folder, '--force', '--json'])) as { peer: string }
  t.is(forced.peer, made.peer)
})

test('a setting that is wrong is named, with what to write', async (t) => {
  const folder = folderFor(t)
  writeFileSync(join(folder, 'meshwright.json'), '{ "training": { "threads": 0 } }')
  const { code, stderr } = await meshwright(['start', '--data', folder])
  t.is(code, EXIT.usage)
  t.regex(stderr, /^error CONFIG_INVALID: [\s\S]*training\.threads is 0/)
})

test('corpus scan counts what is kept and why the rest is not', async (t) => {
  const designs = designFolder(folderFor(t), 4)
  writeFileSync(join(designs, 'broken.v'), 'module broken(input a output y); endmodule\n')
  writeFileSync(join(designs, 'notes.v'), 'just text\n')
  const { report } = JSON.parse(await succeed(['corpus', 'scan', designs, '--json'])) as { report: { kept: number, leftOut: Record<string, number> } }
  t.is(report.kept, 4)
  t.deepEqual(report.leftOut, { 'does not parse': 1, 'no design': 1 })
})

for (const [what, make, code] of [
  ['an empty folder', () => undefined, 'CORPUS_EMPTY'],
  ['a folder without a parsable design', (folder: string) => writeFileSync(join(folder, 'a.v'), 'module a(input; endmodule\n'), 'CORPUS_NOTHING_USABLE'],
] as const) {
  test(`corpus scan refuses ${what}`, async (t) => {
    const folder = join(folderFor(t), 'designs')
    mkdirSync(folder)
    make(folder)
    const ended = await meshwright(['corpus', 'scan', folder])
    t.is(ended.code, EXIT.failed)
    t.regex(ended.stderr, new RegExp(`^error ${code}: `, 'm'))
  })
}

test('corpus scan of a folder that does not exist is a wrong setting', async (t) => {
  const { code, stderr } = await meshwright(['corpus', 'scan', join(folderFor(t), 'nowhere')])
  t.is(code, EXIT.usage)
  t.regex(stderr, /error CORPUS_SOURCE_MISSING/)
})
