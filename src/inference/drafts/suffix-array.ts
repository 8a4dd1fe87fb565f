/** Tokens of one corpus and their suffixes in lexicographic order: 8 bytes a token, any substring found in a binary search. */
export interface SuffixArray {
  readonly tokens: Int32Array
  /** Start positions of all suffixes, sorted by what follows. */
  readonly order: Int32Array
}

/** A run of suffixes that begin alike: `order[from]` to `order[to - 1]`. */
export interface Range { readonly from: number, readonly to: number }

/**
 * Sorts all suffixes by prefix doubling (Manber and Myers 1993), O(n log² n).
 *
 * @param tokens - documents one after another, each closed by a token that occurs nowhere else in a match, for instance -1
 */
export function suffixArray(tokens: Int32Array): SuffixArray {
  const count = tokens.length
  const order = Int32Array.from({ length: count }, (_, i) => i)
  let rank = Int32Array.from(tokens)
  let next = new Int32Array(count)
  for (let length = 0; ; length = length === 0 ? 1 : length * 2) {
    const current = rank
    const after = (i: number): number => length > 0 && i + length < count ? current[i + length]! : -2
    const compare = (x: number, y: number): number => current[x]! - current[y]! || after(x) - after(y)
    order.sort(compare)
    let ranks = 0
    for (let i = 0; i < count; i++) {
      if (i > 0 && compare(order[i - 1]!, order[i]!) !== 0) ranks++
      next[order[i]!] = ranks
    }
    ;[rank, next] = [next, rank]
    if (ranks === count - 1 || length >= count) return { tokens, order }
  }
}

/** The suffixes in `range` whose token at `depth` is `token`. */
export function narrow({ tokens, order }: SuffixArray, range: Range, depth: number, token: number): Range {
  const at = (i: number): number => {
    const position = order[i]! + depth
    return position < tokens.length ? tokens[position]! : -2
  }
  const firstNotBelow = (limit: number): number => {
    let low = range.from
    let high = range.to
    while (low < high) {
      const middle = (low + high) >>> 1
      if (at(middle) < limit) low = middle + 1
      else high = middle
    }
    return low
  }
  return { from: firstNotBelow(token), to: firstNotBelow(token + 1) }
}

/** The most frequent token at `depth` among the suffixes in `range`, with the suffixes that have it. */
export function mostFrequent(array: SuffixArray, range: Range, depth: number): { token: number, range: Range } | undefined {
  let best: { token: number, range: Range } | undefined
  for (let from = range.from; from < range.to;) {
    const position = array.order[from]! + depth
    const token = position < array.tokens.length ? array.tokens[position]! : -2
    const same = narrow(array, { from, to: range.to }, depth, token)
    if (token >= 0 && (!best || same.to - same.from > best.range.to - best.range.from)) best = { token, range: same }
    from = same.to
  }
  return best
}
