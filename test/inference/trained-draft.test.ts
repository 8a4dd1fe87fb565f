import test from 'ava'
import fc from 'fast-check'

import { Asking } from '../../src/inference/decoding/asking.js'
import { NOTHING } from '../../src/inference/drafts/draft.js'
import type { Draft, Proposal, TrainedDraft } from '../../src/inference/drafts/draft.js'
import { lookupDraft } from '../../src/inference/drafts/lookup-draft.js'
import { trainedDraft } from '../../src/inference/drafts/trained-draft.js'
import { GREEDY, samplingOptions } from '../../src/inference/index.js'
import { createRandom } from '../../src/telemetry/index.js'
import { decode } from './decode.js'
import type { DecodeRequest } from './decode.js'
import { tableModel } from './table-model.js'

const VOCABULARY = 6
const ALWAYS_ON = { isOn: true, spent: () => undefined }

async function write(seed: number, request: Partial<DecodeRequest>, vocabulary = VOCABULARY): Promise<{ tokens: number[], calls: number }> {
  const model = tableModel(vocabulary, seed)
  const tokens: number[] = []
  for await (const step of decode(model, { prompt: [1, 2], maximumTokens: 40, endIds: [], sampling: GREEDY, speculation: ALWAYS_ON, ...request })) tokens.push(...step.tokens)
  return { tokens, calls: model.calls }
}

/** Each call takes as long. */
function steadyClock(): () => number {
  let time = 0
  return () => { time += 1; return time }
}

/** Knows the model's text from a run before, and forgets some of it. */
function knowing(text: readonly number[], seed: number, wrong: number): TrainedDraft & { asked: number } {
  const random = createRandom(seed)
  const draft = {
    name: 'knowing',
    asked: 0,
    propose(_hidden: Float32Array, token: number): Promise<Proposal> {
      draft.asked += 1
      const at = text.indexOf(token)
      const tokens = text.slice(at + 1, at + 7).map((one) => random() < wrong ? Math.floor(random() * VOCABULARY) : one)
      return Promise.resolve({ by: 'knowing', tokens, confidence: tokens.map(() => 0.9), matched: 8 })
    },
  }
  return draft
}

const silent: Draft = { name: 'silent', propose: () => NOTHING }

test('whatever a trained draft proposes, what is written is what the model alone writes', async (t) => {
  await fc.assert(fc.asyncProperty(fc.nat(10_000), fc.nat(10_000), fc.boolean(), async (model, seed, isGreedy) => {
    const sampling = isGreedy ? GREEDY : samplingOptions({ temperature: 1, seed })
    const plain = await write(model, { sampling })
    const drafted = await write(model, { sampling, draft: lookupDraft, trained: knowing(plain.tokens, seed, 0.3), now: steadyClock() })
    t.deepEqual(drafted.tokens, plain.tokens)
  }), { numRuns: 100 })
})

test('a trained draft is given the state from which the last token was chosen', async (t) => {
  let asked = 0
  const watching: TrainedDraft = {
    name: 'watching',
    propose(hidden, token) {
      asked += 1
      // The table model's states are its logits.
      t.is(hidden.indexOf(Math.max(...hidden)), token)
      const tokens = [token, 0, 1, 2]
      return Promise.resolve({ by: 'watching', tokens, confidence: tokens.map(() => 0.9), matched: 4 })
    },
  }
  await fc.assert(fc.asyncProperty(fc.nat(10_000), async (model) => {
    await write(model, { draft: lookupDraft, trained: watching, now: steadyClock() })
  }), { numRuns: 50 })
  t.true(asked > 500)
})

test('a trained draft that knows the text spares most calls, also where the others know nothing', async (t) => {
  const plain = await write(5, {}, 128)
  // The table's states repeat after some tokens; only what comes before is told apart by its token.
  const twice = plain.tokens.findIndex((token, at) => plain.tokens.indexOf(token) < at)
  const once = plain.tokens.slice(0, twice)
  t.true(once.length >= 8)
  const trained = knowing(once, 1, 0)
  const drafted = await write(5, { draft: silent, trained, maximumTokens: once.length, now: steadyClock() }, 128)
  t.deepEqual(drafted.tokens, once)
  t.true(trained.asked > 0)
  t.true(drafted.calls < once.length / 2)
})

test('where asking does not pay, it is asked seldom, and where it pays again, always', (t) => {
  const asking = new Asking()
  const other: Proposal = { by: 'lookup', tokens: [1], confidence: [0.9], matched: 3 }
  const ask = (times: number, gain: number): number => {
    let asked = 0
    for (let i = 0; i < times; i++) {
      if (!asking.pays(other)) continue
      asked += 1
      asking.brought(other, gain)
    }
    return asked
  }
  t.is(ask(100, 0.1), 100)
  // It is found out after some tries; then one call in 33 looks again.
  ask(400, -1)
  const seldom = ask(330, -1)
  t.is(seldom, 10)
  ask(3000, 1)
  t.is(ask(100, 1), 100)
  t.true(asking.pays({ ...other, matched: 16 }), 'another class of proposals is judged by itself')
})

test('what is expected to be accepted of a proposal stands for the length of its match', async (t) => {
  const session = (confidence: readonly number[]): Pick<Parameters<typeof trainedDraft>[0], 'propose'> => ({
    propose: () => Promise.resolve({ tokens: Int32Array.from(confidence, (_, i) => i), confidence: Float32Array.from(confidence) }),
  })
  const matched = async (confidence: readonly number[]): Promise<number> => (await trainedDraft(session(confidence)).propose(new Float32Array(1), 0)).matched
  t.is(await matched([1, 1, 1, 1]), 8)
  t.is(await matched([0.5, 0.5]), 2)
  t.is(await matched([0, 1, 1, 1]), 1)
  const { confidence } = await trainedDraft(session([0, 1])).propose(new Float32Array(1), 0)
  t.true(confidence.every((one) => one > 0 && one < 1))
})
