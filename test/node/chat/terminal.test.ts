/** `meshwright chat`, as a person or a script runs it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { ADDER } from '../api/serving.js'
import { folderFor, meshwright, startMeshwright, tinyModel } from '../house.js'

test('lines that are piped in are turns, answers go out, and all else beside them', async (t) => {
  const folder = folderFor(t)
  const file = join(folder, 'add8.v')
  const { code, stdout, stderr } = await meshwright(['chat', '--data', join(folder, 'data')], { input: `${ADDER.replace(' named', ' \\\nnamed')}\n\n/verify\n/save ${file}\n/exit\nnever asked\n` })
  t.is(code, 0, stderr)
  t.true(stdout.startsWith('module add8') && stdout.endsWith('endmodule\n'))
  t.false(stdout.includes('\x1b'))
  t.regex(stderr, /^model base, draft personal: .*\npass: .*\nsize \d+, depth \d+\nthe last design is in .*\n$/)
  t.is(readFileSync(file, 'utf8'), stdout)
})

test('what goes wrong with one turn is told, the next is taken, and the exit code is that of the first', async (t) => {
  const data = join(folderFor(t), 'data')
  const { code, stdout, stderr } = await meshwright(['chat', '--data', data, '--max-tokens', '8'], { input: `/model none\n${'x '.repeat(3000)}\n${ADDER}` })
  t.is(code, 2)
  t.regex(stderr, /^error USAGE_INVALID: there is no model "none": use base\nerror INFERENCE_PROMPT_TOO_LONG: .*\nmodel base, .*\nit was cut after 8 tokens: raise --max-tokens/)
  t.true(stdout.startsWith('module add8'))
  t.is((await meshwright(['chat', '--data', data], { input: '' })).code, 0)
  const absent = await meshwright(['chat', '--data', data, '--adapter', 'personal'], { input: `${ADDER}\n` })
  t.is(absent.code, 2)
  t.regex(absent.stderr, /^error USAGE_INVALID: there is no model "personal": use base\n$/)
})

test('Ctrl-C ends an answer, and the conversation goes on; where there is none, it ends the program', async (t) => {
  // At this temperature a text hardly ever ends by itself.
  const running = startMeshwright(t, ['chat', '--data', join(folderFor(t), 'data'), '--temperature', '8', '--draft', 'none', '--max-tokens', '900'])
  const type = (line: string): void => void running.process.stdin!.write(`${line}\n`)
  let shown = ''
  running.process.stdout!.on('data', (text: string) => { shown += text })
  type(ADDER)
  while (shown === '') await new Promise((resolve) => { setTimeout(resolve, 5) })
  running.process.kill('SIGINT')
  await running.says('stopped')
  type('/model')
  await running.says('* base')
  running.process.kill('SIGINT')
  t.is(await running.ended, 130)
})

test('a base without a chat template is given the texts as they are, and the chat says so', async (t) => {
  const folder = folderFor(t)
  const model = tinyModel(folder)
  const file = join(model, 'tokenizer_config.json')
  const { chat_template: template, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  t.true(template !== undefined || existsSync(join(model, 'chat_template.jinja')))
  writeFileSync(file, JSON.stringify(rest))
  rmSync(join(model, 'chat_template.jinja'), { force: true })
  writeFileSync(join(folder, 'meshwright.json'), JSON.stringify({ modelFolder: model }))
  const { code, stderr } = await meshwright(['chat', '--data', folder, '--max-tokens', '4'], { input: 'module a\nmodule b\n' })
  t.is(code, 0, stderr)
  t.regex(stderr, /^This base has no chat template: it is given the texts of all turns, one after another/)
  t.is(stderr.match(/^model base/gm)!.length, 2)
})
