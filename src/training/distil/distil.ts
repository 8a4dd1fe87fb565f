import { seededRandom } from '../../adapter/index.js'
import { embeddingsOf, freshDraft, loadBaseModel, ModelError, type BaseModel, type RecurrentDraft } from '../../model/index.js'
import { TrainingError } from '../errors.js'
import { makeExamples, type Examples } from './examples.js'
import { learn } from './learning.js'
import type { DistilOptions, DistilProgress } from './options.js'
import { choosePlaces, houseVocabulary, placesOf } from './places.js'
import { readTexts } from './reading.js'

/** Their hidden states are held in memory: 460 MB for a model with 576 values each. */
const MOST_PLACES = 200_000

/** Beyond these, tokens are too rare for a draft to learn when they come. */
const MOST_TOKENS = 4096

/**
 * Distils a draft in the caller's thread.
 *
 * @param report - is called before each run; what it throws ends the distillation
 * @throws TrainingError TRAINING_NO_EXAMPLES, TRAINING_DIVERGED; RecurrentDraftError RECURRENT_DRAFT_SHAPE; ModelError
 */
export async function distil(options: DistilOptions, report: (progress: DistilProgress) => void): Promise<RecurrentDraft> {
  const { threads, epochs = 3, seed } = options
  const { base, draft, hidden, examples } = await prepare(options, report)
  await learn(base, draft, hidden, examples, { threads, epochs, seed, step: (done, all) => report({ what: 'learning', done, all }) })
  return draft
}

interface Prepared {
  /** Its embeddings only. */
  readonly base: BaseModel
  readonly draft: RecurrentDraft
  readonly hidden: Float32Array
  readonly examples: Examples
}

/** Reads the texts. The model's other weights are forgotten with the end of it. */
async function prepare(options: DistilOptions, report: (progress: DistilProgress) => void): Promise<Prepared> {
  const { checkpoint, seed, before, stateSize = 384, innerSize = 768 } = options
  const random = seededRandom(seed)
  const base = await loadBaseModel(checkpoint)
  const { vocabularySize, maximumPositions } = base.config
  const maximumLength = Math.min(options.maximumLength, maximumPositions)
  const texts = options.texts
    .map(({ tokens, from }) => ({ tokens: tokens.slice(0, maximumLength), from }))
    .filter((text) => placesOf(text) > 0)
  if (texts.length === 0) throw nothingToLearn(`none of ${options.texts.length} texts goes on for three tokens after what is given`)
  const places = choosePlaces(texts, MOST_PLACES, random.fraction())
  const unknown = texts.findIndex(({ tokens }) => tokens.some((id) => id >= vocabularySize))
  if (unknown >= 0) throw new ModelError('MODEL_TOKEN_UNKNOWN', `text ${unknown} has tokens beyond the ${vocabularySize} of the vocabulary: encode it with the model's own tokenizer`)
  const shape = { vocabulary: houseVocabulary(texts, MOST_TOKENS, before?.shape.vocabulary.filter((id) => id < base.config.vocabularySize)), stateSize, innerSize }
  const draft = freshDraft(base, shape, () => random.fraction(), before)

  const all = texts.reduce((sum, { tokens }) => sum + tokens.length, 0)
  const { next, hidden } = await readTexts(base, { ...options, maximumLength }, texts, places, (done) => report({ what: 'reading', done, all }))
  report({ what: 'reading', done: all, all })
  const examples = makeExamples(texts, next, places, shape.vocabulary)
  if (!examples.weights.some((weight) => weight > 0)) throw nothingToLearn('what the model says of the texts is nowhere among their own tokens')
  return { base: embeddingsOf(base), draft, hidden, examples }
}

function nothingToLearn(why: string): TrainingError {
  return new TrainingError('TRAINING_NO_EXAMPLES', `there is nothing to distil a draft from: ${why}; give more or longer texts`)
}
