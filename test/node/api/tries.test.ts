/** How many designs are written for a verified answer. */
import test from 'ava'
import type OpenAI from 'openai'

import { KeptStrategy } from '../../../node/serving/kept-strategy.js'
import { GenerationEngine } from '../../../node/serving/generation-engine.js'
import { repairWith } from '../../../node/serving/repair.js'
import type { Candidate } from '../../../src/inference/index.js'
import { openStore } from '../../../src/store/index.js'
import { silentLogger } from '../../../src/telemetry/index.js'
import { folderFor } from '../house.js'
import { SUM, embeddedService, serving } from './serving.js'
import { ToyEngine } from './toy-engine.js'

interface Own { readonly meshwright: { readonly verdict: { readonly outcome: string }, readonly candidates: number, readonly tries: readonly { readonly arm: string, readonly why: string }[], readonly stopped: string } }
const messages = [{ role: 'user' as const, content: SUM }]
const ask = (own: object): OpenAI.ChatCompletionCreateParams => ({ model: 'base', messages, meshwright: own }) as OpenAI.ChatCompletionCreateParams

test('where a client does not say how many, the node tries as it has learnt, tells why, and learns from it', async (t) => {
  const store = await openStore(folderFor(t))
  const strategy = await KeptStrategy.open(store, silentLogger)
  const { service, close } = await embeddedService({ strategy })
  t.teardown(async () => {
    await close()
    await strategy.close()
    await store.close()
  })
  const { client } = await serving(t, { engine: new GenerationEngine({ service }) })
  const learnt = await client.chat.completions.create(ask({ verify: true })) as OpenAI.ChatCompletion & Own
  t.is(learnt.meshwright.verdict.outcome, 'pass')
  t.regex(learnt.meshwright.tries[0]!.why, /of verilog, combinational, short, first try, 0 of 0 tries have passed/)
  await strategy.close()
  const kept = JSON.stringify(await store.readState('strategy', { version: 1 }))
  t.true(kept.includes('verilog, combinational, short'))

  const fixed = await client.chat.completions.create(ask({ samples: 2 })) as OpenAI.ChatCompletion & Own
  t.is(fixed.meshwright.tries[0]!.why, 'design 1 of the 2 that were asked for')
  await strategy.close()
  t.is(JSON.stringify(await store.readState('strategy', { version: 1 })), kept, 'what a client chooses teaches nothing')
})

test('what may take several tries is streamed as a whole, one try as it is written', async (t) => {
  const engine = new ToyEngine()
  const { client } = await serving(t, { engine })
  const chunks = async (own: object): Promise<number> => {
    let count = 0
    for await (const { choices: [choice] } of await client.chat.completions.create({ ...ask(own), model: 'toy', stream: true, max_completion_tokens: 50 }) as AsyncIterable<OpenAI.ChatCompletionChunk>) if (choice?.delta.content) count += 1
    return count
  }
  t.deepEqual([await chunks({ verify: true }), await chunks({ samples: 3 })], [1, 1])
  t.is(await chunks({ verify: true, samples: 1 }), 10)
  t.deepEqual(engine.jobs.map((job) => 'samples' in job ? job.samples : undefined), [undefined, 3, 1])
  // Experience chooses how the tries are drawn; a number of them is drawn as several answers are.
  t.deepEqual(engine.jobs.map(({ sampling }) => sampling.temperature), [0, 0.8, 0])
})

test('a model is shown its design again only where it has a form for that, and room to write it once more', async (t) => {
  const { service: { base }, close } = await embeddedService()
  t.teardown(close)
  const candidate = (tokens: number): Candidate => ({
    design: 'module add8; endmodule', verdict: { outcome: 'fail', reason: 'line 1: syntax error', milliseconds: 1 },
    generation: { text: '', ids: [], finish: 'end', tokens, accepted: 0, drafted: 0, targetCalls: 1, promptMilliseconds: 0, decodeMilliseconds: 0, promptTokens: 1, cachedTokens: 0 },
  })
  const shown = repairWith(base, SUM)(candidate(100))!
  t.regex(base.tokenizer.decode(shown), /module add8; endmodule[\s\S]*does not pass: line 1: syntax error/)
  t.is(repairWith(base, SUM)(candidate(base.config.maximumPositions - shown.length)), undefined)
  t.is(repairWith({ ...base, tokenizer: { ...base.tokenizer, hasChatTemplate: false } }, SUM)(candidate(1)), undefined)
})
