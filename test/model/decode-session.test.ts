import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'

import {
  adapterLayout, BatchDecodeSession, CacheMemory, DecodeSession, LoraSessions, ModelError, randomModel, TARGETS, type LlamaConfig, type Quantization,
} from '../../src/model/index.js'
import { plainBatch, relativeError, repeatable, SMALL_CONFIG } from './fixtures.js'

const base = randomModel(SMALL_CONFIG, repeatable(1))
const layout = adapterLayout(SMALL_CONFIG, { rank: 3, alpha: 6, targets: TARGETS })
const adapter = Float32Array.from({ length: layout.length }, repeatable(2)).map((value) => (value - 0.5) / 2)
const text = Array.from({ length: 60 }, repeatable(3)).map((value) => Math.floor(value * SMALL_CONFIG.vocabularySize))

/** What a cache leaves is as bad as can be for the next. */
class SpoiledMemory extends CacheMemory {
  override give(values: Float32Array): void {
    super.give(values.fill(NaN))
  }
}

async function open(t: ExecutionContext, quantization: Quantization = 'f32', maximumLength = 128): Promise<DecodeSession> {
  const session = await DecodeSession.create(base, { quantization, threads: 1, maximumLength, layout, adapter })
  t.teardown(() => session.release())
  return session
}

/** log p of each next token of a text, from the logits before it. */
function logProbabilities(logits: Float32Array, ids: readonly number[], { vocabularySize }: LlamaConfig): Float32Array {
  return Float32Array.from({ length: ids.length - 1 }, (_, i) => {
    const row = logits.subarray(i * vocabularySize, (i + 1) * vocabularySize)
    const largest = Math.max(...row)
    return row[ids[i + 1]!]! - largest - Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0))
  })
}

test('a session predicts what scoring the whole text with its adapter says', async (t) => {
  const session = await open(t)
  const sessions = new LoraSessions(base, layout, { threads: 1 })
  const { logProbability } = await sessions.score(plainBatch([text]), adapter)
  const found = logProbabilities(await session.forward(text), text, SMALL_CONFIG)
  t.true(relativeError(found, logProbability.subarray(0, text.length - 1)) < 1e-5)
  await sessions.release()
})

/** How products are held, and whether 8 bits are in whole rows. */
const HELD = [['f32', 'f32', false], ['q8 in blocks', 'q8', false], ['q8 in whole rows', 'q8', true], ['q4', 'q4', false]] as const

for (const quantization of ['f32', 'q8', 'q4'] as const) {
  test(`${quantization}: however a text is cut into calls, the predictions are the same`, async (t) => {
    const session = await open(t, quantization)
    const whole = await session.forward(text)
    const greedy = whole.length / SMALL_CONFIG.vocabularySize
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 }), async (cuts) => {
      session.truncate(0)
      const parts: number[] = []
      for (let at = 0, i = 0; at < text.length; i++) {
        const part = text.slice(at, at + cuts[i % cuts.length]!)
        parts.push(...await session.forward(part))
        at += part.length
        t.is(session.length, at)
      }
      t.true(relativeError(Float32Array.from(parts), whole) < 1e-5)
    }), { numRuns: 8 })
    t.is(greedy, text.length)
  })
}

for (const [what, heads] of [['shared', { heads: 4, keyValueHeads: 2 }], ['a few', { heads: 6, keyValueHeads: 2 }], ['single', { heads: 4, keyValueHeads: 1 }], ['all', { heads: 3, keyValueHeads: 3 }]] as const) {
  for (const [held, quantization, hasCalmRows] of HELD) {
    test(`${held}, ${what} key-value heads: calls within the exact room give bit for bit what single tokens give`, async (t) => {
      const session = await DecodeSession.create({ ...randomModel({ ...SMALL_CONFIG, ...heads }, repeatable(4)), hasCalmRows }, { quantization, threads: 2, maximumLength: 128 })
      const alone: number[] = []
      const prompt = text.slice(0, 5)
      await session.forward(prompt)
      for (const id of text.slice(5)) alone.push(...await session.forward([id]))
      await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 12 }), async (wanted) => {
        session.truncate(0)
        await session.forward(prompt)
        const parts: number[] = []
        for (let at = 5, i = 0; at < text.length; i++) {
          const part = text.slice(at, at + Math.min(wanted[i % wanted.length]!, session.exactRoom))
          // A draft that is taken back leaves no trace.
          await session.forward([...part, 1, 2, 3].slice(0, session.exactRoom))
          session.truncate(at)
          parts.push(...await session.forward(part))
          at += part.length
        }
        t.deepEqual(Float32Array.from(parts), Float32Array.from(alone))
      }), { numRuns: 6 })
      await session.release()
    })
  }
}

test('8 bits stay close to f32, and closer than 4 bits, where sizes fill no block', async (t) => {
  const exact = await (await open(t)).forward(text)
  const q8 = await (await open(t, 'q8')).forward(text)
  const q4 = await (await open(t, 'q4')).forward(text)
  // The logits of random weights of this small size magnify what each product loses.
  t.true(relativeError(q8, exact) < 0.1)
  t.true(relativeError(q4, exact) < 1)
  t.true(relativeError(q8, exact) < relativeError(q4, exact))
})

test('greedy predictions are the most likely tokens of the logits', async (t) => {
  const session = await open(t)
  const { vocabularySize } = SMALL_CONFIG
  const logits = await session.forward(text)
  session.truncate(0)
  const next = await session.forwardGreedy(text)
  next.forEach((id, i) => {
    const row = logits.subarray(i * vocabularySize, (i + 1) * vocabularySize)
    t.is(id, row.indexOf(Math.max(...row)))
  })
})

test('only the wanted predictions are returned', async (t) => {
  const session = await open(t)
  const all = await session.forwardGreedy(text)
  for (const last of [0, 1, 7, text.length, text.length + 5]) {
    session.truncate(0)
    const found = await session.forwardGreedy(text, { last })
    t.deepEqual([...found], last === 0 ? [] : [...all.slice(-last)])
    t.is(session.length, text.length)
  }
})

test('a text longer than one run and than the first cache is the same as in pieces', async (t) => {
  const long = Array.from({ length: 400 }, repeatable(4)).map((value) => Math.floor(value * SMALL_CONFIG.vocabularySize))
  const session = await open(t, 'f32', 450)
  const whole = await session.forwardGreedy(long)
  session.truncate(0)
  const pieces: number[] = []
  for (let at = 0; at < long.length; at += 50) pieces.push(...await session.forwardGreedy(long.slice(at, at + 50)))
  t.deepEqual(pieces, [...whole])
})

test('after a truncation the text goes on as if the rest had never been there', async (t) => {
  const session = await open(t)
  const direct = await session.forward([...text.slice(0, 20), ...text.slice(40)])
  session.truncate(0)
  await session.forward(text)
  session.truncate(20)
  const again = await session.forward(text.slice(40))
  t.true(relativeError(again, direct.subarray(20 * SMALL_CONFIG.vocabularySize)) < 1e-5)
})

test('a fork goes its own way', async (t) => {
  const session = await DecodeSession.create(base, { quantization: 'f32', threads: 1, maximumLength: 128 })
  await session.forward(text.slice(0, 30))
  const fork = session.fork()
  const own = await session.forwardGreedy(text.slice(30, 50))
  t.is(fork.length, 30)
  t.deepEqual(await fork.forwardGreedy(text.slice(30, 50)), own)
  await session.release()
  fork.truncate(30)
  t.deepEqual(await fork.forwardGreedy(text.slice(30, 50)), own)
  await fork.release()
})

test('a call that is refused leaves the text as it was', async (t) => {
  const session = await open(t, 'f32', 64)
  await session.forward(text.slice(0, 30))
  const expected = await session.forward([5])
  session.truncate(30)
  await t.throwsAsync(session.forward(text.slice(0, 35)), { instanceOf: ModelError, code: 'MODEL_SEQUENCE_TOO_LONG' })
  await t.throwsAsync(session.forward([1, 61]), { instanceOf: ModelError, code: 'MODEL_TOKEN_UNKNOWN' })
  await t.throwsAsync(session.forward([-1]), { instanceOf: ModelError, code: 'MODEL_TOKEN_UNKNOWN' })
  t.throws(() => session.truncate(31), { instanceOf: ModelError, code: 'MODEL_SEQUENCE_TOO_LONG' })
  t.is(session.length, 30)
  t.deepEqual(await session.forward([5]), expected)
})

test('more positions than the model has, and an adapter of another length, are refused', async (t) => {
  const options = { quantization: 'f32', threads: 1, maximumLength: 64 } as const
  await t.throwsAsync(DecodeSession.create(base, { ...options, maximumLength: 513 }), { instanceOf: ModelError, code: 'MODEL_SEQUENCE_TOO_LONG' })
  await t.throwsAsync(DecodeSession.create(base, { ...options, layout, adapter: adapter.subarray(1) }), { instanceOf: ModelError, code: 'MODEL_ADAPTER_LENGTH' })
})

test('the base is not changed by the adapter that is merged into it', async (t) => {
  const before = new Map([...base.weights].map(([name, values]) => [name, values.slice()]))
  await open(t)
  for (const [name, values] of base.weights) t.deepEqual(values, before.get(name))
})

test('texts of a batch, opened and closed at any time, are each what a session of their own writes', async (t) => {
  const batch = await BatchDecodeSession.create(base, { quantization: 'q8', threads: 1, maximumLength: 128, layout, adapter, maximumTexts: 5, memory: new SpoiledMemory(1 << 26) })
  const alone = await open(t, 'q8')
  const random = repeatable(7)
  const texts = new Map<number, number[]>()
  for (let call = 0; call < 60; call++) {
    if (texts.size < 5 && random() < 0.4) texts.set(batch.open(), [])
    const closing = [...texts.keys()].find(() => random() < 0.06)
    if (closing !== undefined) {
      batch.close(closing)
      texts.delete(closing)
    }
    const shortened = [...texts].find(([, ids]) => ids.length > 4 && random() < 0.1)
    if (shortened) {
      batch.truncate(shortened[0], 4)
      shortened[1].length = 4
    }
    const parts = [...texts.keys()].filter(() => random() < 0.8).map((each) => ({
      text: each,
      ids: Array.from({ length: random() < 0.3 ? 2 + Math.floor(random() * 6) : 1 }, () => Math.floor(random() * SMALL_CONFIG.vocabularySize)),
    }))
    const next = call % 2 === 0 ? [...await batch.forwardGreedy(parts)] : (await batch.forward(parts)).map((row) => row.indexOf(Math.max(...row)))
    for (const [i, { text: each, ids }] of parts.entries()) {
      texts.get(each)!.push(...ids)
      alone.truncate(0)
      t.is((await alone.forwardGreedy(texts.get(each)!, { last: 1 }))[0], next[i])
      t.is(batch.length(each), texts.get(each)!.length)
    }
    t.is(batch.size, texts.size)
  }
  await batch.release()
})

for (const heads of [{ heads: 4, keyValueHeads: 2 }, { heads: 3, keyValueHeads: 3 }]) {
  for (const [held, quantization, hasCalmRows] of HELD) {
    test(`${held}, ${heads.heads} heads on ${heads.keyValueHeads}: a text of a batch gets, bit for bit, what it gets alone, however it was read and whatever it shares`, async (t) => {
      const model = { ...randomModel({ ...SMALL_CONFIG, ...heads }, repeatable(5)), hasCalmRows }
      const batch = await BatchDecodeSession.create(model, { quantization, threads: 2, maximumLength: 128, maximumTexts: 5, memory: new SpoiledMemory(1 << 26) })
      const random = repeatable(11)
      const prompts = [20, 40, 33, 70, 64].map((length, i) => [...text.slice(0, 25 + i), ...Array.from({ length }, () => Math.floor(random() * SMALL_CONFIG.vocabularySize))])
      const written = prompts.map(() => Array.from({ length: 12 }, () => Math.floor(random() * SMALL_CONFIG.vocabularySize)))
      const alone: Float32Array[][] = []
      const blocks: Float32Array[] = []
      for (const [i, prompt] of prompts.entries()) {
        const one = batch.open()
        await batch.read({ text: one, ids: prompt })
        if (i === 3) blocks.push(batch.block(one, 0), batch.block(one, 1))
        alone.push([])
        for (const id of written[i]!) alone[i]!.push((await batch.forward([{ text: one, ids: [id] }]))[0]!)
        batch.close(one)
      }
      const texts = prompts.map(() => batch.open())
      // One starts from another's blocks, the second of them not whole, and they are read in pieces of any size but into the last place of a block.
      batch.appendBlock(texts[3]!, blocks[0]!, 32)
      batch.appendBlock(texts[3]!, blocks[1]!, 13)
      for (const [i, prompt] of prompts.entries()) {
        while (batch.length(texts[i]!) < prompt.length) {
          const from = batch.length(texts[i]!)
          const wanted = Math.min(prompt.length - from, 1 + Math.floor(random() * 40))
          await batch.read({ text: texts[i]!, ids: prompt.slice(from, (from + wanted) % 32 === 31 ? from + wanted + 1 : from + wanted) })
        }
        t.is(batch.length(texts[i]!), prompt.length)
      }
      const at = prompts.map(() => 0)
      while (at.some((done) => done < 12)) {
        const taking = texts.map((_, i) => i).filter((i) => at[i]! < 12 && random() < 0.7)
        const logits = await batch.forward(taking.map((i) => ({ text: texts[i]!, ids: [written[i]![at[i]!]!] })))
        for (const [n, i] of taking.entries()) t.deepEqual(logits[n], alone[i]![at[i]!++])
      }
      await batch.release()
    })
  }
}

for (const quantization of ['f32', 'q8', 'q4'] as const) {
  test(`what tokens are described by changes no prediction, and it is what predictions are made of, ${quantization}`, async (t) => {
    const batch = await BatchDecodeSession.create(base, { quantization, threads: 1, maximumLength: 128, maximumTexts: 2, layout, adapter })
    const [plain, described] = [batch.open(), batch.open()]
    // Both lie in the shared cache at first.
    await batch.forward([{ text: plain, ids: [text[0]!] }, { text: described, ids: [text[0]!] }])
    const { hiddenSize, vocabularySize } = SMALL_CONFIG
    const output = base.weights.get('model.embed_tokens.weight')!
    for (let at = 1, length = 0; at < text.length; at += length) {
      const ids = text.slice(at, at + Math.min(1 + at % 7, batch.room(plain)))
      length = ids.length
      const kind = at % 2 === 0 ? 'logits' : 'next'
      const expected = await (kind === 'logits' ? batch.forwardEach({ text: plain, ids }) : batch.forwardGreedyEach({ text: plain, ids }))
      const { predictions, hidden } = await batch.forwardDescribed({ text: described, ids }, kind)
      t.deepEqual(predictions, expected)
      t.is(hidden.length, length * hiddenSize)
      if (quantization !== 'f32' || kind !== 'logits') continue
      const logits = Float32Array.from(expected, (_, i) => {
        const [token, id] = [Math.floor(i / vocabularySize), i % vocabularySize]
        return output.subarray(id * hiddenSize, (id + 1) * hiddenSize).reduce((sum, value, j) => sum + value * hidden[token * hiddenSize + j]!, 0)
      })
      t.true(relativeError(logits, expected as Float32Array) < 1e-4)
    }
    const { length } = text
    await t.throwsAsync(batch.forwardDescribed({ text: described, ids: [] }, 'next'), { instanceOf: ModelError, code: 'MODEL_BATCH_INVALID' })
    await t.throwsAsync(batch.forwardDescribed({ text: described, ids: Array.from({ length: 33 }, () => 1) }, 'next'), { instanceOf: ModelError, code: 'MODEL_BATCH_INVALID' })
    t.is(batch.length(described), length)
    await batch.release()
  })
}

test('a batch refuses what it cannot do and stays as it was', async (t) => {
  const batch = await BatchDecodeSession.create(base, { quantization: 'f32', threads: 1, maximumLength: 8, maximumTexts: 2 })
  const [first, second] = [batch.open(), batch.open()]
  const code = 'MODEL_BATCH_INVALID'
  t.throws(() => batch.open(), { instanceOf: ModelError, code })
  await batch.forward([{ text: first, ids: [1, 2, 3] }])
  await t.throwsAsync(batch.forward([{ text: first, ids: [1] }, { text: first, ids: [2] }]), { instanceOf: ModelError, code })
  await t.throwsAsync(batch.forward([{ text: first, ids: [] }]), { instanceOf: ModelError, code })
  await t.throwsAsync(batch.forward([{ text: first, ids: [4, 5] }, { text: second, ids: [99] }]), { instanceOf: ModelError, code: 'MODEL_TOKEN_UNKNOWN' })
  await t.throwsAsync(batch.forward([{ text: second, ids: [1] }, { text: first, ids: [1, 2, 3, 4, 5, 6] }]), { instanceOf: ModelError, code: 'MODEL_SEQUENCE_TOO_LONG' })
  t.is(batch.length(first), 3)
  t.is(batch.length(second), 0)
  t.throws(() => batch.appendBlock(first, batch.block(first, 0), 4), { instanceOf: ModelError, code })
  t.throws(() => batch.appendBlock(second, new Float32Array(3), 1), { instanceOf: ModelError, code })
  await t.throwsAsync(batch.forwardEach({ text: second, ids: Array.from({ length: 40 }, () => 1) }), { instanceOf: ModelError, code })
  batch.close(second)
  t.throws(() => batch.length(second), { instanceOf: ModelError, code })
  await batch.release()
})

test('memory of caches is one piece that is used again, and what does not fit is taken from elsewhere', (t) => {
  const memory = new CacheMemory(4 * 64)
  const parts = [20, 10, 16].map((length) => memory.take(length))
  t.true(parts.every(({ values, isZero }) => isZero && values.buffer === parts[0]!.values.buffer && values.byteOffset % 64 === 0))
  t.is(memory.used, 4 * 46)
  parts[1]!.values.fill(1)
  const elsewhere = memory.take(17)
  t.true(elsewhere.isZero && elsewhere.values.buffer !== parts[0]!.values.buffer)
  memory.give(elsewhere.values)
  t.is(memory.used, 4 * 46)
  memory.give(parts[1]!.values)
  const again = memory.take(8)
  t.deepEqual(again, { values: new Float32Array(8).fill(1), isZero: false })
  memory.clear()
  t.is(memory.take(6).values.buffer === again.values.buffer, false, 'there is no room between the others')
  for (const { values } of [parts[0]!, again, parts[2]!]) memory.give(values)
  memory.clear()
  t.is(memory.used, 0)
  const anew = memory.take(64)
  t.true(anew.isZero && anew.values.buffer !== again.values.buffer)
  t.deepEqual(new CacheMemory(0).take(3), { values: new Float32Array(3), isZero: true })
})

test('parts of one piece never overlap, in whatever order they come and go', (t) => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean(), fc.nat()), { maxLength: 60 }), (moves) => {
    const memory = new CacheMemory(4 * 300)
    const held: { readonly values: Float32Array, readonly mark: number }[] = []
    moves.forEach(([length, isTaken, pick], mark) => {
      if (isTaken) held.push({ values: memory.take(length).values.fill(mark), mark })
      else if (held.length > 0) memory.give(held.splice(pick % held.length, 1)[0]!.values)
      t.true(held.every((one) => one.values.every((value) => value === one.mark)))
    })
  }))
})
