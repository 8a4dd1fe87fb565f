import { contentId } from '../../config/index.js'
import { suffixArray } from './suffix-array.js'
import type { SuffixArray } from './suffix-array.js'

/** Ends a document in the index; no token id is negative. */
const BOUNDARY = -1
/** A match and what is proposed behind it are no longer than this. */
const DEPTH = 64
/** With more, each proposal asks too many arrays. */
const SEGMENTS_AT_MOST = 4

/** Some documents of a corpus, with their suffix array. */
export interface CorpusSegment extends SuffixArray {
  /** Hashes of the documents' tokens, in their order. */
  readonly documents: readonly string[]
}

export interface CorpusIndex {
  readonly segments: readonly CorpusSegment[]
  /** Whether anything is otherwise than in what was kept. */
  readonly isChanged: boolean
}

/**
 * Indexes a corpus, from what is kept of an earlier one: documents that are there already are not sorted again, those that have gone are taken out, new ones get
 * an array of their own, and where there are too many arrays, the small ones become one. Documents are known by their tokens, so that another tokenizer finds none.
 */
export function indexCorpus(documents: readonly (readonly number[])[], kept: readonly CorpusSegment[]): CorpusIndex {
  const missing = new Map<string, Int32Array[]>()
  for (const document of documents) {
    const tokens = Int32Array.from(document)
    const id = idOf(tokens)
    const alike = missing.get(id)
    if (alike) alike.push(tokens)
    else missing.set(id, [tokens])
  }
  const segments: CorpusSegment[] = []
  let isChanged = false
  for (const segment of kept) {
    const stays = segment.documents.map((id) => missing.get(id)?.pop() !== undefined)
    if (stays.every((one) => one)) {
      segments.push(segment)
      continue
    }
    isChanged = true
    if (stays.some((one) => one)) segments.push(without(segment, stays))
  }
  const added = [...missing].flatMap(([id, several]) => several.map((tokens) => ({ id, tokens })))
  if (added.length > 0) segments.push(segmentOf(added.map(({ id }) => id), joined(added.flatMap(({ tokens }) => [tokens, [BOUNDARY]]))))
  const merged = fewer(segments)
  return { segments: merged, isChanged: isChanged || added.length > 0 || merged !== segments }
}

function fewer(segments: readonly CorpusSegment[]): readonly CorpusSegment[] {
  if (segments.length <= SEGMENTS_AT_MOST) return segments
  const [largest, ...small] = segments.toSorted((x, y) => y.tokens.length - x.tokens.length)
  return [largest!, segmentOf(small.flatMap(({ documents }) => documents), joined(small.map(({ tokens }) => tokens)))]
}

function segmentOf(documents: readonly string[], tokens: Int32Array): CorpusSegment {
  return { documents, ...suffixArray(tokens, DEPTH) }
}

/** What is left keeps its order: suffixes are told apart before their documents end, or need not be. */
function without({ documents, tokens, order }: CorpusSegment, stays: readonly boolean[]): CorpusSegment {
  /** Where each token that stays goes. */
  const places = new Int32Array(tokens.length)
  let document = 0
  let next = 0
  for (let at = 0; at < tokens.length; at++) {
    places[at] = stays[document] ? next++ : -1
    if (tokens[at] === BOUNDARY) document++
  }
  return {
    documents: documents.filter((_, at) => stays[at]),
    tokens: tokens.filter((_, at) => places[at]! >= 0),
    order: order.map((at) => places[at]!).filter((at) => at >= 0),
  }
}

function joined(parts: readonly ArrayLike<number>[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function idOf(tokens: Int32Array): string {
  return contentId(new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength))
}
