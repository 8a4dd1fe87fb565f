import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createConnection } from 'node:net'
import { join } from 'node:path'

import test from 'ava'
import fc from 'fast-check'
import OpenAI from 'openai'

import { serveApi } from '../../../node/api/server.js'
import { NodeError } from '../../../node/errors.js'
import { parseNodeConfig } from '../../../src/config/index.js'
import { silentLogger } from '../../../src/telemetry/index.js'
import { folderFor } from '../house.js'
import { read, serving, until } from './serving.js'
import { ToyEngine } from './toy-engine.js'

const CHAT = '/v1/chat/completions'
const COMPLETION = '/v1/completions'
const messages = [{ role: 'user' as const, content: 'a specification' }]
const good = { messages, max_tokens: 10 }

const wrong: readonly [string, unknown, string | null, string][] = [
  [CHAT, {}, 'messages', 'invalid_value'],
  [CHAT, [], 'body', 'invalid_value'],
  [CHAT, { messages: [] }, 'messages', 'invalid_value'],
  [CHAT, { messages: [{ role: 'wizard', content: 'x' }] }, 'messages[0].role', 'invalid_value'],
  [CHAT, { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] }, 'messages[0].content', 'invalid_value'],
  [CHAT, { messages: [{ role: 'user', content: '' }] }, 'messages', 'invalid_value'],
  [CHAT, { messages: [{ role: 'user', content: 'x'.repeat(1000) }] }, 'messages', 'context_length_exceeded'],
  [CHAT, { messages: [{ role: 'user', content: 'x'.repeat(100_000) }] }, 'messages', 'context_length_exceeded'],
  [CHAT, { ...good, n: 0 }, 'n', 'invalid_value'],
  [CHAT, { ...good, n: 17 }, 'n', 'invalid_value'],
  [CHAT, { ...good, n: 1.5 }, 'n', 'invalid_value'],
  [CHAT, { ...good, max_tokens: 0 }, 'max_tokens', 'invalid_value'],
  [CHAT, { ...good, max_tokens: 1001 }, 'max_tokens', 'invalid_value'],
  [CHAT, { messages, max_completion_tokens: -1 }, 'max_completion_tokens', 'invalid_value'],
  [CHAT, { ...good, temperature: 'hot' }, 'temperature', 'invalid_value'],
  [CHAT, { ...good, temperature: 2.1 }, 'temperature', 'invalid_value'],
  [CHAT, { ...good, top_p: -1 }, 'top_p', 'invalid_value'],
  [CHAT, { ...good, seed: 'x' }, 'seed', 'invalid_value'],
  [CHAT, { ...good, stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'invalid_value'],
  [CHAT, { ...good, stop: '' }, 'stop', 'invalid_value'],
  [CHAT, { ...good, stream: 'yes' }, 'stream', 'invalid_value'],
  [CHAT, { ...good, stream_options: { include_usage: 1 } }, 'stream_options.include_usage', 'invalid_value'],
  [CHAT, { ...good, top_logprobs: 2 }, 'top_logprobs', 'invalid_value'],
  [CHAT, { ...good, tools: [{ type: 'function' }] }, 'tools', 'unsupported'],
  [CHAT, { ...good, logit_bias: { 5: 1 } }, 'logit_bias', 'unsupported'],
  [CHAT, { ...good, response_format: { type: 'xml' } }, 'response_format.type', 'invalid_value'],
  [CHAT, { ...good, response_format: { type: 'json_schema' } }, 'response_format.json_schema.schema', 'invalid_value'],
  [CHAT, { ...good, response_format: { type: 'json_schema', json_schema: { schema: { type: 'string', pattern: '(a+)+$' } } } }, 'response_format.json_schema.schema', 'invalid_value'],
  [CHAT, { ...good, meshwright: 'verify' }, 'meshwright', 'invalid_value'],
  [CHAT, { ...good, meshwright: { verify: true, domain: 'vhdl' } }, 'meshwright.domain', 'invalid_value'],
  [CHAT, { ...good, meshwright: { testbench: '' } }, 'meshwright.testbench', 'invalid_value'],
  [CHAT, { ...good, meshwright: { testbench: 'x'.repeat(200_001) } }, 'meshwright.testbench', 'invalid_value'],
  [CHAT, { ...good, meshwright: { testbench: 'x', domain: 'qasm' } }, 'meshwright.testbench', 'invalid_value'],
  [CHAT, { ...good, meshwright: { testbench: 'x', verify: false } }, 'meshwright.verify', 'invalid_value'],
  [CHAT, { ...good, n: 2, meshwright: { testbench: 'x' } }, 'n', 'invalid_value'],
  [COMPLETION, { max_tokens: 5 }, 'prompt', 'invalid_value'],
  [COMPLETION, { prompt: '' }, 'prompt', 'invalid_value'],
  [COMPLETION, { prompt: [70_000] }, 'prompt', 'invalid_value'],
  [COMPLETION, { prompt: [[1], 'x', null] }, 'prompt', 'invalid_value'],
  [COMPLETION, { prompt: ['a', 'b', 'c'], n: 16 }, 'n', 'invalid_value'],
  [COMPLETION, { prompt: 'x', n: 3, best_of: 2 }, 'best_of', 'invalid_value'],
  [COMPLETION, { prompt: 'x', best_of: 2, stream: true }, 'best_of', 'invalid_value'],
  [COMPLETION, { prompt: 'x', logprobs: 99 }, 'logprobs', 'invalid_value'],
]

test('every wrong field is named, and the server goes on', async (t) => {
  const { ask } = await serving(t, { engine: new ToyEngine() })
  for (const [path, body, param, code] of wrong) {
    const { status, error } = await ask(path, body)
    t.deepEqual([status, error.param, error.code, error.type], [400, param, code, 'invalid_request_error'], JSON.stringify(body).slice(0, 200))
  }
  t.deepEqual(((one) => [one.status, one.error.code, one.error.param])(await ask(CHAT, { ...good, model: 'gpt-4' })), [404, 'model_not_found', 'model'])
  // What is not known is left alone, and null is as good as nothing.
  t.is((await ask(CHAT, { ...good, model: null, temperature: null, stop: null, metadata: { a: 1 }, store: true, whatever: [[]] })).status, 200)
})

test('whatever JSON or bytes are sent, the answer is one of the client\'s errors or a text', async (t) => {
  const { ask } = await serving(t, { engine: new ToyEngine() })
  const field = fc.constantFrom('model', 'messages', 'prompt', 'n', 'stop', 'stream', 'max_tokens', 'seed', 'temperature', 'response_format', 'meshwright', 'stream_options', 'logprobs', 'suffix', 'echo', 'user', '__proto__')
  const body = fc.oneof(
    fc.dictionary(field, fc.jsonValue()).map((given) => JSON.stringify({ messages, prompt: 'x', ...given })),
    fc.jsonValue().map((given) => JSON.stringify(given)), fc.string(), fc.uint8Array(),
  )
  await fc.assert(fc.asyncProperty(fc.constantFrom(CHAT, COMPLETION, '/v1/load_lora_adapter', '/v1/unload_lora_adapter'), body, async (path, given) => {
    const { status, error } = await ask(path, given)
    t.true(status === 200 || (status >= 400 && status < 500 && error.message.length > 0 && error.code.length > 0), `${status} ${String(given).slice(0, 500)}`)
  }), { numRuns: 300 })
})

test('what is no JSON, no UTF-8, no HTTP or far too large is refused in OpenAI\'s form', async (t) => {
  const { ask, root, url } = await serving(t, { engine: new ToyEngine(), api: { bodyLimitBytes: 2048 } })
  const codeOf = async (asked: ReturnType<typeof ask>): Promise<[number, string]> => asked.then(({ status, error }) => [status, error.code])
  t.deepEqual(await codeOf(ask(CHAT, '{"messages": [')), [400, 'invalid_json'])
  t.deepEqual(await codeOf(ask(CHAT, '')), [400, 'invalid_json'])
  t.deepEqual(await codeOf(ask(CHAT, Buffer.concat([Buffer.from('{"messages":[{"role":"user","content":"'), Buffer.from([0xC3, 0x28]), Buffer.from('"}]}')]))), [400, 'invalid_utf8'])
  t.deepEqual(await codeOf(ask(CHAT, 'x'.repeat(3000))), [413, 'body_too_large'])
  t.deepEqual(await codeOf(ask(CHAT, good, { 'content-type': 'text/plain' })), [415, 'media_type_unsupported'])
  t.deepEqual(await codeOf(read(await fetch(`${url}/embeddings`))), [404, 'route_not_found'])
  t.deepEqual(await codeOf(read(await fetch(url + '/completions'))), [405, 'method_not_allowed'])
  // A body without an end: refused once it is too large, and read no further.
  const endless = request(root + CHAT, { method: 'POST', headers: { 'content-type': 'application/json' } })
  endless.on('error', () => undefined)
  endless.write('x'.repeat(4096))
  const [refused] = await once(endless, 'response') as [{ statusCode: number }]
  t.is(refused.statusCode, 413)
  endless.destroy()
  const socket = createConnection(Number(new URL(root).port), '127.0.0.1').setEncoding('utf8')
  socket.end('nonsense\r\n\r\n')
  t.regex(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 400 [\s\S]*"code":"request_malformed"/)
  t.is((await ask(CHAT, good)).status, 200)
})

test('a sender that dawdles is told so, and a reader that dawdles loses its stream', async (t) => {
  const engine = new ToyEngine({ context: 1 << 26, part: 'x'.repeat(1 << 18) })
  const { root, ask } = await serving(t, { engine, limits: { requestMs: 300, slowReaderMs: 300 } })
  const { port } = new URL(root)
  const slow = createConnection(Number(port), '127.0.0.1').setEncoding('utf8')
  slow.write(`POST ${CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"messages"`)
  t.regex(String((await once(slow, 'data'))[0]), /^HTTP\/1\.1 408 [\s\S]*"code":"request_timed_out"/)
  const deaf = createConnection(Number(port), '127.0.0.1')
  deaf.on('error', () => undefined)
  const body = JSON.stringify({ messages, stream: true })
  deaf.write(`POST ${CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  deaf.pause()
  await until(() => engine.aborted === 1)
  t.is(engine.running, 0)
  deaf.destroy()
  t.is((await ask(CHAT, good)).status, 200)
})

test('a full queue sends clients away, and those who leave make room', async (t) => {
  const engine = new ToyEngine({ stepwise: true })
  const { ask, client, root } = await serving(t, { engine, api: { queueLimit: 64 } })
  const waiting = async (): Promise<number> => (JSON.parse((await read(await fetch(`${root}/health`))).text) as { waiting: number }).waiting
  const leaving = new AbortController()
  const gone = [16, 16].map((n) => t.throwsAsync(client.chat.completions.create({ model: 'toy', messages, n }, { signal: leaving.signal }), { instanceOf: OpenAI.APIUserAbortError }))
  await until(async () => await waiting() === 31)
  // Half of the places are one client's at most; another user still gets in.
  const { status, headers, error } = await ask(CHAT, { ...good, n: 2 })
  t.deepEqual([status, error.code, error.type, headers.get('retry-after')], [429, 'queue_full', 'rate_limit_error', '2'])
  const other = ask(CHAT, { ...good, n: 2, user: 'another' })
  await until(async () => await waiting() === 33)
  leaving.abort()
  await Promise.all(gone)
  await until(() => engine.aborted === 1)
  const stepping = setInterval(() => engine.step(), 1)
  t.is((await other).status, 200)
  clearInterval(stepping)
  t.is(await waiting(), 0)
})

test('a server that stops tells those whom it serves', async (t) => {
  const engine = new ToyEngine({ stepwise: true, concurrency: 2 })
  const { ask, close } = await serving(t, { engine })
  const streamed = ask(CHAT, { ...good, stream: true })
  await until(() => engine.running === 1)
  engine.step()
  const whole = ask(CHAT, good)
  await until(() => engine.running === 2)
  await close()
  t.regex((await streamed).text, /word [\s\S]*"code":"server_stopping"[\s\S]*\[DONE\]\n\n$/)
  t.deepEqual(((one) => [one.status, one.error.code])(await whole), [503, 'server_stopping'])
})

test('keys are asked for where there are some', async (t) => {
  const keyFile = join(folderFor(t), 'keys')
  writeFileSync(keyFile, '# ours\nthe-first-key-of-all\n\nthe-second-key-of-all\n')
  const { url, root, ask } = await serving(t, { engine: new ToyEngine(), api: { keyFile } })
  for (const apiKey of ['the-first-key-of-all', 'the-second-key-of-all']) {
    t.is((await new OpenAI({ baseURL: url, apiKey, maxRetries: 0 }).models.list()).data.length, 1)
  }
  for (const apiKey of ['the-first-key-of-al', 'the-first-key-of-all2', '# ours', 'x'.repeat(5000)]) {
    await t.throwsAsync(new OpenAI({ baseURL: url, apiKey, maxRetries: 0 }).models.list(), { instanceOf: OpenAI.AuthenticationError, code: 'invalid_api_key' })
  }
  t.is((await fetch(`${root}/metrics`)).status, 401)
  t.is((await fetch(`${root}/health`)).status, 200)
  // Whoever has the key may come by any name.
  t.is((await ask(CHAT, good, { authorization: 'Bearer the-first-key-of-all' })).status, 200)
  for (const text of ['', 'short\n', 'white space in a key\n']) {
    writeFileSync(keyFile, text)
    await t.throwsAsync(serving(t, { engine: new ToyEngine(), api: { keyFile } }), { instanceOf: NodeError, code: 'API_KEY_UNREADABLE' })
  }
})

test('without a key only this machine\'s names are answered, and pages only from origins that are let in', async (t) => {
  const { root } = await serving(t, { engine: new ToyEngine(), api: { corsOrigins: ['https://ide.example.com'] } })
  const { port } = new URL(root)
  const asked = (path: string, method: string, headers: Readonly<Record<string, string>>): Promise<{ status: number, headers: NodeJS.Dict<string | string[]> }> => new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      response.resume()
      resolve({ status: response.statusCode!, headers: response.headers })
    }).on('error', reject).end()
  })
  for (const [host, status] of [['localhost', 200], [`127.0.0.1:${port}`, 200], ['[::1]:80', 200], ['LOCALHOST:1', 200], ['evil.example.com', 403], ['localhost.evil.com', 403], ['127.0.0.1.evil.com', 403], [' ', 403]] as const) {
    t.is((await asked('/v1/models', 'GET', { host })).status, status, host)
  }
  const preflight = (origin: string) => asked(CHAT, 'OPTIONS', { host: 'localhost', origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' })
  t.like(await preflight('https://ide.example.com'), { status: 204, headers: { 'access-control-allow-origin': 'https://ide.example.com', 'access-control-allow-headers': 'content-type' } })
  const refused = await preflight('https://evil.example.com')
  t.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [403, undefined])
  const seen = async (origin: string) => (await asked('/v1/models', 'GET', { host: 'localhost', origin })).headers['access-control-allow-origin']
  t.is(await seen('https://ide.example.com'), 'https://ide.example.com')
  t.is(await seen('https://evil.example.com'), undefined)
})

test('an address that is taken is told with what to do', async (t) => {
  const { root } = await serving(t, { engine: new ToyEngine() })
  const { api } = parseNodeConfig({ api: { port: Number(new URL(root).port) } }, { source: 'the test', folder: '/' })
  await t.throwsAsync(serveApi({ engine: new ToyEngine(), settings: api, log: silentLogger }), { instanceOf: NodeError, code: 'API_ADDRESS_UNUSABLE', message: /another program listens there/ })
})
