import { NOTHING } from './draft.js'
import type { Draft, Proposal } from './draft.js'
import { mostFrequent, narrow, suffixArray } from './suffix-array.js'
import type { Range, SuffixArray } from './suffix-array.js'

/** Matches longer than this say no more about what follows. */
const LONGEST_MATCH = 24
/** A match of one token proposes what usually follows it, which is seldom worth a check. */
const SHORTEST_MATCH = 2
/** Counting what follows is linear in distinct continuations; beyond this many occurrences a sample is as good. */
const MOST_OCCURRENCES = 4096
/** Ends a document in the index; no token id is negative. */
const BOUNDARY = -1

/**
 * A draft from what a house has written before: the longest suffix of the text that occurs in the house's corpus, continued as it most often went on
 * there (after SuffixDecoding, arXiv 2411.04975, with a suffix array instead of a tree).
 *
 * @param documents - token ids of each design of the private corpus, as the target's tokenizer encodes them
 */
export function corpusDraft(documents: readonly (readonly number[])[]): Draft {
  const total = documents.reduce((sum, document) => sum + document.length + 1, 0)
  const tokens = new Int32Array(total)
  let at = 0
  for (const document of documents) {
    tokens.set(document, at)
    at += document.length
    tokens[at++] = BOUNDARY
  }
  const array = suffixArray(tokens)
  return { name: 'corpus', propose: (history, maximum) => propose(array, history, maximum) }
}

function propose(array: SuffixArray, history: readonly number[], maximum: number): Proposal {
  const match = longestMatch(array, history)
  if (!match) return NOTHING
  const tokens: number[] = []
  const confidence: number[] = []
  let { range } = match
  while (tokens.length < maximum) {
    const sampled = range.to - range.from > MOST_OCCURRENCES ? { from: range.from, to: range.from + MOST_OCCURRENCES } : range
    const next = mostFrequent(array, sampled, match.length + tokens.length)
    if (!next) break
    tokens.push(next.token)
    // One occurrence more than seen, which may go on differently: a single example is no certainty.
    confidence.push((next.range.to - next.range.from) / (sampled.to - sampled.from + 1))
    range = next.range
  }
  return { by: 'corpus', tokens, confidence, matched: match.length }
}

/** Longest suffix of `history` that occurs in the corpus: binary search over its length, since each shorter suffix of a match is a match. */
function longestMatch(array: SuffixArray, history: readonly number[]): { length: number, range: Range } | undefined {
  let best: { length: number, range: Range } | undefined
  let low = SHORTEST_MATCH
  let high = Math.min(LONGEST_MATCH, history.length)
  while (low <= high) {
    const length = (low + high) >>> 1
    const range = occurrences(array, history, length)
    if (range.to > range.from) {
      best = { length, range }
      low = length + 1
    } else {
      high = length - 1
    }
  }
  return best
}

function occurrences(array: SuffixArray, history: readonly number[], length: number): Range {
  let range: Range = { from: 0, to: array.order.length }
  for (let depth = 0; depth < length && range.to > range.from; depth++) {
    range = narrow(array, range, depth, history[history.length - length + depth]!)
  }
  return range
}
