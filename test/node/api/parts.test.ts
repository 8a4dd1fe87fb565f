/* eslint-disable @typescript-eslint/no-deprecated -- programs still send what OpenAI has given other names */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'
import fc from 'fast-check'

import { ApiError } from '../../../node/api/errors.js'
import { Places } from '../../../node/api/places.js'
import type { Release } from '../../../node/api/places.js'
import { formatCheckOf } from '../../../node/api/response-format.js'
import { infillOf } from '../../../node/serving/infill.js'
import { createTokenizer } from '../../../src/model/index.js'
import { EMBEDDED, serving } from './serving.js'
import { ToyEngine } from './toy-engine.js'

const json = (name: string): object => JSON.parse(readFileSync(join(EMBEDDED, name), 'utf8')) as object
/** All that promises that are settled have to say has been said by then. */
const settle = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

test('no more places are held than there are, none is lost, and no client waits while another takes two turns', async (t) => {
  const move = fc.record({ kind: fc.constantFrom('enter', 'enter', 'leave', 'abort'), client: fc.constantFrom('a', 'b', 'c'), pick: fc.nat(), count: fc.integer({ min: 1, max: 3 }) })
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(move, { maxLength: 60 }), async (places, moves) => {
    const queue = new Places({ places, limit: 12 })
    const held: { readonly client: string, readonly release: Release }[] = []
    const open = new Map<AbortController, { readonly client: string, left: number }>()
    const turns: string[] = []
    for (const { kind, client, pick, count } of moves) {
      if (kind === 'enter') {
        const gone = new AbortController()
        try {
          const entered = queue.enter(client, count, gone.signal)
          open.set(gone, { client, left: count })
          for (const place of entered) {
            place.then((release) => {
              held.push({ client, release })
              turns.push(client)
              open.get(gone)!.left -= 1
            }, () => { open.get(gone)!.left -= 1 })
          }
        } catch (error) {
          t.true(error instanceof ApiError && error.status === 429)
        }
      } else if (kind === 'leave' && held.length > 0) {
        const [one] = held.splice(pick % held.length, 1)
        one!.release()
        one!.release()
      } else if (kind === 'abort' && open.size > 0) [...open.keys()][pick % open.size]!.abort(new Error('gone'))
      await settle()
      t.is(queue.running, held.length)
      t.true(held.length <= places && queue.waiting <= 12)
      t.true(queue.waiting === 0 || held.length === places)
    }
    // Once all come back, everybody who waits is served.
    while (held.length > 0) {
      held.pop()!.release()
      await settle()
    }
    t.is(queue.waiting, 0)
    t.true([...open.values()].every(({ left }) => left === 0))
  }), { numRuns: 200 })

  const queue = new Places({ places: 1, limit: 100 })
  const turns: string[] = []
  const never = new AbortController().signal
  const [first] = queue.enter('greedy', 1, never)
  for (const client of ['greedy', 'greedy', 'greedy', 'modest', 'modest']) {
    for (const place of queue.enter(client, 1, never)) {
      void place.then((release) => {
        turns.push(client)
        setImmediate(release)
      })
    }
  }
  ;(await first!)()
  while (queue.running > 0) await settle()
  t.deepEqual(turns, ['greedy', 'modest', 'greedy', 'modest', 'greedy'])
})

test('JSON is checked by its schema', (t) => {
  t.is(formatCheckOf(undefined), undefined)
  t.is(formatCheckOf({ type: 'text', json_schema: undefined }), undefined)
  const object = formatCheckOf({ type: 'json_object', json_schema: undefined })!
  t.notThrows(() => object(' {"a": 1}\n'))
  for (const text of ['[1]', '{"a": 1', 'module m;', '']) t.throws(() => object(text), { instanceOf: ApiError, code: 'response_format_unmet' })
  const schema = formatCheckOf({ type: 'json_schema', json_schema: { name: 'port', strict: undefined, schema: { type: 'object', properties: { width: { type: 'integer' } }, required: ['width'], additionalProperties: false } } })!
  t.notThrows(() => schema('{"width": 8}'))
  for (const text of ['{"width": "8"}', '{}', '{"width": 8, "name": "a"}']) t.throws(() => schema(text), { instanceOf: ApiError, code: 'response_format_unmet', message: /does not fit the schema/ })
  const deep = JSON.parse(`${'{"not":'.repeat(100)}{}${'}'.repeat(100)}`) as Record<string, unknown>
  t.throws(() => formatCheckOf({ type: 'json_schema', json_schema: { name: undefined, strict: undefined, schema: deep } }), { instanceOf: ApiError, message: /at most 32 levels/ })
})

test('a model that has tokens for the middle is asked by them', (t) => {
  const tokenizer = json('tokenizer.json') as { added_tokens: { id: number, content: string }[], model: { vocab: object } }
  const files = { settings: json('tokenizer_config.json'), endIds: [0] }
  t.is(infillOf(createTokenizer({ ...files, tokenizer })), undefined)
  const names = ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>']
  const size = Object.keys(tokenizer.model.vocab).length + tokenizer.added_tokens.length
  const able = createTokenizer({ ...files, tokenizer: { ...tokenizer, added_tokens: [...tokenizer.added_tokens, ...names.map((content, at) => ({ ...tokenizer.added_tokens[0]!, content, id: size + at }))] } })
  t.is(able.decode(infillOf(able)!('module m', 'endmodule')), '<|fim_prefix|>module m<|fim_suffix|>endmodule<|fim_middle|>')
})

test('logprobs, the likeliest of several texts, and what is filled in are answered as OpenAI does', async (t) => {
  const engine = new ToyEngine({ part: 'ab', concurrency: 4 })
  const { client } = await serving(t, { engine })
  const chat = await client.chat.completions.create({ model: 'toy', messages: [{ role: 'user', content: 'x' }], logprobs: true, top_logprobs: 1, max_tokens: 3, seed: 0 })
  t.deepEqual(chat.choices[0]!.logprobs!.content!.map(({ token, logprob, top_logprobs: top }) => [token, logprob, top.length]), [['a', -1, 1], ['b', -1, 1], ['a', -1, 1]])
  const offsets: number[] = []
  for await (const chunk of await client.completions.create({ model: 'toy', prompt: 'x', logprobs: 1, max_tokens: 5, stream: true })) offsets.push(...chunk.choices[0]!.logprobs?.text_offset ?? [])
  t.deepEqual(offsets, [0, 1, 2, 3, 4])
  const best = await client.completions.create({ model: 'toy', prompt: 'x', n: 1, best_of: 3, max_tokens: 2, seed: 10 })
  t.is(best.choices.length, 1)
  t.is(best.choices[0]!.logprobs, null)
  t.deepEqual(engine.jobs.slice(-3).map(({ sampling }) => sampling.seed), [10, 11, 12])
  t.is(best.usage!.completion_tokens, 6)
  t.deepEqual(best.usage!.prompt_tokens_details!.cached_tokens, 1)
  t.like(best.usage!.completion_tokens_details, { accepted_prediction_tokens: 6, rejected_prediction_tokens: 6 })
  await client.completions.create({ model: 'toy', prompt: 'before', suffix: 'after' })
  t.is(engine.decode(engine.jobs.at(-1)!.prompt), 'before<>after')
  await client.chat.completions.create({ model: 'toy', messages: [{ role: 'user', content: 'x' }], frequency_penalty: 1, presence_penalty: -1, user: 'ann', max_tokens: 1 })
  t.like(engine.jobs.at(-1), { client: '127.0.0.1 ann', sampling: { frequencyPenalty: 1, presencePenalty: -1 } })
})
