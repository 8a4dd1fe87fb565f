import { Worker } from 'node:worker_threads'

import test from 'ava'

import { adapterLayout, LoraSessions, ModelError, openModelWorker, randomModel, TARGETS } from '../../src/model/index.js'
import { ThreadCalls } from '../../src/model/thread-calls.js'
import { fixtureFolder, plainBatch, repeatable, SMALL_CONFIG } from './fixtures.js'

const base = randomModel(SMALL_CONFIG, repeatable(1))
const layout = adapterLayout(SMALL_CONFIG, { rank: 3, alpha: 6, targets: TARGETS })
const adapter = Float32Array.from({ length: layout.length }, repeatable(2)).map((value) => (value - 0.5) / 4)
const batch = plainBatch([[5, 6, 7, 8, 9], [1, 2, 3]])

test('a worker computes what sessions in the same thread do', async (t) => {
  const worker = await openModelWorker(base, layout, { threads: 1 })
  const sessions = new LoraSessions(base, layout, { threads: 1 })
  for (const options of [{}, { dropout: 0.2, seed: 4 }]) t.deepEqual(await worker.step(batch, adapter, options), await sessions.step(batch, adapter, options))
  t.deepEqual(await worker.score(batch, adapter), await sessions.score(batch, adapter))
  await sessions.release()
  await worker.close()
})

test('what is handed to a worker stays usable, views of a larger buffer too', async (t) => {
  const worker = await openModelWorker(base, layout, { threads: 1 })
  const large = new Float32Array(layout.length + 20)
  large.set(adapter, 10)
  const view = large.subarray(10, 10 + layout.length)
  const first = await worker.step(batch, view)
  t.deepEqual(view, adapter)
  t.is(batch.ids.length, 10)
  t.deepEqual(await worker.step(batch, adapter), first)
  await worker.close()
})

test('calls at the same time are all answered, in order, and a refused one stops none', async (t) => {
  const worker = await openModelWorker(base, layout, { threads: 1 })
  const finished: string[] = []
  const follow = (name: string, call: Promise<unknown>): Promise<unknown> => call.then(() => finished.push(name), (error: unknown) => finished.push(error instanceof ModelError ? error.code : String(error)))
  await Promise.all([
    follow('step', worker.step(batch, adapter)),
    follow('wrong', worker.step({ ...batch, rows: 7 }, adapter)),
    follow('short', worker.score(batch, adapter.subarray(1))),
    follow('score', worker.score(batch, adapter)),
  ])
  t.deepEqual(finished, ['step', 'MODEL_BATCH_INVALID', 'MODEL_ADAPTER_LENGTH', 'score'])
  await worker.close()
})

test('a worker reads a model folder itself', async (t) => {
  const folder = fixtureFolder('tied-f32')
  const own = { ...SMALL_CONFIG, hiddenSize: 32, headSize: 8, keyValueHeads: 4, intermediateSize: 64 }
  const settings = adapterLayout(own, { rank: 2, alpha: 4, targets: ['q_proj'] })
  const worker = await openModelWorker(folder, settings, { threads: 1 })
  const { logProbability, best } = await worker.score(batch, new Float32Array(settings.length))
  t.is(logProbability.length, 10)
  t.true(logProbability.every((value) => value < 0))
  t.true(best.every((id) => id >= 0 && id < 304))
  await worker.close()
})

test('a folder that cannot be read is refused with the code of the reason', async (t) => {
  await t.throwsAsync(openModelWorker('/nowhere/at/all', layout, { threads: 1 }), { instanceOf: ModelError, code: 'MODEL_FILE_MISSING', message: /config\.json/ })
})

test('closing a worker refuses what is under way and what comes later', async (t) => {
  const worker = await openModelWorker(base, layout, { threads: 1 })
  const pending = t.throwsAsync(worker.step(batch, adapter), { instanceOf: ModelError, code: 'MODEL_CLOSED' })
  await worker.close()
  await pending
  await t.throwsAsync(worker.score(batch, adapter), { instanceOf: ModelError, code: 'MODEL_CLOSED' })
  await worker.close()
})

for (const [how, what] of [['throws', 'throw'], ['leaves', 'leave']] as const) {
  test(`a thread that ${how} refuses pending calls and later ones`, async (t) => {
    const calls = new ThreadCalls(new Worker(new URL('ending-thread.js', import.meta.url)))
    t.is(await calls.call({ what: 'answer' }), 0)
    await t.throwsAsync(calls.call({ what: 'refuse' }), { instanceOf: ModelError, code: 'MODEL_BATCH_INVALID', message: 'no' })
    const pending = [{ what: 'wait' }, { what }].map((request) => t.throwsAsync(calls.call(request), { instanceOf: ModelError, code: 'MODEL_WORKER_CRASHED' }))
    await Promise.all(pending)
    await t.throwsAsync(calls.call({ what: 'answer' }), { instanceOf: ModelError, code: 'MODEL_WORKER_CRASHED' })
    await calls.close()
  })
}
