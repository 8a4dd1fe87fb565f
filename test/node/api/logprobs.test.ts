/* eslint-disable @typescript-eslint/no-deprecated -- programs still send what OpenAI has given other names */
import test from 'ava'

import { GenerationEngine } from '../../../node/serving/generation-engine.js'
import { ADDER, embeddedService, serving } from './serving.js'

const { service, close } = await embeddedService()
test.after.always(close)

const messages = [{ role: 'user' as const, content: ADDER }]

test('the embedded base tells how likely its tokens were, and chooses the likeliest of several texts', async (t) => {
  const { client } = await serving(t, { engine: new GenerationEngine({ service }) })
  const { choices: [choice], usage } = await client.chat.completions.create({ model: 'base', messages, logprobs: true, top_logprobs: 2, max_tokens: 20 })
  const told = choice!.logprobs!.content!
  t.is(told.map(({ token }) => token).join(''), choice!.message.content!)
  t.is(told.length, usage!.completion_tokens)
  // What is written greedily is the most probable token each time.
  t.true(told.every(({ token, logprob, top_logprobs: top }) => logprob <= 0 && top.length === 2 && top[0]!.token === token && top[0]!.logprob >= top[1]!.logprob))

  const again = await client.chat.completions.create({ model: 'base', messages, max_tokens: 5 })
  t.true(again.usage!.prompt_tokens_details!.cached_tokens! > 0)

  const asked = { model: 'base', prompt: `<|user|>${ADDER}<|assistant|>`, seed: 5, temperature: 1.5, max_tokens: 12, logprobs: 0 }
  const mean = (one: { readonly logprobs: { readonly token_logprobs?: number[] } | null }): number => {
    const values = one.logprobs!.token_logprobs!
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }
  const all = (await client.completions.create({ ...asked, n: 4 })).choices
  const best = (await client.completions.create({ ...asked, best_of: 4 })).choices
  t.deepEqual(best.map(({ text }) => text), [all.toSorted((x, y) => mean(y) - mean(x))[0]!.text])
  t.is((await client.completions.create({ ...asked, frequency_penalty: 2, presence_penalty: 2 })).choices.length, 1)
})
