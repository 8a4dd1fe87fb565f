import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'

import {
  buildDistillingGraph, createSession, decodeDraft, encodeDraft, floats, floatsOf, freshDraft, integers, ModelError, randomModel, recurrentLayout, recurrentTensors,
  RecurrentDraftError, RecurrentSession, runSession, type RecurrentDraft, type RecurrentShape,
} from '../../src/model/index.js'
import { encodeCanonical } from '../../src/config/index.js'
import { repeatable, SMALL_CONFIG } from './fixtures.js'

const BASE = 'ab'.repeat(32)
const base = randomModel(SMALL_CONFIG, repeatable(1))
const { hiddenSize, normEpsilon } = SMALL_CONFIG
const shape: RecurrentShape = { vocabulary: Int32Array.from({ length: 40 }, (_, i) => i + 3 * Math.floor(i / 2) % 21).sort().filter((id, i, all) => id !== all[i - 1]), stateSize: 20, innerSize: 36 }

const uniform = (length: number, seed: number, spread = 1): Float32Array => Float32Array.from({ length }, repeatable(seed)).map((value) => (2 * value - 1) * spread)

/** A draft all of whose values do something. */
function busyDraft(seed: number, of: RecurrentShape = shape): RecurrentDraft {
  const draft = freshDraft(base, of, repeatable(seed))
  const { down, stateNorm, outputNorm } = recurrentTensors(draft, SMALL_CONFIG)
  down.set(uniform(down.length, seed + 1, 0.5))
  stateNorm.set(uniform(stateNorm.length, seed + 2).map((value) => value + 1.5))
  outputNorm.set(uniform(outputNorm.length, seed + 3).map((value) => value + 1.5))
  return draft
}

const multiplied = (matrix: Float32Array, x: Float32Array): Float32Array => Float32Array.from({ length: matrix.length / x.length }, (_, row) => x.reduce((sum, value, i) => sum + value * matrix[row * x.length + i]!, 0))

function normed(x: Float32Array, weight: Float32Array): Float32Array {
  const scale = 1 / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length + normEpsilon)
  return x.map((value, i) => value * scale * weight[i]!)
}

/** The probabilities of a draft's vocabulary after each of some tokens, as its docstring says. */
function plainProbabilities(draft: RecurrentDraft, hidden: Float32Array, tokens: readonly number[]): Float32Array[] {
  const of = recurrentTensors(draft, SMALL_CONFIG)
  const table = base.weights.get('model.embed_tokens.weight')!
  let state = multiplied(of.start, hidden)
  return tokens.map((token) => {
    const x = multiplied(of.input, table.subarray(token * hiddenSize, (token + 1) * hiddenSize))
    const n = normed(state, of.stateNorm)
    const both = (a: Float32Array, b: Float32Array): Float32Array => multiplied(a, n).map((value, i) => value + multiplied(b, x)[i]!)
    const up = both(of.upState, of.upInput)
    const change = multiplied(of.down, both(of.gateState, of.gateInput).map((gate, i) => gate / (1 + Math.exp(-gate)) * up[i]!))
    state = state.map((value, i) => value + change[i]!)
    const logits = multiplied(of.output, multiplied(of.projection, normed(state, of.outputNorm)))
    const largest = Math.max(...logits)
    const shares = logits.map((logit) => Math.exp(logit - largest))
    const sum = shares.reduce((total, share) => total + share, 0)
    return shares.map((share) => share / sum)
  })
}

async function open(t: ExecutionContext, draft: RecurrentDraft, length: number): Promise<RecurrentSession> {
  const session = await RecurrentSession.create(base, draft, { length, threads: 1 })
  t.teardown(() => session.release())
  return session
}

test('the gradient of a draft is that of finite differences', async (t) => {
  const small = { vocabulary: Int32Array.of(2, 5, 9, 11, 30), stateSize: 4, innerSize: 5 }
  const [rows, steps] = [2, 3]
  const draft = busyDraft(3, small)
  const { tensors, length } = recurrentLayout(small, hiddenSize)
  const session = await createSession(buildDistillingGraph(SMALL_CONFIG, small, { rows, steps }).model, { threads: 1 })
  const views = recurrentTensors(draft, SMALL_CONFIG)
  const run = async (): Promise<{ loss: number, gradient: Float32Array }> => {
    const outputs = await runSession(session, {
      hidden: floats(uniform(rows * hiddenSize, 5), [rows, hiddenSize]),
      labels: integers(Int32Array.of(0, 1, 4, 4, 2, 3), [rows * steps]),
      weights: floats(Float32Array.of(0.3, 0.1, 0.2, 0, 0.5, 0.4), [rows * steps, 1]),
      ...Object.fromEntries(Array.from({ length: steps }, (_, i) => [`embedded.${i}`, floats(uniform(rows * hiddenSize, 7 + i), [rows, hiddenSize])])),
      ...Object.fromEntries(tensors.map(({ name, shape: sizes }) => [name, floats(views[name], sizes)])),
    })
    return { loss: floatsOf(outputs, 'loss')[0]!, gradient: floatsOf(outputs, 'gradient').slice() }
  }
  const { gradient } = await run()
  t.is(gradient.length, length)
  for (const { name, offset, length: count } of tensors) {
    const largest = gradient.subarray(offset, offset + count).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    t.true(largest > 0, `${name} has no gradient`)
    for (let i = offset; i < offset + count; i += 1 + Math.floor(count / 40)) {
      const before = draft.values[i]!
      const lossAt = async (value: number): Promise<number> => {
        draft.values[i] = value
        return (await run()).loss
      }
      const difference = (await lossAt(before + 1e-2) - await lossAt(before - 1e-2)) / 2e-2
      draft.values[i] = before
      t.true(Math.abs(difference - gradient[i]!) < 1e-2 * largest + 2e-5, `${name}[${i - offset}]: ${gradient[i]} instead of ${difference}`)
    }
  }
  await session.release()
})

test('a proposal is what the recurrence says, within 8 bits', async (t) => {
  const length = 5
  for (const seed of [11, 12, 13]) {
    const draft = busyDraft(seed)
    const session = await open(t, draft, length)
    // Some tokens can be proposed, some cannot.
    for (const token of [shape.vocabulary[4]!, 60, 0]) {
      const hidden = uniform(hiddenSize, seed + token, 2)
      const { tokens, confidence } = await session.propose(hidden, token)
      t.is(tokens.length, length)
      const expected = plainProbabilities(draft, hidden, [token, ...tokens.slice(0, -1)])
      tokens.forEach((id, i) => {
        const place = shape.vocabulary.indexOf(id)
        t.true(place >= 0)
        t.true(Math.abs(expected[i]![place]! - confidence[i]!) < 0.05, `step ${i}: ${confidence[i]} instead of ${expected[i]![place]}`)
        t.true(expected[i]![place]! > Math.max(...expected[i]!) - 0.05)
      })
    }
  }
  t.false(shape.vocabulary.includes(60))
})

test('a proposal depends on no call before it, and a longer one begins as a shorter', async (t) => {
  const draft = busyDraft(21)
  const [short, long] = [await open(t, draft, 3), await open(t, draft, 7)]
  const questions = Array.from({ length: 6 }, (_, i) => ({ hidden: uniform(hiddenSize, 30 + i, 2), token: 7 * i }))
  const answers = []
  for (const { hidden, token } of questions) answers.push(await long.propose(hidden, token))
  t.true(new Set(answers.map(({ tokens }) => tokens.join())).size > 1)
  for (const i of [3, 0, 5, 5, 1]) {
    const { hidden, token } = questions[i]!
    t.deepEqual(await long.propose(hidden, token), answers[i])
    t.deepEqual((await short.propose(hidden, token)).tokens, answers[i]!.tokens.slice(0, 3))
  }
})

test('what does not fit is refused', async (t) => {
  const draft = busyDraft(31)
  const session = await open(t, draft, 2)
  await t.throwsAsync(session.propose(new Float32Array(hiddenSize + 1), 1), { instanceOf: ModelError, code: 'MODEL_BATCH_INVALID' })
  for (const token of [-1, SMALL_CONFIG.vocabularySize, NaN, 1.5]) {
    await t.throwsAsync(session.propose(new Float32Array(hiddenSize), token), { instanceOf: ModelError, code: 'MODEL_TOKEN_UNKNOWN' })
  }
  const refused = { instanceOf: RecurrentDraftError, code: 'RECURRENT_DRAFT_SHAPE' }
  for (const length of [0, 1.5, 1000]) await t.throwsAsync(RecurrentSession.create(base, draft, { length, threads: 1 }), refused)
  await t.throwsAsync(RecurrentSession.create(base, { shape, values: draft.values.slice(1) }, { length: 2, threads: 1 }), refused)
  const beyond = { ...shape, vocabulary: Int32Array.of(1, SMALL_CONFIG.vocabularySize) }
  await t.throwsAsync(RecurrentSession.create(base, { shape: beyond, values: new Float32Array(recurrentLayout(beyond, hiddenSize).length) }, { length: 2, threads: 1 }), refused)
  for (const wrong of [{ stateSize: 0 }, { innerSize: 2.5 }, { stateSize: 1e9 }, { vocabulary: new Int32Array(0) }, { vocabulary: Int32Array.of(3, 3) }, { vocabulary: Int32Array.of(4, 3) }, { vocabulary: Int32Array.of(-1, 3) }]) {
    t.throws(() => recurrentLayout({ ...shape, ...wrong }, hiddenSize), refused)
  }
})

test('a draft that goes on from another keeps what that has learnt, and takes the target\'s rows for tokens that are new', (t) => {
  const before = busyDraft(41)
  before.values.forEach((value, i) => { before.values[i] = value + 1 })
  const wider = { ...shape, vocabulary: Int32Array.of(...shape.vocabulary.filter((_, i) => i % 3 > 0), 59, 60) }
  const [after, old] = [freshDraft(base, wider, repeatable(42), before), recurrentTensors(before, SMALL_CONFIG)]
  const parts = recurrentTensors(after, SMALL_CONFIG)
  for (const name of ['start', 'input', 'stateNorm', 'gateState', 'gateInput', 'upState', 'upInput', 'down', 'outputNorm', 'projection'] as const) t.deepEqual(parts[name], old[name])
  const row = (table: Float32Array, at: number): Float32Array => table.slice(at * hiddenSize, (at + 1) * hiddenSize)
  wider.vocabulary.forEach((id, at) => {
    const expected = shape.vocabulary.includes(id) ? row(old.output, shape.vocabulary.indexOf(id)) : row(base.weights.get('model.embed_tokens.weight')!, id)
    t.deepEqual(row(parts.output, at), expected)
  })
  t.deepEqual(freshDraft(base, { ...wider, innerSize: 35 }, repeatable(42), before), freshDraft(base, { ...wider, innerSize: 35 }, repeatable(42)))
})

test('a file gives a draft back, rounded to f16, and then the same file', (t) => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(200_000), { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.nat(), (ids, stateSize, innerSize, seed) => {
    const of = { vocabulary: Int32Array.from(ids).sort(), stateSize, innerSize }
    const values = uniform(recurrentLayout(of, 6).length, seed, 8)
    const bytes = encodeDraft({ shape: of, values }, { base: BASE, hiddenSize: 6 })
    // As part of a larger buffer, at an odd place.
    const within = Buffer.concat([Buffer.from([1]), bytes, Buffer.from([2])]).subarray(1, -1)
    const { draft, origin } = decodeDraft(within)
    t.deepEqual(origin, { base: BASE, hiddenSize: 6 })
    t.deepEqual(draft.shape, of)
    t.true(draft.values.every((value, i) => Math.abs(value - values[i]!) <= Math.abs(values[i]!) * 2 ** -11 + 2 ** -25))
    t.deepEqual(encodeDraft(draft, origin), bytes)
  }), { numRuns: 50 })
})

test('files and drafts that are none are refused', (t) => {
  const tiny = { vocabulary: Int32Array.of(1, 4), stateSize: 2, innerSize: 3 }
  const values = uniform(recurrentLayout(tiny, 5).length, 51)
  const bytes = encodeDraft({ shape: tiny, values }, { base: BASE, hiddenSize: 5 })
  const is = (code: string) => ({ instanceOf: RecurrentDraftError, code })
  for (const broken of [NaN, Infinity, -65_520]) t.throws(() => encodeDraft({ shape: tiny, values: values.with(3, broken) }, { base: BASE, hiddenSize: 5 }), is('RECURRENT_DRAFT_NOT_FINITE'))
  t.throws(() => encodeDraft({ shape: tiny, values }, { base: BASE, hiddenSize: 6 }), is('RECURRENT_DRAFT_SHAPE'))
  t.throws(() => encodeDraft({ shape: tiny, values }, { base: 'x', hiddenSize: 5 }), is('RECURRENT_DRAFT_FILE_INVALID'))
  const ids = (...all: number[]): Uint8Array => new Uint8Array(Int32Array.from(all).buffer)
  const halves = bytes.slice(-2 * values.length)
  const file = (changes: Readonly<Record<number, unknown>> = {}): Uint8Array => encodeCanonical(Object.assign([1, BASE, 5, 2, 3, ids(1, 4), halves], changes))
  t.deepEqual(file(), bytes)
  t.throws(() => decodeDraft(file({ 0: 2 })), is('RECURRENT_DRAFT_FILE_VERSION'))
  const notANumber = halves.slice()
  notANumber.set([0, 0x7e], 4)
  for (const changes of [{ 1: 'ab' }, { 2: 6 }, { 3: 0 }, { 4: 2 ** 40 }, { 5: ids(4, 1) }, { 5: ids(1, 1) }, { 5: ids(-1, 1) }, { 5: ids(1) }, { 5: ids(1, 4).slice(1) }, { 6: halves.slice(2) }, { 6: notANumber }, { 7: 0 }]) {
    t.throws(() => decodeDraft(file(changes)), is('RECURRENT_DRAFT_FILE_INVALID'), JSON.stringify(changes))
  }
  for (let length = 0; length < bytes.length; length++) t.throws(() => decodeDraft(bytes.subarray(0, length)), is('RECURRENT_DRAFT_FILE_INVALID'))
  t.throws(() => decodeDraft(new Uint8Array(65 * 2 ** 20)), is('RECURRENT_DRAFT_FILE_INVALID'))
})
