/* eslint-disable @typescript-eslint/no-deprecated -- programs still send what OpenAI has given other names */
/** The embedded base over HTTP, asked by OpenAI's own client. */
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'
import OpenAI from 'openai'

import { GenerationEngine } from '../../../node/serving/generation-engine.js'
import { exportPeft, initialAdapter } from '../../../src/adapter/index.js'
import type { parseLlamaConfig } from '../../../src/model/index.js'
import { adapterLayout } from '../../../src/model/index.js'
import { encodePrompt } from '../../../src/training/index.js'
import { folderFor } from '../house.js'
import { ADDER, embeddedService, read, serving, until } from './serving.js'

const { service, close } = await embeddedService()
test.after.always(close)

const engine = new GenerationEngine({ service })
const messages = [{ role: 'user' as const, content: ADDER }]

interface Own { readonly meshwright: { readonly adapter: string, readonly acceptance_length: number, readonly tokens_per_second: number, readonly verdict?: { outcome: string, reason: string }, readonly cost?: object, readonly candidates?: number } }

test.serial('models are listed and found by each of their names', async (t) => {
  const { client } = await serving(t, { engine })
  t.deepEqual((await client.models.list()).data.map(({ id, owned_by: owner }) => [id, owner]), [['meshwright/base', 'meshwright']])
  for (const name of ['meshwright/base', 'base', 'meshwright']) t.is((await client.models.retrieve(name)).id, 'meshwright/base')
  await t.throwsAsync(client.models.retrieve('personal'), { instanceOf: OpenAI.NotFoundError, message: /no model "personal"/ })
})

test.serial('a chat gets a design with its usage, and a stream gets the same in chunks', async (t) => {
  const { client } = await serving(t, { engine })
  const whole = await client.chat.completions.create({ model: 'meshwright', messages })
  const [choice] = whole.choices
  t.true(choice!.message.content!.startsWith('module add8'))
  t.is(choice!.finish_reason, 'stop')
  t.is(whole.model, 'meshwright/base')
  t.is(whole.usage!.prompt_tokens, encodePrompt(service.base.tokenizer, ADDER).length)
  t.is(whole.usage!.completion_tokens, service.base.tokenizer.encode(choice!.message.content!).length)
  t.is(whole.usage!.total_tokens, whole.usage!.prompt_tokens + whole.usage!.completion_tokens)
  const own = (whole as unknown as Own).meshwright
  t.is(own.adapter, 'base')
  t.true(own.acceptance_length >= 1 && own.tokens_per_second > 0)

  const chunks: OpenAI.ChatCompletionChunk[] = []
  for await (const chunk of await client.chat.completions.create({ model: 'base', messages, stream: true, stream_options: { include_usage: true } })) chunks.push(chunk)
  t.is(chunks.map(({ choices: [one] }) => one?.delta.content ?? '').join(''), choice!.message.content!)
  t.is(chunks[0]!.choices[0]!.delta.role, 'assistant')
  t.is(new Set(chunks.map(({ id }) => id)).size, 1)
  t.deepEqual([chunks.at(-1)!.choices, chunks.at(-1)!.usage!.completion_tokens], [[], whole.usage!.completion_tokens])
  t.is(chunks.at(-2)!.choices[0]!.finish_reason, 'stop')
  t.is((chunks.at(-2) as unknown as Own).meshwright.adapter, 'base')

  const helped = await client.chat.completions.stream({ model: 'base', messages }).finalChatCompletion()
  t.is(helped.choices[0]!.message.content, choice!.message.content)
})

test.serial('n texts differ, and the same seed writes the same ones again', async (t) => {
  const { client } = await serving(t, { engine })
  const write = async (seed: number): Promise<string[]> =>
    (await client.chat.completions.create({ model: 'base', messages, n: 3, seed, temperature: 1.2, max_tokens: 40 })).choices.map((choice) => choice.message.content!)
  const first = await write(7)
  t.is(new Set(first).size, 3)
  t.deepEqual(await write(7), first)
  t.notDeepEqual(await write(8), first)
})

test.serial('completions echo, stop, and count what they may write', async (t) => {
  const { client } = await serving(t, { engine })
  const prompt = `<|user|>${ADDER}<|assistant|>`
  const stopped = await client.completions.create({ model: 'base', prompt, max_tokens: 200, stop: ['output'] })
  t.is(stopped.choices[0]!.finish_reason, 'stop')
  t.true(stopped.choices[0]!.text.startsWith('module add8') && !stopped.choices[0]!.text.includes('output'))
  const two = await client.completions.create({ model: 'base', prompt: [prompt, [...encodePrompt(service.base.tokenizer, ADDER)]] as unknown as string[], echo: true, max_tokens: 5 })
  t.is(two.choices[0]!.text, two.choices[1]!.text)
  t.true(two.choices[0]!.text.startsWith(`${prompt}module`))
  t.deepEqual([two.choices[0]!.finish_reason, two.usage!.completion_tokens, two.usage!.prompt_tokens], ['length', 10, 2 * encodePrompt(service.base.tokenizer, ADDER).length])
  const by = await client.completions.create({ model: 'base', prompt, stream: true, echo: true, max_tokens: 5 })
  let text = ''
  for await (const { choices: [one] } of by) text += one!.text
  t.is(text, two.choices[0]!.text)
  await t.throwsAsync(client.completions.create({ model: 'base', prompt, suffix: 'endmodule' }), { instanceOf: OpenAI.BadRequestError, message: /suffix: this model has no tokens/ })
})

test.serial('clients at once each get their text, and one that leaves gives its place back', async (t) => {
  const { client, root } = await serving(t, { engine })
  const running = async (): Promise<number> => (JSON.parse((await read(await fetch(`${root}/health`))).text) as { running: number }).running
  const alone = (await client.chat.completions.create({ model: 'base', messages })).choices[0]!.message.content
  const left = await client.chat.completions.create({ model: 'base', messages, stream: true, user: 'leaving' })
  for await (const chunk of left) {
    if (chunk.choices[0]?.delta.content) break
  }
  const texts = await Promise.all(['ann', 'bob'].map(async (user) => {
    let text = ''
    for await (const chunk of await client.chat.completions.create({ model: 'base', messages, stream: true, user })) text += chunk.choices[0]?.delta.content ?? ''
    return text
  }))
  t.deepEqual(texts, [alone, alone])
  await until(async () => await running() === 0)
  const { text } = await read(await fetch(`${root}/metrics`))
  t.regex(text, /meshwright_api_requests_total\{route="\/v1\/chat\/completions",status="499"\} 1/)
  t.regex(text, /meshwright_api_requests_total\{route="\/v1\/chat\/completions",status="200"\} 3/)
  t.regex(text, /meshwright_api_completion_tokens_total [1-9]/)
  t.regex(text, /meshwright_api_first_token_seconds_count 4/)
})

test.serial('what was verified comes with its verdict, also where the reference does not parse', async (t) => {
  const { client } = await serving(t, { engine })
  const ask = (own: object, stream = false): OpenAI.ChatCompletionCreateParams => ({ model: 'base', messages, stream, meshwright: own }) as OpenAI.ChatCompletionCreateParams
  const verified = await client.chat.completions.create(ask({ verify: true, samples: 2 })) as OpenAI.ChatCompletion & Own
  t.is(verified.meshwright.verdict!.outcome, 'pass')
  t.true(verified.meshwright.candidates! >= 1 && verified.meshwright.cost !== undefined)
  t.true(verified.choices[0]!.message.content!.startsWith('module add8'))
  const broken = await client.chat.completions.create(ask({ reference: 'module add8(input' })) as OpenAI.ChatCompletion & Own
  t.not(broken.meshwright.verdict!.outcome, 'pass')
  t.true(broken.meshwright.verdict!.reason.length > 10)
  let text = ''
  let last: Own['meshwright'] | undefined
  for await (const chunk of await client.chat.completions.create(ask({ verify: true, samples: 2 }, true)) as AsyncIterable<OpenAI.ChatCompletionChunk & Partial<Own>>) {
    text += chunk.choices[0]?.delta.content ?? ''
    last = chunk.meshwright ?? last
  }
  t.is(text, verified.choices[0]!.message.content!)
  t.is(last!.verdict!.outcome, 'pass')
  for (const [own, more, message] of [
    [{ verify: false, samples: 3 }, {}, /verify/], [{ verify: true }, { n: 2 }, /n: a verified answer is one/],
  ] as const) await t.throwsAsync(client.chat.completions.create({ ...ask(own), ...more }), { instanceOf: OpenAI.BadRequestError, message })
})

test.serial('what is to be JSON is JSON, or an error says that it is none', async (t) => {
  const { client, ask } = await serving(t, { engine })
  const request = { model: 'base', messages, response_format: { type: 'json_object' as const }, max_tokens: 30 }
  await t.throwsAsync(client.chat.completions.create(request), { instanceOf: OpenAI.UnprocessableEntityError, message: /the answer is no JSON/ })
  const { status, error } = await ask('/v1/chat/completions', { ...request, stream: true })
  t.deepEqual([status, error.code], [422, 'response_format_unmet'])
})

test.serial('adapters come and go by name, from the allowed folder only', async (t) => {
  const folder = folderFor(t)
  const adapters = join(folder, 'adapters')
  const open = new GenerationEngine({ service, adapterFolder: adapters })
  const { client, ask } = await serving(t, { engine: open })
  const { config } = service.base
  const layout = adapterLayout(config, { rank: 2, alpha: 4, targets: ['q_proj'] })
  mkdirSync(adapters)
  await exportPeft(join(adapters, 'fresh'), layout, initialAdapter(layout, 1), 'embedded')
  await exportPeft(join(folder, 'outside'), layout, initialAdapter(layout, 1), 'embedded')
  symlinkSync(join(folder, 'outside'), join(adapters, 'link'))
  const other = adapterLayout({ ...config, hiddenSize: 128, heads: 2, keyValueHeads: 2 } satisfies ReturnType<typeof parseLlamaConfig>, layout.settings)
  await exportPeft(join(adapters, 'other'), other, initialAdapter(other, 1), 'other')

  const load = (name: unknown, path: unknown) => ask('/v1/load_lora_adapter', { lora_name: name, lora_path: path })
  t.is((await load('mine', 'fresh')).status, 200)
  t.is((await load('absolute', join(adapters, 'fresh'))).status, 200)
  t.deepEqual((await client.models.list()).data.map(({ id }) => id), ['meshwright/base', 'mine', 'absolute'])
  // B of a new adapter is zero: it changes nothing.
  const textOf = async (model: string): Promise<string | null> => (await client.chat.completions.create({ model, messages, max_tokens: 30 })).choices[0]!.message.content
  t.is(await textOf('mine'), await textOf('base'))
  for (const [name, path, message] of [
    ['mine', 'fresh', /there is a model mine already/], ['base', 'fresh', /there is a model base already/], ['x', '../outside', /must lie below/], ['x', join(folder, 'outside'), /must lie below/],
    ['x', 'link', /must lie below/], ['x', '.', /must lie below/], ['x', 'nowhere', /there is no nowhere/], ['x', 'other', /another base/], ['../x', 'fresh', /lora_name/], [undefined, 'fresh', /lora_name/], ['x', 3, /lora_path/],
  ] as const) {
    const { status, error } = await load(name, path)
    t.is(status, 400, `${name} ${path}`)
    t.regex(error.message, message)
  }
  t.is((await ask('/v1/unload_lora_adapter', { lora_name: 'mine' })).status, 200)
  t.is((await ask('/v1/unload_lora_adapter', { lora_name: 'absolute' })).status, 200)
  await t.throwsAsync(textOf('mine'), { instanceOf: OpenAI.NotFoundError })
  t.deepEqual(((one) => [one.status, one.error.code])(await ask('/v1/unload_lora_adapter', { lora_name: 'base' })), [404, 'adapter_not_found'])
  const closed = await serving(t, { engine })
  t.deepEqual(((one) => [one.status, one.error.code])(await closed.ask('/v1/load_lora_adapter', { lora_name: 'x', lora_path: 'fresh' })), [403, 'adapters_closed'])
})
