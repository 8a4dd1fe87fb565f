import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { findPackageRoot } from '../../src/config/index.js'

/** The commands of one terminal, as the guide has them. */
function commandsOf(terminal: number): string[] {
  const guide = readFileSync(join(findPackageRoot(), 'docs', 'guides', 'getting-started.md'), 'utf8')
  const block = new RegExp(`^\`\`\`sh terminal-${terminal}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(guide)
  return block === null ? [] : block[1]!.trim().split('\n')
}

interface Terminal {
  readonly process: ChildProcess
  readonly ended: Promise<{ readonly code: number | null, readonly output: string }>
  says(text: string): Promise<void>
}

/** Types a command into a shell that knows `meshwright` by the guide's alias. */
function type(folder: string, command: string): Terminal {
  const shell = `meshwright() { node "${findPackageRoot()}/dist/program/meshwright.js" "$@"; }\n${command}`
  // A process group of its own, so that the test can end the shell with what runs in it.
  const started = spawn('bash', ['-c', shell], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  const waiting = new Set<() => void>()
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      output += chunk
      for (const look of waiting) look()
    })
  }
  const ended = new Promise<{ code: number | null, output: string }>((resolve) => { started.on('close', (code) => resolve({ code, output })) })
  return {
    process: started,
    ended,
    says: (text) => new Promise((resolve, reject) => {
      const look = (): void => {
        if (!output.includes(text)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      void ended.then(({ code }) => reject(new Error(`"${command}" ended with ${String(code)} before it said "${text}":\n${output}`)))
    }),
  }
}

function end({ process: { pid } }: Terminal): void {
  try {
    process.kill(-pid!, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
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
