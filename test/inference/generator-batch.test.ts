import path from 'node:path'

import test from 'ava'

import { initialAdapter } from '../../src/adapter/index.js'
import { findPackageRoot } from '../../src/config/index.js'
import { GREEDY, InferenceError, openGenerator, samplingOptions } from '../../src/inference/index.js'
import type { GenerationJob, GenerationPart, Generator, GenerationResult } from '../../src/inference/index.js'
import { adapterLayout, loadCheckpoint } from '../../src/model/index.js'
import { createRandom } from '../../src/telemetry/index.js'
import { encodePrompt } from '../../src/training/index.js'

const folder = path.join(findPackageRoot(), 'models', 'embedded')
const checkpoint = await loadCheckpoint(folder)
const { tokenizer, config } = checkpoint
const setup = { checkpoint: folder, quantization: 'q8', threads: 1, maximumLength: 512 } as const
/** One text at a time and nothing remembered: what each job gives by itself. */
const alone = await openGenerator({ ...setup, maximumTexts: 1, prefixCacheBytes: 0 })
const generator = await openGenerator({ ...setup, maximumTexts: 4 })
test.after.always(async () => {
  await alone.close()
  await generator.close()
})

const specifications = [
  'Write an 8-bit adder named add8 with inputs a and b (8 bits each), carry input cin, output sum (8 bits) and carry output cout.',
  'Write module inv8, an 8-bit inverter with input [7:0] a and output [7:0] y.',
  'Write module gray4, a 4-bit binary to Gray code converter with input [3:0] bin and output [3:0] gray.',
  'Write a 16-bit counter named count16 with clock clk, synchronous reset rst, enable en and output [15:0] q.',
  'Write module mux4, a 4-to-1 multiplexer of 8-bit inputs a, b, c, d with select [1:0] s and output [7:0] y.',
]
const promptOf = (specification: string): number[] => [...encodePrompt(tokenizer, specification)]
const job: GenerationJob = { prompt: promptOf(specifications[0]!), maximumTokens: 60, stop: [], sampling: GREEDY, draft: 'none' }
const jobs: GenerationJob[] = specifications.flatMap((specification, i) => [
  { ...job, prompt: promptOf(specification), client: `client ${i}` },
  { ...job, prompt: promptOf(specification), draft: 'lookup', maximumTokens: 20 + 9 * i },
  { ...job, prompt: promptOf(specification), sampling: samplingOptions({ temperature: 0.9, topP: 0.95, frequencyPenalty: 0.4, presencePenalty: 0.2, seed: i }), maximumTokens: 45 },
])
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, milliseconds) })

/** What must not depend on what else runs. */
const essence = ({ text, finish, tokens }: GenerationResult): object => ({ text, finish, tokens })

test.serial('texts that join and leave at any time are each what they are alone, drafted, sampled and greedy ones', async (t) => {
  const expected = []
  for (const one of jobs) expected.push(essence(await alone.generate(one)))
  const random = createRandom(3)
  let highest = 0
  const found = await Promise.all(jobs.map(async (one, i) => {
    await pause(i * 20 * random())
    const result = await generator.generate(one)
    highest = Math.max(highest, (await generator.statistics()).batchSize)
    return essence(result)
  }))
  t.deepEqual(found, expected)
  t.true(highest > 1)
  // And once more, where the beginnings are remembered.
  const again = await Promise.all(jobs.map((one) => generator.generate(one)))
  t.deepEqual(again.map(essence), expected)
  t.true(again.every(({ cachedTokens, promptTokens }) => cachedTokens >= promptTokens - 2))
})

test.serial('a long prompt is read in parts between the steps of the others', async (t) => {
  let parts = 0
  let whenRead: Promise<number> | undefined
  const long = { ...job, prompt: Array.from({ length: 450 }, (_, i) => 20 + (i * 7) % 1000), maximumTokens: 1 }
  await generator.generate({ ...job, maximumTokens: 100 }, {
    onPart: () => {
      parts += 1
      whenRead ??= generator.generate(long).then(() => parts)
    },
  })
  t.true(await whenRead! > 1)
})

test.serial('the prefix cache changes nothing of the output, wherever a prompt leaves what is known', async (t) => {
  const random = createRandom(9)
  const base = Array.from({ length: 150 }, () => 20 + Math.floor(random() * 1500))
  for (const kept of [1, 20, 31, 32, 33, 63, 64, 95, 96, 127, 149, 150]) {
    const prompt = [...base.slice(0, kept), ...Array.from({ length: 1 + Math.floor(random() * 40) }, () => 20 + Math.floor(random() * 1500))]
    const one = { ...job, prompt, maximumTokens: 12, logprobs: 0 }
    const known = await generator.generate(one)
    const expected = await alone.generate(one)
    t.is(expected.cachedTokens, 0)
    t.true(known.cachedTokens < prompt.length)
    // Not only the tokens: the probabilities too, bit for bit.
    t.deepEqual(known.logprobs, expected.logprobs)
    await generator.generate({ ...job, prompt: base, maximumTokens: 1 })
  }
  const { prefixCacheBytes, cachedTokens } = await generator.statistics()
  t.true(prefixCacheBytes > 0 && cachedTokens > 0)
})

test.serial('an adapter that is replaced forgets its prefixes, and what runs with the old one goes on', async (t) => {
  const settings = { rank: 2, alpha: 4, targets: ['q_proj', 'down_proj'] as const }
  const layout = adapterLayout(config, settings)
  const random = createRandom(1)
  const strong = Float32Array.from({ length: layout.length }, () => random() - 0.5)
  await generator.load('a', { settings, values: initialAdapter(layout, 1) })
  const one = { ...job, adapter: 'a' }
  const plain = await generator.generate(one)
  t.is(plain.text, (await alone.generate(job)).text)
  const running = generator.generate({ ...one, draft: 'lookup' })
  await generator.load('a', { settings, values: strong })
  const replaced = await generator.generate(one)
  t.is(replaced.cachedTokens, 0)
  t.not(replaced.text, plain.text)
  t.is((await running).text, plain.text)
  // Adapters take turns: both get done.
  const [x, y] = await Promise.all([generator.generate(one), generator.generate(job)])
  t.is(x.text, replaced.text)
  t.is(y.text, plain.text)
  t.true(['on', 'off'].includes((await generator.statistics()).speculation['a']!))
  await generator.unload('a')
})

test.serial('a client with many requests does not starve one with few', async (t) => {
  const order: string[] = []
  const ask = (client: string, i: number): Promise<void> =>
    generator.generate({ ...job, client, prompt: promptOf(`${client} ${i}`), maximumTokens: 8, stop: [] }).then(() => { order.push(client) })
  await Promise.all([...Array.from({ length: 16 }, (_, i) => ask('many', i)), ask('few', 0), ask('few', 1)])
  t.true(order.lastIndexOf('few') < 12, order.join(' '))
})

test.serial('a cancelled request frees its place, whether it runs or waits', async (t) => {
  const controllers = Array.from({ length: 8 }, () => new AbortController())
  const cancelled = controllers.map(({ signal }) => generator.generate({ ...job, maximumTokens: 300 }, { signal }))
  const failures = Promise.all(cancelled.map((one) => t.throwsAsync(one, { instanceOf: InferenceError, code: 'INFERENCE_ABORTED' })))
  await pause(15)
  for (const controller of controllers) controller.abort()
  await failures
  t.is((await generator.generate(job)).text, (await alone.generate(job)).text)
  const { running, waiting } = await generator.statistics()
  t.is(running + waiting, 0)
})

test.serial('one bad request among good ones harms none of them', async (t) => {
  const settings = { rank: 2, alpha: 4, targets: ['q_proj'] as const }
  const layout = adapterLayout(config, settings)
  await generator.load('broken', { settings, values: new Float32Array(layout.length).fill(NaN) })
  const sampling = samplingOptions({ temperature: 1, seed: 4 })
  const good = [job, { ...job, sampling }, { ...job, prompt: promptOf(specifications[2]!) }]
  const running = good.map((one) => generator.generate(one))
  await t.throwsAsync(generator.generate({ ...job, adapter: 'broken', sampling }), { instanceOf: InferenceError, code: 'INFERENCE_LOGITS_NOT_FINITE' })
  await t.throwsAsync(generator.generate({ ...job, prompt: [] }), { instanceOf: InferenceError, code: 'INFERENCE_PROMPT_EMPTY' })
  await t.throwsAsync(generator.generate({ ...job, prompt: Array.from({ length: 512 }, () => 5) }), { instanceOf: InferenceError, code: 'INFERENCE_PROMPT_TOO_LONG' })
  await t.throwsAsync(generator.generate({ ...job, adapter: 'nobody' }), { instanceOf: InferenceError, code: 'INFERENCE_ADAPTER_UNKNOWN' })
  await t.throwsAsync(generator.generate({ ...job, logprobs: 21 }), { instanceOf: InferenceError, code: 'INFERENCE_SAMPLING_INVALID' })
  await t.throwsAsync(generator.generate({ ...job, prompt: [5, 1_000_000] }), { code: 'MODEL_TOKEN_UNKNOWN' })
  await generator.unload('broken')
  const results = await Promise.all(running)
  for (const [i, result] of results.entries()) t.deepEqual(essence(result), essence(await alone.generate(good[i]!)))
})

async function collect(from: Generator, one: GenerationJob): Promise<{ parts: GenerationPart[], result: GenerationResult }> {
  const parts: GenerationPart[] = []
  return { result: await from.generate(one, { onPart: (part) => parts.push(part) }), parts }
}

test.serial('parts joined are the result, with ids and probabilities, also where a stop text cuts the output', async (t) => {
  const whole = await alone.generate(job)
  const stop = whole.text.slice(20, 27)
  for (const stops of [[], [stop], ['no such text', stop]]) {
    for (const draft of ['none', 'lookup'] as const) {
      const { parts, result } = await collect(generator, { ...job, stop: stops, logprobs: 3, draft })
      t.is(parts.map(({ text }) => text).join(''), result.text)
      t.is(result.text, stops.length === 0 ? whole.text : whole.text.slice(0, whole.text.indexOf(stop)))
      t.is(result.finish, stops.length === 0 ? whole.finish : 'stop')
      t.is(parts.reduce((sum, { ids }) => sum + ids.length, 0), result.tokens)
      t.deepEqual(parts.flatMap(({ logprobs }) => [...logprobs!]), [...result.logprobs!])
      t.true(result.promptMilliseconds > 0 && result.decodeMilliseconds > 0)
      t.true(tokenizer.decode(parts.flatMap(({ ids }) => [...ids])).startsWith(result.text))
      const written = new TextDecoder().decode(Uint8Array.from(result.logprobs!.flatMap(({ bytes }) => [...bytes])))
      t.true(written.startsWith(result.text))
      if (stops.length === 0) t.is(result.logprobs!.length, result.tokens)
    }
  }
})

test.serial('parts come no more often than they are wanted, the first at once, and are the whole text all the same', async (t) => {
  const whole = await alone.generate(job)
  for (const draft of ['none', 'lookup'] as const) {
    const parts: GenerationPart[] = []
    const result = await generator.generate({ ...job, draft }, { every: 1e9, onPart: (part) => parts.push(part) })
    t.is(parts.length, 2)
    t.true(parts[0]!.tokens < 10)
    t.is(parts.map(({ text }) => text).join(''), whole.text)
    t.deepEqual(parts.flatMap(({ ids }) => [...ids]), [...result.ids])
    t.is(parts.reduce((sum, { tokens }) => sum + tokens, 0), result.tokens)
    t.is(parts.reduce((sum, { accepted }) => sum + accepted, 0), result.accepted)
  }
  const each: GenerationPart[] = []
  await generator.generate(job, { onPart: (part) => each.push(part) })
  t.true(each.length > 20)
})

test.serial('log-probabilities are of the model\'s own distribution, in order, and sum to no more than one', async (t) => {
  const plain = await generator.generate({ ...job, logprobs: 20 })
  const sampled = await generator.generate({ ...job, logprobs: 20, sampling: samplingOptions({ temperature: 1.5, presencePenalty: 2, seed: 2 }) })
  t.deepEqual(sampled.logprobs![0]!.top, plain.logprobs![0]!.top)
  for (const { id, logprob, top } of [...plain.logprobs!, ...sampled.logprobs!]) {
    t.is(top.length, 20)
    t.true(top.reduce((sum, each) => sum + Math.exp(each.logprob), 0) <= 1 + 1e-6)
    top.forEach((each, i) => t.true(i === 0 || each.logprob <= top[i - 1]!.logprob))
    const listed = top.find((each) => each.id === id)
    if (listed) t.is(listed.logprob, logprob)
    else t.true(logprob <= top.at(-1)!.logprob)
  }
  for (const { id, top } of plain.logprobs!) t.is(top[0]!.id, id)
})

test('a generator that is closed while texts run waits for the step and refuses them', async (t) => {
  const other = await openGenerator({ ...setup, maximumTexts: 2 })
  t.deepEqual(other.limits, { maximumLength: 512, maximumTexts: 2 })
  const running = Array.from({ length: 4 }, () => t.throwsAsync(other.generate({ ...job, maximumTokens: 300 }), { instanceOf: InferenceError, code: 'INFERENCE_WORKER_ENDED' }))
  await pause(150)
  await other.close()
  await Promise.all(running)
})
