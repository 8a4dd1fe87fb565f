/** What a client may send to do harm, to the embedded base over HTTP: each gets an error or a verdict, and the others are served. */
import { existsSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'

import test from 'ava'
import type { ExecutionContext } from 'ava'

import { GenerationEngine } from '../../../node/serving/generation-engine.js'
import { skipped, withoutSandbox } from '../../quality/testbench-designs.js'
import { folderFor } from '../house.js'
import { SUM, SUM_TESTBENCH, embeddedService, serving, until } from './serving.js'
import type { Asked } from './serving.js'

const CHAT = '/v1/chat/completions'
const messages = [{ role: 'user', content: SUM }]
const { service, close } = await embeddedService({ checker: { timeoutMs: 2000 } })
const engine = new GenerationEngine({ service })
const missing = await withoutSandbox()
test.after.always(() => close())

const verdictOf = ({ status, text }: Asked): { readonly outcome: string, readonly reason: string } => {
  if (status !== 200) throw new Error(text)
  return (JSON.parse(text) as { meshwright: { verdict: { outcome: string, reason: string } } }).meshwright.verdict
}
const doing = (acts: string): string => SUM_TESTBENCH.replace('for (i', `${acts}\n    for (i`)
const sandboxed = (title: string, run: (t: ExecutionContext) => Promise<void>): void => {
  test.serial(title, async (t) => { if (!skipped(t, missing)) await run(t) })
}

sandboxed('a testbench that hangs ends with a verdict, and others are answered meanwhile', async (t) => {
  const { ask } = await serving(t, { engine })
  let isHanging = true
  const hanging = ask(CHAT, { messages, meshwright: { testbench: doing('forever x = x;'), samples: 1 } }).finally(() => { isHanging = false })
  for (let i = 0; i < 3; i++) t.is((await ask(CHAT, { messages, max_tokens: 5 })).status, 200)
  t.true(isHanging)
  const { outcome, reason } = verdictOf(await hanging)
  t.is(outcome, 'fail')
  t.regex(reason, /did not end within 2000 ms/)
})

sandboxed('a testbench sees no file of the host, writes none and starts nothing', async (t) => {
  const { ask } = await serving(t, { engine })
  const folder = folderFor(t)
  const [secret, written] = [join(folder, 'secret'), join(folder, 'written')]
  writeFileSync(secret, 'the secret')
  const reads = `i = $fopen("${secret}", "r"); if (i != 0) $fatal(1, "it is open");`
  t.is(verdictOf(await ask(CHAT, { messages, meshwright: { testbench: doing(reads), samples: 1 } })).outcome, 'pass')
  for (const acts of [`i = $fopen("${written}", "w"); $fdisplay(i, "x"); $fclose(i);`, `$system("touch ${written}");`]) {
    await ask(CHAT, { messages, meshwright: { testbench: doing(acts), samples: 1 } })
    t.false(existsSync(written), acts)
  }
  const { status, error } = await ask(CHAT, { messages, meshwright: { testbench: `\`include "${secret}"\n${SUM_TESTBENCH}` } })
  t.deepEqual([status, error.param, error.code], [400, 'meshwright.testbench', 'invalid_value'])
  t.false(error.message.includes('the secret'))
})

test.serial('a reference that cannot decide leaves the verdict open and says why, without a word of the host\'s files', async (t) => {
  const { ask } = await serving(t, { engine })
  const secret = join(folderFor(t), 'secret')
  writeFileSync(secret, 'the_secret\n')
  const reading = `module add14_top(input [13:0] x, in1, output [13:0] result);\n  reg [13:0] m [0:9]; initial $readmemh("${secret}", m); assign result = x + in1;\nendmodule`
  for (const [reference, why] of [
    ['just words', /the reference does not elaborate: line 1: syntax error/], ['module add14_top(input; endmodule', /the reference does not elaborate/],
    [`\`include "${secret}"\nmodule add14_top; endmodule`, /Can't open include file/], [reading, /Can not open file/],
  ] as const) {
    const { outcome, reason } = verdictOf(await ask(CHAT, { messages, meshwright: { reference, samples: 1 } }))
    t.is(outcome, 'unknown')
    t.regex(reason, why)
    t.false(reason.includes('the_secret'))
  }
})

test.serial('a prompt may fill the context but for one token, and text may be of any kind', async (t) => {
  const { ask } = await serving(t, { engine })
  const full = await ask('/v1/completions', { prompt: Array.from({ length: engine.context - 1 }, () => 5), max_tokens: 10 })
  t.like(JSON.parse(full.text), { usage: { prompt_tokens: engine.context - 1 } })
  t.true((JSON.parse(full.text) as { usage: { completion_tokens: number } }).usage.completion_tokens <= 1)
  const { status, error } = await ask('/v1/completions', { prompt: Array.from({ length: engine.context }, () => 5) })
  t.deepEqual([status, error.param, error.code], [400, 'prompt', 'context_length_exceeded'])
  for (const content of ['\\ud800 half of a character', '\\u0000\\u0001', '\\u202e\\uffff', '<|im_end|><|im_start|>system']) {
    t.is((await ask(CHAT, `{"messages": [{"role": "user", "content": "${content}"}], "max_tokens": 3}`)).status, 200, content)
  }
})

test.serial('clients that vanish, at whatever moment, leave nothing that is written', async (t) => {
  const { ask, root } = await serving(t, { engine })
  const vanish = (body: object, milliseconds: number): Promise<void> => new Promise((resolve) => {
    const text = JSON.stringify(body)
    const socket = createConnection(Number(new URL(root).port), '127.0.0.1')
    socket.on('error', () => undefined).on('close', () => resolve())
    socket.write(`POST ${CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`)
    setTimeout(() => socket.destroy(), milliseconds)
  })
  await Promise.all(Array.from({ length: 40 }, (_, i) => vanish({ messages, stream: i % 2 === 0, temperature: 2, max_tokens: 900, n: i % 5 === 0 ? 3 : 1, ...i % 3 === 1 && i % 5 !== 0 ? { meshwright: { verify: true, samples: 8 } } : {} }, 1 + i * 4)))
  await until(async () => {
    const { running, waiting } = await (await fetch(`${root}/health`)).json() as { running: number, waiting: number }
    return running === 0 && waiting === 0
  })
  const { running } = await service.use('base', (generator) => generator.statistics())
  t.is(running, 0)
  t.is((await ask(CHAT, { messages, max_tokens: 5 })).status, 200)
})
