import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { findPackageRoot } from '../../src/config/index.js'
import { end, type } from './terminal.js'
import type { Terminal } from './terminal.js'

/** The commands of one terminal, as the guide has them. */
function commandsOf(terminal: number): string[] {
  const guide = readFileSync(join(findPackageRoot(), 'docs', 'guides', 'getting-started.md'), 'utf8')
  const block = new RegExp(`^\`\`\`sh terminal-${terminal}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(guide)
  return block === null ? [] : block[1]!.trim().split('\n')
}

test('the guide\'s three terminals work as they stand there', async (t) => {
  t.timeout(600_000)
  const folder = mkdtempSync(join(tmpdir(), 'mw-'))
  symlinkSync(join(findPackageRoot(), 'dist'), join(folder, 'dist'))
  const open: Terminal[] = []
  t.teardown(async () => {
    for (const terminal of open) end(terminal)
    await Promise.all(open.map(({ ended }) => ended))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const [bootstrap, ...preparations] = commandsOf(1).reverse()
  for (const command of preparations.reverse()) {
    const { code, output } = await type(folder, command).ended
    t.is(code, 0, `${command}\n${output}`)
  }
  t.true(existsSync(join(folder, 'house.config.json')))
  const start = (command: string): Terminal => {
    const terminal = type(folder, command)
    open.push(terminal)
    return terminal
  }
  const seed = start(bootstrap!)
  await seed.says('Others reach it at')
  const alice = start(commandsOf(2)[0]!)
  const bob = start(commandsOf(3)[0]!)
  await Promise.all([alice.says('round finished round=2'), bob.says('round finished round=2')])

  const answers = new Map<string, string>()
  for (const command of commandsOf(4)) {
    const { code, output } = await type(folder, command).ended
    t.is(code, 0, `${command}\n${output}`)
    answers.set(command.split(' ')[1]!, output)
  }
  t.regex(answers.get('status')!, /Cluster verilog\.0[\s\S]*head/)
  t.regex(answers.get('rounds')!, /counted/)
  t.regex(answers.get('inspect')!, /manifest/)
  t.regex(answers.get('generate')!, /module [\s\S]*endmodule/)
  t.regex(answers.get('generate')!, /tokens\/s/)
  const codes = await Promise.all([alice.ended, bob.ended])
  t.deepEqual(codes.map(({ code }) => code), [0, 0])
})
