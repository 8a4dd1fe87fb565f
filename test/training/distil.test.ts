import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import test from 'ava'
import fc from 'fast-check'

import { seededRandom } from '../../src/adapter/index.js'
import { findPackageRoot } from '../../src/config/index.js'
import {
  adapterLayout, freshDraft, loadBaseModel, loadCheckpoint, ModelError, RecurrentDraftError, RecurrentSession, type BaseModel, type Checkpoint, type RecurrentDraft,
} from '../../src/model/index.js'
import { distilDraft, TrainingError, type DistilOptions, type DistilProgress, type DistilText } from '../../src/training/index.js'
import { distil } from '../../src/training/distil/distil.js'
import { makeExamples } from '../../src/training/distil/examples.js'
import { choosePlaces, firstPlace, houseVocabulary, placesOf, STEPS } from '../../src/training/distil/places.js'
import { readTexts } from '../../src/training/distil/reading.js'
import { repeatable } from '../model/fixtures.js'

const embedded = path.join(findPackageRoot(), 'models', 'embedded')
const checkpoint = path.join(findPackageRoot(), 'test', 'fixtures', 'model', 'tied-f32')
const MAXIMUM_LENGTH = 64

/** Designs of one kind, which the embedded model was trained with. */
function designs(tokenizer: Checkpoint['tokenizer']): DistilText[] {
  return gunzipSync(readFileSync(path.join(embedded, 'replay.jsonl.gz'))).toString().trim().split('\n').slice(0, 30)
    .map((line) => tokenizer.encode((JSON.parse(line) as { design: string }).design))
    .map((tokens) => ({ tokens: tokens.slice(0, 80), from: 0 }))
}

/** The share of a draft's tokens that are what the model itself says: of four from each place, as far as the text goes the model's way and all before were right. */
async function accepted(base: BaseModel, draft: RecurrentDraft, texts: readonly DistilText[]): Promise<number> {
  const drafting = await RecurrentSession.create(base, draft, { length: 4, threads: 1 })
  const places = choosePlaces(texts, 1e6, 0)
  const { next, hidden } = await readTexts(base, { ...options(), maximumLength: 128 }, texts, places, () => undefined)
  const { hiddenSize } = base.config
  let [right, all] = [0, 0]
  for (const [place, position] of places.positions.entries()) {
    const [{ tokens }, said] = [texts[places.texts[place]!]!, next[places.texts[place]!]!]
    const proposal = await drafting.propose(hidden.subarray(place * hiddenSize, (place + 1) * hiddenSize), tokens[position + 1]!)
    let isRight = true
    for (let i = 0; i < 4 && position + 1 + i < tokens.length && (i === 0 || said[position + i] === tokens[position + 1 + i]); i++) {
      isRight &&= proposal.tokens[i] === said[position + 1 + i]
      right += Number(isRight)
      all++
    }
  }
  await drafting.release()
  return right / all
}

let base: BaseModel
let texts: DistilText[]
test.before(async () => {
  base = await loadBaseModel(checkpoint)
  const random = seededRandom(1)
  texts = Array.from({ length: 24 }, () => ({ tokens: Array.from({ length: 40 }, () => random.below(base.config.vocabularySize)), from: 3 }))
})

/** In this thread: starting one takes longer than these small drafts. */
const distilHere = (from: DistilOptions): Promise<RecurrentDraft> => distil(from, () => undefined)

const options = (changes: Partial<DistilOptions> = {}): DistilOptions => ({ checkpoint, quantization: 'q8', threads: 1, texts, seed: 5, maximumLength: MAXIMUM_LENGTH, stateSize: 24, innerSize: 40, ...changes })

test('a distilled draft proposes what the model says, also of texts that it has not seen', async (t) => {
  const progress: DistilProgress[] = []
  const model = await loadCheckpoint(embedded)
  const all = designs(model.tokenizer)
  const [seen, unseen] = [all.slice(0, 24), all.slice(24)]
  const settings: DistilOptions = { checkpoint: embedded, quantization: 'q8', threads: 1, texts: seen, seed: 5, maximumLength: 128, stateSize: 48, innerSize: 64 }
  const draft = await distilDraft({ ...settings, epochs: 32, onProgress: (each) => progress.push(each) })
  const fresh = freshDraft(model, draft.shape, repeatable(3))
  const [before, after] = [await accepted(model, fresh, unseen), await accepted(model, draft, unseen)]
  t.true(after > 0.4 && before < 0.1, `${before} of a fresh draft's tokens were right, and ${after} of the distilled one's`)

  const tokens = seen.reduce((sum, text) => sum + text.tokens.length, 0)
  t.deepEqual(progress.filter((each) => each.what === 'reading').at(-1), { what: 'reading', done: tokens, all: tokens })
  const steps = 32 * Math.floor((tokens - 2 * seen.length) / 256)
  t.deepEqual(progress.at(-1), { what: 'learning', done: steps, all: steps })

  // What goes on from it starts where it was.
  const more = await distilDraft({ ...settings, epochs: 1, before: draft, texts: seen.slice(0, 4) })
  t.true(await accepted(model, more, unseen) > 0.75 * after)
})

test('equal options give equal drafts, and other seeds, texts or adapters others', async (t) => {
  const few = options({ texts: texts.slice(0, 6), epochs: 2 })
  const first = await distilHere(few)
  t.deepEqual(await distilDraft(few), first)
  t.notDeepEqual(await distilHere({ ...few, seed: 6 }), first)
  t.notDeepEqual(await distilHere({ ...few, texts: texts.slice(0, 5) }), first)
  const settings = { rank: 2, alpha: 4, targets: ['q_proj', 'o_proj', 'down_proj'] as const }
  const random = seededRandom(3)
  const values = Float32Array.from({ length: adapterLayout(base.config, settings).length }, () => random.fraction() - 0.5)
  t.notDeepEqual(await distilHere({ ...few, adapter: { settings, values } }), first)
  // What is beyond the longest text, or the model's positions, is not read.
  const beyond = few.texts.map(({ tokens, from }) => ({ tokens: [...tokens, 7, 8, 9], from }))
  t.deepEqual(await distilHere({ ...few, texts: beyond, maximumLength: 40 }), first)
  const long = { tokens: Array.from({ length: 300 }, () => random.below(base.config.vocabularySize)), from: 200 }
  t.deepEqual(await distilHere({ ...few, texts: [long], maximumLength: 9999 }), await distilHere({ ...few, texts: [{ ...long, tokens: long.tokens.slice(0, 256) }], maximumLength: 256 }))
  // Texts that are too short, or that are all given, teach nothing.
  t.deepEqual(await distilHere({ ...few, texts: [{ tokens: [1, 2], from: 0 }, ...few.texts, { tokens: texts[0]!.tokens, from: 39 }] }), first)
})

test('it stops soon, at whatever it is', async (t) => {
  for (const during of ['reading', 'learning'] as const) {
    const control = new AbortController()
    const seen: DistilProgress[] = []
    const cause = new Error('enough')
    const error = await t.throwsAsync(distilDraft(options({
      epochs: 100_000,
      signal: control.signal,
      onProgress: (each) => {
        seen.push(each)
        if (each.what === during) control.abort(cause)
      },
    })), { instanceOf: TrainingError, code: 'TRAINING_ABORTED' })
    t.is(error.cause, cause)
    t.true(seen.at(-1)!.done < seen.at(-1)!.all)
  }
  await t.throwsAsync(distilDraft(options({ signal: AbortSignal.abort() })), { instanceOf: TrainingError, code: 'TRAINING_ABORTED' })
})

test('what cannot be distilled is refused', async (t) => {
  const is = (code: string) => ({ instanceOf: TrainingError, code })
  for (const none of [[], [{ tokens: [1, 2], from: 0 }], [{ tokens: texts[0]!.tokens, from: 40 }]]) await t.throwsAsync(distilHere(options({ texts: none })), is('TRAINING_NO_EXAMPLES'))
  for (const wrong of [{ epochs: 0 }, { threads: 0.5 }, { seed: NaN }, { maximumLength: 0 }, { texts: [{ tokens: [1, 2, 3], from: -1 }] }, { texts: [{ tokens: [1, -2, 3], from: 0 }] }]) {
    await t.throwsAsync(distilDraft(options(wrong)), is('TRAINING_OPTIONS'), JSON.stringify(wrong))
  }
  // As the thread tells of it.
  await t.throwsAsync(distilDraft(options({ texts: [] })), is('TRAINING_NO_EXAMPLES'))
  await t.throwsAsync(distilHere(options({ stateSize: 0 })), { instanceOf: RecurrentDraftError, code: 'RECURRENT_DRAFT_SHAPE' })
  await t.throwsAsync(distilDraft(options({ texts: [{ tokens: [1, 2, 3, 4, base.config.vocabularySize], from: 0 }] })), { instanceOf: ModelError, code: 'MODEL_TOKEN_UNKNOWN' })
  await t.throwsAsync(distilHere(options({ checkpoint: '/nowhere' })), { instanceOf: ModelError, code: 'MODEL_FILE_MISSING' })
})

test('places are chosen evenly, in the order of the texts, and each can be learnt from', (t) => {
  const textOf = fc.record({ tokens: fc.array(fc.nat(9), { maxLength: 12 }), from: fc.nat(12) })
  fc.assert(fc.property(fc.array(textOf, { maxLength: 8 }), fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (some, most, shift) => {
    const all = some.flatMap((text, i) => text.tokens.flatMap((_, at) => at >= firstPlace(text) && at + 2 < text.tokens.length ? [`${i}.${at}`] : []))
    t.is(some.reduce((sum, text) => sum + placesOf(text), 0), all.length)
    const { texts: which, positions } = choosePlaces(some, most, shift)
    const chosen = [...which].map((text, i) => all.indexOf(`${text}.${positions[i]}`))
    t.is(chosen.length, Math.min(most, all.length))
    const even = all.length / chosen.length
    t.true(chosen.every((at, i) => at >= 0 && Math.abs(at - (i + (even > 1 ? shift : 0)) * even) <= 1))
    t.is(new Set(chosen).size, chosen.length)
  }))
})

test('the most frequent tokens make the vocabulary', (t) => {
  const some = [{ tokens: [7, 3, 3, 100, 20], from: 4 }, { tokens: [100, 3, 20, 8], from: 0 }]
  t.deepEqual(houseVocabulary(some, 3), Int32Array.of(3, 20, 100))
  t.deepEqual(houseVocabulary(some, 4), Int32Array.of(3, 7, 20, 100))
  t.deepEqual(houseVocabulary(some, 99), Int32Array.of(3, 7, 8, 20, 100))
  t.deepEqual(houseVocabulary(some, 4, [5, 6, 9]), Int32Array.of(3, 7, 20, 100), 'what was known before takes no room from what is frequent now')
  t.deepEqual(houseVocabulary(some, 7, [3, 5, 6, 9]), Int32Array.of(3, 5, 6, 7, 8, 20, 100))
})

test('a step counts by how far it is, and less where the text is not the model\'s', (t) => {
  const text = { tokens: [5, 6, 7, 8, 9, 5, 6], from: 2 }
  // Of the model: after 6 comes 7, after 7 8, then 1, which is in no vocabulary, and so on.
  const next = [Int32Array.of(7, 8, 1, 6, 7, 8)]
  const { tokens, labels, weights } = makeExamples([text], next, choosePlaces([text], 99, 0), Int32Array.of(5, 6, 7, 8, 9))
  t.is(tokens.length, 4 * STEPS)
  const of = (place: number) => (values: Int32Array | Float32Array): number[] => [...values.slice(place * STEPS, (place + 1) * STEPS)].map((value) => Math.round(value * 1e4) / 1e4)
  t.deepEqual([tokens, labels, weights].map(of(0)), [[7, 8, 9, 5, 0, 0], [3, 0, 1, 2, 0, 0], [1, 0, 0.1445, 0.1228, 0, 0]])
  t.deepEqual([tokens, labels, weights].map(of(2)), [[9, 5, 0, 0, 0, 0], [1, 2, 0, 0, 0, 0], [1, 0.17, 0, 0, 0, 0]])
})
