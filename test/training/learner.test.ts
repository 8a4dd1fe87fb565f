import test from 'ava'

import { initialAdapter } from '../../src/adapter/index.js'
import type { ModelWorker } from '../../src/model/index.js'
import { createLearner, encodeExample, TrainingError } from '../../src/training/index.js'
import type { LearnerOptions, Progress } from '../../src/training/index.js'
import { openTinyWorker, pairs, tinyTokenizer, TINY_LAYOUT } from './tiny.js'

const tokenizer = tinyTokenizer()
const own = pairs(20).map((pair) => encodeExample(tokenizer, pair))
const replay = pairs(20, 7).map((pair) => encodeExample(tokenizer, pair))
const start = initialAdapter(TINY_LAYOUT, 1)

let worker: ModelWorker
test.before(async () => { worker = await openTinyWorker() })
test.after.always(() => worker.close())

const learner = (changes: Partial<LearnerOptions> = {}): ReturnType<typeof createLearner> => createLearner({
  worker, layout: TINY_LAYOUT, examples: own, replay, batch: { rows: 2, rowLength: 48 }, seed: 1, schedule: { rate: 1e-2, campaignRounds: 4 }, ...changes,
})

test.serial('rounds of inner steps lower the loss, count their tokens and leave their input alone', async (t) => {
  const before = start.slice()
  const trained = learner()
  let adapter = start
  const losses: number[] = []
  for (let campaignRound = 0; campaignRound < 4; campaignRound++) {
    const result = await trained.train({ adapter, campaignRound, steps: 15 })
    adapter = result.adapter
    losses.push(result.lossFirst, result.lossLast)
    t.true(result.tokens > 15 * 60 && result.tokens <= 15 * 96)
    t.true(result.completionTokens > 0 && result.completionTokens < result.tokens)
    t.is(result.skipped, 0)
  }
  t.true(losses.at(-1)! < losses[0]! / 2, losses.join(' '))
  t.deepEqual(start, before)
})

test.serial('equal seeds train equal adapters, other seeds others', async (t) => {
  const input = { adapter: start, campaignRound: 0, steps: 2 }
  const [a, b, c] = [await learner().train(input), await learner().train(input), await learner({ seed: 2 }).train(input)]
  t.deepEqual(a.adapter, b.adapter)
  t.notDeepEqual(a.adapter, c.adapter)
})

test.serial('a learner that was restored goes on as if it had never stopped', async (t) => {
  const first = learner()
  const { adapter } = await first.train({ adapter: start, campaignRound: 0, steps: 3 })
  const state = first.state()
  const second = learner()
  second.restore(Buffer.from(state))
  const input = { adapter, campaignRound: 1, steps: 2 }
  t.deepEqual((await second.train(input)).adapter, (await first.train(input)).adapter)

  second.restore(state)
  second.resetMoments()
  t.notDeepEqual((await second.train(input)).adapter, (await first.train(input)).adapter)
})

test.serial('a state that is damaged, of another version or of another adapter is refused', (t) => {
  const bytes = learner().state()
  const damaged = bytes.slice(0, -1)
  const other = createLearner({ worker, layout: { ...TINY_LAYOUT, length: TINY_LAYOUT.length + 1 }, examples: own, replay, batch: { rows: 1, rowLength: 48 }, seed: 1 })
  for (const [target, state] of [[learner(), damaged], [other, bytes], [learner(), new Uint8Array(3)], [learner(), Uint8Array.of(0xa0)]] as const) {
    t.throws(() => target.restore(state), { instanceOf: TrainingError, code: 'TRAINING_STATE_INVALID' })
  }
})

test.serial('an aborted round leaves the learner as it was', async (t) => {
  const controller = new AbortController()
  const seen: Progress[] = []
  const stopped = learner({ onProgress: (progress) => {
    seen.push(progress)
    if (progress.step === 2) controller.abort()
  } })
  const before = stopped.state()
  await t.throwsAsync(stopped.train({ adapter: start, campaignRound: 0, steps: 5, signal: controller.signal }), { instanceOf: TrainingError, code: 'TRAINING_ABORTED', message: /after 2 of 5 steps/ })
  t.is(seen.length, 2)
  t.deepEqual(stopped.state(), before)
  t.deepEqual((await stopped.train({ adapter: start, campaignRound: 0, steps: 1 })).adapter, (await learner().train({ adapter: start, campaignRound: 0, steps: 1 })).adapter)
})

test.serial('progress tells loss, gradient norm and rate of each step', async (t) => {
  const seen: Progress[] = []
  await learner({ onProgress: (progress) => seen.push(progress) }).train({ adapter: start, campaignRound: 1, steps: 3 })
  t.deepEqual(seen.map(({ step, steps, campaignRound, skipped }) => [step, steps, campaignRound, skipped]), [1, 2, 3].map((step) => [step, 3, 1, false]))
  t.true(seen.every(({ loss, gradientNorm, rate }) => loss > 0 && gradientNorm > 0 && rate > 0))
})

test.serial('an adapter that has diverged ends the round with a code and changes nothing', async (t) => {
  const trained = learner()
  const before = trained.state()
  const broken = start.map(() => NaN)
  const skipped: boolean[] = []
  await t.throwsAsync(learner({ onProgress: (progress) => skipped.push(progress.skipped) }).train({ adapter: broken, campaignRound: 0, steps: 9 }), { instanceOf: TrainingError, code: 'TRAINING_DIVERGED' })
  t.deepEqual(skipped, [true, true])
  await t.throwsAsync(trained.train({ adapter: broken, campaignRound: 0, steps: 1 }), { instanceOf: TrainingError, code: 'TRAINING_DIVERGED' })
  t.deepEqual(trained.state(), before)
})

test.serial('two rounds at once are refused', async (t) => {
  const busy = learner()
  const running = busy.train({ adapter: start, campaignRound: 0, steps: 1 })
  await t.throwsAsync(busy.train({ adapter: start, campaignRound: 0, steps: 1 }), { instanceOf: TrainingError, code: 'TRAINING_OPTIONS' })
  await running
  await t.notThrowsAsync(busy.train({ adapter: start, campaignRound: 0, steps: 1 }))
})

test('examples that fit no row are dropped and counted; none left, or no public ones, is refused', (t) => {
  const long = encodeExample(tokenizer, { specification: 's', design: 'x'.repeat(60) })
  t.deepEqual(learner({ examples: [...own, long], replay: [long, ...replay, long] }).dropped, { own: 1, replay: 2 })
  t.throws(() => learner({ examples: [long] }), { instanceOf: TrainingError, code: 'TRAINING_NO_EXAMPLES' })
  t.throws(() => learner({ replay: [long] }), { instanceOf: TrainingError, code: 'TRAINING_NO_REPLAY' })
  t.notThrows(() => learner({ replay: [], replayShare: 0 }))
})

test('settings out of range are refused by name', async (t) => {
  for (const changes of [{ replayShare: 1 }, { clipNorm: 0 }, { microBatches: 0 }, { seed: 0.5 }, { maximumSkipped: -1 }, { dropout: 1 }, { batch: { rows: 0, rowLength: 8 } }, { batch: { rows: 1, rowLength: 1.5 } }]) {
    t.throws(() => learner(changes), { instanceOf: TrainingError, code: 'TRAINING_OPTIONS' })
  }
  await t.throwsAsync(learner().train({ adapter: start, campaignRound: 0, steps: 0 }), { instanceOf: TrainingError, code: 'TRAINING_OPTIONS' })
  await t.throwsAsync(learner().train({ adapter: start.subarray(1), campaignRound: 0, steps: 1 }), { instanceOf: TrainingError, code: 'TRAINING_ADAPTER' })
})
