import test from 'ava'
import fc from 'fast-check'

import { lookupDraft } from '../../src/inference/drafts/lookup-draft.js'
import { DraftLength, GREEDY, InferenceError, samplingOptions, SpeculationSwitch } from '../../src/inference/index.js'
import type { DecodeSummary, Draft } from '../../src/inference/index.js'
import { createRandom } from '../../src/telemetry/index.js'
import { decode } from './decode.js'
import type { DecodeRequest } from './decode.js'
import { tableModel } from './table-model.js'
import type { Target } from './target.js'

const VOCABULARY = 6
const END = 5
/** The texts here are shorter than what it takes to find out that drafting pays. */
const ALWAYS_ON = { isOn: true, spent: () => undefined }

async function run(seed: number, request: Partial<DecodeRequest>): Promise<{ tokens: number[], summary: DecodeSummary, calls: number }> {
  const model = tableModel(VOCABULARY, seed)
  const steps = decode(model, { prompt: [1, 2], maximumTokens: 40, endIds: [END], sampling: GREEDY, speculation: ALWAYS_ON, ...request })
  const tokens: number[] = []
  for (;;) {
    const step = await steps.next()
    if (step.done) return { tokens, summary: step.value, calls: model.calls }
    tokens.push(...step.value.tokens)
  }
}

/** Proposes at random: right by chance only. */
function randomDraft(seed: number, longest: number): Draft {
  const random = createRandom(seed)
  return {
    name: 'random',
    propose(_tokens, maximum) {
      const length = Math.min(maximum, Math.floor(random() * (longest + 1)))
      return { by: 'random', tokens: Array.from({ length }, () => Math.floor(random() * VOCABULARY)), confidence: Array.from({ length }, () => 0.9), matched: length }
    },
  }
}

/** A clock that says that a call costs the same whatever its size, so that speculation always seems worth it. */
function steadyClock(): () => number {
  let time = 0
  return () => { time += 1; return time }
}

test('greedy output is the same whatever a draft proposes', async (t) => {
  await fc.assert(fc.asyncProperty(fc.nat(10_000), fc.nat(10_000), fc.nat(8), async (model, draft, longest) => {
    const plain = await run(model, {})
    const speculative = await run(model, { draft: randomDraft(draft, longest), now: steadyClock() })
    t.deepEqual(speculative.tokens, plain.tokens)
    t.is(speculative.summary.finish, plain.summary.finish)
  }), { numRuns: 150 })
})

test('no call that writes goes beyond what the target computes exactly, request after request', async (t) => {
  const model = tableModel(VOCABULARY, 11)
  const sizes: number[] = []
  // As a session does: results are exact up to the end of a block of eight tokens.
  const target: Target = {
    vocabularySize: VOCABULARY,
    get length() { return model.length },
    get exactRoom() { return 8 - model.length % 8 },
    forward: (ids) => model.forward(ids),
    forwardGreedy: (ids) => {
      if (model.length >= 2) t.true(ids.length <= 8 - model.length % 8, `${ids.length} tokens at ${model.length}`)
      sizes.push(ids.length)
      return model.forwardGreedy(ids)
    },
    truncate: (length) => model.truncate(length),
  }
  for (const prompt of [[1, 2, 3], [2, 1, 0, 3, 4, 1]]) {
    const steps = decode(target, { prompt, maximumTokens: 60, endIds: [], sampling: GREEDY, draft: lookupDraft, speculation: ALWAYS_ON, now: steadyClock() })
    while ((await steps.next()).done !== true);
  }
  t.true(sizes.some((size) => size > 2), 'drafts were checked')
})

test('a draft that the target agrees with saves calls', async (t) => {
  // Without an end token a table model runs into a loop, which lookup predicts.
  const plain = await run(11, { endIds: [], maximumTokens: 200 })
  const speculative = await run(11, { endIds: [], maximumTokens: 200, draft: lookupDraft, now: steadyClock() })
  t.deepEqual(speculative.tokens, plain.tokens)
  t.true(speculative.calls < plain.calls / 2, `${speculative.calls} calls against ${plain.calls}`)
  t.is(speculative.summary.tokens, 200)
})

test('sampling with a draft has the distribution of sampling without', async (t) => {
  const sampling = samplingOptions({ temperature: 2.5, topP: 0.98 })
  const runs = 6000
  const count = async (draft: (i: number) => Draft | undefined, offset: number): Promise<Map<string, number>> => {
    const counts = new Map<string, number>()
    for (let i = 0; i < runs; i++) {
      const drafted = draft(i)
      const { tokens } = await run(5, { maximumTokens: 3, sampling: { ...sampling, seed: i + offset }, now: steadyClock(), ...(drafted ? { draft: drafted } : {}) })
      counts.set(tokens.join(), (counts.get(tokens.join()) ?? 0) + 1)
    }
    return counts
  }
  const plain = await count(() => undefined, 0)
  const speculative = await count((i) => randomDraft(i, 3), 1_000_000)
  // Two-sample chi-square over outcomes that are frequent enough; for k degrees of freedom the mean is k and the deviation sqrt(2k).
  const outcomes = [...new Set([...plain.keys(), ...speculative.keys()])].filter((key) => (plain.get(key) ?? 0) + (speculative.get(key) ?? 0) >= 20)
  const chiSquare = outcomes.reduce((sum, key) => {
    const [x, y] = [plain.get(key) ?? 0, speculative.get(key) ?? 0]
    return sum + (x - y) ** 2 / (x + y)
  }, 0)
  t.true(outcomes.length > 20)
  t.true(chiSquare < outcomes.length + 4 * Math.sqrt(2 * outcomes.length), `chi-square ${chiSquare.toFixed(1)} over ${outcomes.length} outcomes`)
})

test('sampled text is the same whatever a draft proposes', async (t) => {
  await fc.assert(fc.asyncProperty(fc.nat(10_000), fc.nat(10_000), fc.nat(8), fc.nat(10_000), async (model, draft, longest, seed) => {
    const sampling = samplingOptions({ temperature: 1.5, topP: 0.95, seed })
    const plain = await run(model, { sampling })
    const speculative = await run(model, { sampling, draft: randomDraft(draft, longest), now: steadyClock() })
    t.deepEqual(speculative.tokens, plain.tokens)
  }), { numRuns: 150 })
})

test('the same seed draws the same text and another seed another', async (t) => {
  const sampling = samplingOptions({ temperature: 1.5, seed: 7 })
  const first = await run(3, { sampling, endIds: [] })
  t.deepEqual((await run(3, { sampling, endIds: [] })).tokens, first.tokens)
  t.notDeepEqual((await run(3, { sampling: { ...sampling, seed: 8 }, endIds: [] })).tokens, first.tokens)
})

test('speculation switches itself off where a longer call costs as much as the tokens it may save', (t) => {
  const length = new DraftLength(8)
  for (let size = 1; size <= 9; size++) length.measured(size, size)
  for (let i = 0; i < 50; i++) length.settled({ by: 'a draft', tokens: [0, 0], confidence: [0.9, 0.9], matched: 2 }, 2, 0)
  t.is(length.choose({ by: 'a draft', tokens: [0, 0], confidence: [0.9, 0.9], matched: 2 }).length, 0)
})

test('a draft that is often right is checked at length where calls are cheap', (t) => {
  const length = new DraftLength(8)
  length.measured(1, 10)
  length.measured(9, 12)
  t.is(length.choose({ by: 'a draft', tokens: Array.from({ length: 8 }, () => 0), confidence: Array.from({ length: 8 }, () => 0.99), matched: 8 }).length, 8)
})

test('drafting rests while text comes faster without it, is tried again ever more seldom, and goes on where it pays', (t) => {
  const calls = (tokensWithDrafts: number, count: number): number[] => {
    const speculation = new SpeculationSwitch()
    // A call costs 1 ms, and 2 ms with a draft.
    return Array.from({ length: count }, () => {
      const on = speculation.isOn
      speculation.spent(on ? tokensWithDrafts : 1, on ? 2 : 1)
      return on ? 1 : 0
    })
  }
  const share = (one: readonly number[]): number => one.reduce((sum, on) => sum + on, 0) / one.length
  const losing = calls(1.2, 4000)
  t.true(share(losing) < 0.08)
  t.true(share(losing.slice(2000)) > 0, 'it is still tried')
  t.true(share(calls(3, 4000)) > 0.95)
})

test('trying drafts again costs below two parts in a hundred where they lose, and finds out where they pay again', (t) => {
  const speculation = new SpeculationSwitch()
  const call = (tokensWithDrafts: number): { readonly tokens: number, readonly milliseconds: number } => {
    const spent = speculation.isOn ? { tokens: tokensWithDrafts, milliseconds: 2 } : { tokens: 1, milliseconds: 1 }
    speculation.spent(spent.tokens, spent.milliseconds)
    return spent
  }
  const rate = (tokensWithDrafts: number, count: number): number => {
    const all = Array.from({ length: count }, () => call(tokensWithDrafts))
    return all.reduce((sum, { tokens }) => sum + tokens, 0) / all.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  }
  t.true(rate(4, 1000) > 1.9)
  rate(1, 200)
  const losing = rate(1, 5000)
  t.true(losing > 0.98, `${losing} of the tokens a millisecond`)
  rate(4, 600)
  t.true(rate(4, 1000) > 1.9)
})

test('the number of tokens is never exceeded, and the end token is not part of the text', async (t) => {
  await fc.assert(fc.asyncProperty(fc.nat(1000), fc.integer({ min: 1, max: 30 }), async (seed, maximumTokens) => {
    const { tokens, summary } = await run(seed, { maximumTokens, draft: randomDraft(seed, 8), now: steadyClock() })
    t.true(tokens.length <= maximumTokens)
    t.false(tokens.includes(END))
    t.is(summary.tokens, tokens.length)
    t.true(summary.finish === 'end' || tokens.length === maximumTokens)
  }), { numRuns: 100 })
})

test('an empty prompt, a cancelled request and diverged weights are refused with a code', async (t) => {
  await t.throwsAsync(run(1, { prompt: [] }), { instanceOf: InferenceError, code: 'INFERENCE_PROMPT_EMPTY' })
  await t.throwsAsync(run(1, { signal: AbortSignal.abort() }), { instanceOf: InferenceError, code: 'INFERENCE_ABORTED' })
  const broken = { ...tableModel(VOCABULARY, 1), forward: () => Promise.resolve(new Float32Array(VOCABULARY).fill(NaN)) }
  const steps = decode(broken, { prompt: [1], maximumTokens: 1, endIds: [], sampling: samplingOptions({ temperature: 1 }) })
  await t.throwsAsync(steps.next(), { instanceOf: InferenceError, code: 'INFERENCE_LOGITS_NOT_FINITE' })
})
