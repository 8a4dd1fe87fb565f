import { setFloat16 } from '@petamoriken/float16'
import * as z from 'zod'

import { decodeCanonical, encodeCanonical } from '../../config/index.js'
import { decodeFloat16 } from '../files/half-floats.js'
import { RecurrentDraftError } from './errors.js'
import { LARGEST_STATE, recurrentLayout, type RecurrentDraft } from './recurrent-draft.js'

/** What a draft belongs to. */
export interface DraftOrigin {
  /** Content id of the base. */
  readonly base: string
  readonly hiddenSize: number
}

/** A draft for SmolLM2-135M takes 9 MB. */
export const LARGEST_DRAFT_BYTES = 64 * 2 ** 20

/** First of a file's values; others are refused. */
const VERSION = 1

const size = z.int().min(1)

const fileSchema = z.tuple([
  z.literal(VERSION),
  z.string().regex(/^[0-9a-f]{64}$/),
  // A hidden size beyond it is that of a model for which nobody drafts here.
  size.max(4 * LARGEST_STATE),
  size,
  size,
  z.instanceof(Uint8Array),
  z.instanceof(Uint8Array),
])

/**
 * A draft as a file: canonical CBOR of version, base, sizes, the vocabulary's ids (int32) and the values (f16), both little endian. What f16 rounds is far
 * below the steps of the 8 bits that a draft proposes with.
 *
 * @throws RecurrentDraftError RECURRENT_DRAFT_SHAPE where the draft is none, RECURRENT_DRAFT_NOT_FINITE, RECURRENT_DRAFT_FILE_INVALID where the file would be too large
 */
export function encodeDraft({ shape, values }: RecurrentDraft, { base, hiddenSize }: DraftOrigin): Uint8Array {
  const { length } = recurrentLayout(shape, hiddenSize)
  if (values.length !== length) throw new RecurrentDraftError('RECURRENT_DRAFT_SHAPE', `the draft has ${values.length} values, and its shape asks for ${length}: was it made for another base?`)
  const halves = new Uint8Array(2 * length)
  const view = new DataView(halves.buffer)
  for (let i = 0; i < length; i++) {
    const value = values[i]!
    // f16's largest is 65504, and what is nearer to it than to the next rounds to it.
    if (!(Math.abs(value) < 65_520)) throw new RecurrentDraftError('RECURRENT_DRAFT_NOT_FINITE', `value ${i} of the draft is ${value}: its learning has diverged, distil it anew`)
    setFloat16(view, 2 * i, value, true)
  }
  const ids = new Uint8Array(4 * shape.vocabulary.length)
  const idView = new DataView(ids.buffer)
  shape.vocabulary.forEach((id, i) => idView.setInt32(4 * i, id, true))
  const file: z.infer<typeof fileSchema> = [VERSION, base, hiddenSize, shape.stateSize, shape.innerSize, ids, halves]
  const wrong = fileSchema.safeParse(file)
  if (!wrong.success) throw invalid(`the base ${base} with the hidden size ${hiddenSize} cannot be written down`)
  const bytes = encodeCanonical(file)
  if (bytes.length > LARGEST_DRAFT_BYTES) throw invalid(`it would have ${bytes.length} bytes, and no more than ${LARGEST_DRAFT_BYTES} are read`)
  return bytes
}

/**
 * Reads what `encodeDraft` wrote, and nothing else. Whether the base is the right one is for the caller to see.
 *
 * @throws RecurrentDraftError RECURRENT_DRAFT_FILE_INVALID, RECURRENT_DRAFT_FILE_VERSION
 */
export function decodeDraft(bytes: Uint8Array): { readonly draft: RecurrentDraft, readonly origin: DraftOrigin } {
  if (bytes.length > LARGEST_DRAFT_BYTES) throw invalid(`it has ${bytes.length} bytes, and no more than ${LARGEST_DRAFT_BYTES} are read`)
  const file = decoded(bytes)
  const version: unknown = Array.isArray(file) ? file[0] : undefined
  if (typeof version === 'number' && version !== VERSION) {
    throw new RecurrentDraftError('RECURRENT_DRAFT_FILE_VERSION', `the draft's file has version ${version}, and this node understands ${VERSION}: ${version > VERSION ? 'update the node' : 'distil the draft anew'}`)
  }
  const parsed = fileSchema.safeParse(file)
  if (!parsed.success) throw invalid(`it is wrong at ${parsed.error.issues[0]?.path.join('.') ?? 'its start'}`)
  const [, base, hiddenSize, stateSize, innerSize, ids, halves] = parsed.data
  if (ids.length % 4 !== 0) throw invalid(`its vocabulary has ${ids.length} bytes`)
  const idView = new DataView(ids.buffer, ids.byteOffset, ids.byteLength)
  const shape = { vocabulary: Int32Array.from({ length: ids.length / 4 }, (_, i) => idView.getInt32(4 * i, true)), stateSize, innerSize }
  const length = lengthOf(shape, hiddenSize)
  if (halves.length !== 2 * length) throw invalid(`it has ${halves.length} bytes of values, and its shape asks for ${2 * length}`)
  // A copy, since the bytes may lie at any place of a larger buffer.
  const values = decodeFloat16(new Uint16Array(new Uint8Array(halves).buffer))
  const broken = values.findIndex((value) => !Number.isFinite(value))
  if (broken >= 0) throw invalid(`value ${broken} is ${values[broken]}`)
  return { draft: { shape, values }, origin: { base, hiddenSize } }
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return decodeCanonical(bytes)
  } catch (error) {
    throw invalid('it is damaged', error)
  }
}

function lengthOf(shape: RecurrentDraft['shape'], hiddenSize: number): number {
  try {
    return recurrentLayout(shape, hiddenSize).length
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error)
  }
}

function invalid(why: string, cause?: unknown): RecurrentDraftError {
  return new RecurrentDraftError('RECURRENT_DRAFT_FILE_INVALID', `the file of a draft cannot be used, ${why}: distil the draft anew`, { cause })
}
