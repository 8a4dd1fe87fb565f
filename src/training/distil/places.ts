import type { DistilText } from './options.js'

/** Tokens that a draft is given one after the other while it learns. */
export const STEPS = 6

/** Places in texts that a draft learns to go on from: it is given what the model says at the place, and the tokens after it. */
export interface Places {
  /** Which text, for each place. */
  readonly texts: Int32Array
  /** Which of its tokens. */
  readonly positions: Int32Array
}

/** The first place of a text: that which predicts its first token that is learnt. */
export function firstPlace({ from }: DistilText): number {
  return Math.max(0, from - 1)
}

/** How many places a text has. The token after a place must stand there, and one after it, so that the model's own word on it has a meaning. */
export function placesOf(text: DistilText): number {
  return Math.max(0, text.tokens.length - 2 - firstPlace(text))
}

/**
 * All places of some texts, or evenly many of them.
 *
 * @param most - no more than so many are chosen
 * @param shift - in [0, 1), which of the possible even choices it is
 */
export function choosePlaces(texts: readonly DistilText[], most: number, shift: number): Places {
  const total = texts.reduce((sum, text) => sum + placesOf(text), 0)
  const count = Math.min(total, most)
  const places = { texts: new Int32Array(count), positions: new Int32Array(count) }
  let chosen = 0
  let before = 0
  texts.forEach((text, i) => {
    const after = before + placesOf(text)
    for (; chosen < count; chosen++) {
      const at = count === total ? chosen : Math.floor((chosen + shift) * total / count)
      if (at >= after) break
      places.texts[chosen] = i
      places.positions[chosen] = firstPlace(text) + at - before
    }
    before = after
  })
  return places
}

/**
 * The tokens that are most frequent in some texts, ascending; of equally frequent ones those with lower ids.
 *
 * @param known - those that a draft has learnt before: they take what room the texts' own leave
 */
export function houseVocabulary(texts: readonly DistilText[], most: number, known: ArrayLike<number> = []): Int32Array {
  const counts = new Map<number, number>()
  for (const { tokens } of texts) {
    for (const id of tokens) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  const byCount = [...counts].sort(([id, count], [otherId, otherCount]) => otherCount - count || id - otherId)
  const frequent = new Set(byCount.slice(0, most).map(([id]) => id))
  for (let i = 0; i < known.length && frequent.size < most; i++) frequent.add(known[i]!)
  return Int32Array.from(frequent).sort()
}
