/** Several generators as one: stand-ins say who gets which text, and the embedded base that nothing of it shows. */
import path from 'node:path'

import test from 'ava'

import { initialAdapter } from '../../src/adapter/index.js'
import { findPackageRoot } from '../../src/config/index.js'
import { GREEDY, InferenceError, openTeam, samplingOptions } from '../../src/inference/index.js'
import type { GenerationJob, GenerationResult, Generator } from '../../src/inference/index.js'
import { adapterLayout, loadCheckpoint } from '../../src/model/index.js'
import { encodePrompt } from '../../src/training/index.js'

const setup = { checkpoint: path.join(findPackageRoot(), 'models', 'embedded'), quantization: 'q8', threads: 1, maximumLength: 512 } as const
const result: GenerationResult = { text: '', ids: [], finish: 'end', tokens: 0, targetCalls: 0, drafted: 0, accepted: 0, promptMilliseconds: 0, decodeMilliseconds: 0, promptTokens: 0, cachedTokens: 0 }
const jobOf = (prompt: readonly number[]): GenerationJob => ({ prompt, maximumTokens: 1, stop: [], sampling: GREEDY, draft: 'none' })
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

/** Writes nothing, and ends when it is told to. */
class StandIn implements Generator {
  readonly limits = { maximumLength: 512, maximumTexts: 16 }
  readonly loaded = new Map<string, unknown>()
  readonly running: { prompt: readonly number[], end: (error?: Error) => void }[] = []
  isClosed = false

  load(name: string, adapter: unknown): Promise<void> { return Promise.resolve(void this.loaded.set(name, adapter)) }
  unload(name: string): Promise<void> { return Promise.resolve(void this.loaded.delete(name)) }
  useDraft(): Promise<void> { return Promise.reject(new Error('not asked here')) }
  useCorpus(): ReturnType<Generator['useCorpus']> { return Promise.reject(new Error('not asked here')) }
  remember(): void { throw new Error('not asked here') }
  statistics(): ReturnType<Generator['statistics']> {
    const counts = { waiting: 0, batchSize: 1, prefixCacheBytes: 1, promptTokens: 1, cachedTokens: 1, outputTokens: 1, drafted: 1, accepted: 1, targetCalls: 1 }
    return Promise.resolve({ running: this.running.length, ...counts, speculation: {} })
  }

  close(): Promise<void> { return Promise.resolve(void (this.isClosed = true)) }
  generate({ prompt }: GenerationJob): Promise<GenerationResult> {
    return new Promise((resolve, reject) => {
      const one = { prompt, end: (error?: Error): void => {
        this.running.splice(this.running.indexOf(one), 1)
        if (error) reject(error)
        else resolve(result)
      } }
      this.running.push(one)
    })
  }
}

async function team(most: number, open?: (opened: readonly StandIn[]) => Promise<StandIn>): Promise<{ readonly generator: Generator, readonly members: StandIn[], readonly counts: () => number[] }> {
  const members: StandIn[] = []
  const generator = await openTeam(setup, most, async () => {
    const one = await (open?.(members) ?? Promise.resolve(new StandIn()))
    members.push(one)
    return one
  })
  return { generator, members, counts: () => members.map(({ running }) => running.length) }
}

test('few texts have one generator, many open further ones and are shared among them', async (t) => {
  const { generator, members, counts } = await team(2)
  await generator.load('x', { settings: { rank: 1, alpha: 1, targets: [] }, values: new Float32Array(1) })
  for (let i = 0; i < 4; i++) void generator.generate(jobOf([i]))
  await turn()
  t.deepEqual(counts(), [4])
  void generator.generate(jobOf([4]))
  await turn()
  t.deepEqual(counts(), [5, 0])
  t.deepEqual([...members[1]!.loaded.keys()], ['x'])
  for (let i = 5; i < 16; i++) void generator.generate(jobOf([i]))
  await turn()
  t.deepEqual(counts(), [8, 8])
  t.like(await generator.statistics(), { running: 16, outputTokens: 2 })
  await generator.unload('x')
  t.deepEqual(members.map(({ loaded }) => loaded.size), [0, 0])
  // When all but few have ended, new ones go to the first again: it is the one with drafts.
  for (const member of members) while (member.running.length > 1) member.running[0]!.end()
  await turn()
  for (let i = 0; i < 3; i++) void generator.generate(jobOf([i]))
  t.deepEqual(counts(), [4, 1])
  await generator.close()
  t.true(members.every(({ isClosed }) => isClosed))
})

test('who has read the beginning of a text goes on with it, unless it has far more to do', async (t) => {
  const { generator, members, counts } = await team(2)
  const long = Array.from({ length: 100 }, (_, i) => i)
  for (let i = 0; i < 5; i++) void generator.generate(jobOf([1000 + i]))
  await turn()
  void generator.generate(jobOf(long))
  t.is(members[1]!.running[0]!.prompt, long)
  for (let i = 0; i < 6; i++) void generator.generate(jobOf([2000 + i]))
  t.deepEqual(counts(), [6, 6])
  void generator.generate(jobOf([...long, 7]))
  t.deepEqual(counts(), [6, 7])
  for (let i = 0; i < 10; i++) void generator.generate(jobOf([...long, i]))
  t.is(counts()[0]! + counts()[1]!, 23)
  t.true(Math.abs(counts()[0]! - counts()[1]!) <= 5)
  await generator.close()
})

test('where no further generator can be opened, those that there are go on', async (t) => {
  let tries = 0
  const { generator, counts } = await team(3, (opened) => {
    if (opened.length === 0) return Promise.resolve(new StandIn())
    tries += 1
    return Promise.reject(new Error('no memory'))
  })
  for (let i = 0; i < 12; i++) {
    void generator.generate(jobOf([i]))
    await turn()
  }
  t.deepEqual(counts(), [12])
  t.is(tries, 1)
  await generator.close()
})

test('a team of which one has ended is left: each closes with its last text', async (t) => {
  const { generator, members } = await team(2)
  const asked = Array.from({ length: 5 }, (_, i) => generator.generate(jobOf([i])))
  await turn()
  asked.push(generator.generate(jobOf([5])))
  members[1]!.running[0]!.end(new InferenceError('INFERENCE_WORKER_ENDED', 'it has ended'))
  await t.throwsAsync(asked[5]!, { code: 'INFERENCE_WORKER_ENDED' })
  t.false(members[0]!.isClosed)
  while (members[0]!.running.length > 0) members[0]!.running[0]!.end()
  await Promise.all(asked.slice(0, 5))
  t.true(members[0]!.isClosed)
})

test('of a team of which one has ended, those that have nothing to do close at once, and so does whoever is still being opened', async (t) => {
  let opened: ((one: StandIn) => void) | undefined
  const { generator, members } = await team(3, (others) => others.length < 2 ? Promise.resolve(new StandIn()) : new Promise((resolve) => { opened = resolve }))
  const asked = Array.from({ length: 5 }, (_, i) => generator.generate(jobOf([i])))
  await turn()
  for (let i = 5; i < 9; i++) asked.push(generator.generate(jobOf([i])))
  await turn()
  t.is(members.length, 2)
  while (members[1]!.running.length > 0) members[1]!.running[0]!.end()
  const ended = t.throwsAsync(asked[0]!, { code: 'INFERENCE_WORKER_ENDED' })
  members[0]!.running[0]!.end(new InferenceError('INFERENCE_WORKER_ENDED', 'it has ended'))
  await ended
  t.true(members[1]!.isClosed)
  const late = new StandIn()
  opened!(late)
  await turn()
  t.true(late.isClosed)
  while (members[0]!.running.length > 0) members[0]!.running[0]!.end()
  await Promise.all(asked.slice(1))
})

test('a text is the same whoever of a team writes it, with the base and with an adapter', async (t) => {
  const { tokenizer, config } = await loadCheckpoint(setup.checkpoint)
  const adapter = { rank: 2, alpha: 4, targets: ['q_proj' as const] }
  const layout = adapterLayout(config, adapter)
  const values = initialAdapter(layout, new Uint8Array(32).fill(1)).map((value, i) => value + 0.02 * Math.sin(i))
  const prompt = (bits: number): number[] => [...encodePrompt(tokenizer, `Write module inv${bits}, a ${bits}-bit inverter with input a and output y.`)]
  const jobs = Array.from({ length: 24 }, (_, i): GenerationJob => ({
    prompt: prompt(2 + i), maximumTokens: 30, stop: [], draft: i % 2 === 0 ? 'none' : 'lookup',
    sampling: i % 3 === 0 ? samplingOptions({ temperature: 0.9, seed: i }) : GREEDY, ...i % 4 === 0 ? { adapter: 'x' } : {},
  }))
  const write = async (most: number): Promise<string[]> => {
    const generator = await openTeam(setup, most)
    await generator.load('x', { settings: adapter, values })
    // The second generator is there when the first texts have come.
    if (most > 1) await Promise.all(jobs.slice(0, 8).map((one) => generator.generate(one)))
    if (most > 1) await generator.load('y', { settings: adapter, values })
    const texts = await Promise.all(jobs.map(async (one) => (await generator.generate(one)).text))
    await generator.close()
    return texts
  }
  t.deepEqual(await write(2), await write(1))
})
