import { NOTHING } from './draft.js'
import type { Draft, Proposal } from './draft.js'

const LONGEST_MATCH = 16
const SHORTEST_MATCH = 2

/**
 * Prompt lookup: the text's own longest repeated suffix, continued as it went on the last time. Port names, widths and the lines of a
 * case statement come back this way without any corpus.
 *
 * @see Saxena 2023, "Prompt Lookup Decoding"
 */
export const lookupDraft: Draft = {
  name: 'lookup',
  propose(tokens: readonly number[], maximum: number): Proposal {
    const end = tokens.length
    let bestLength = SHORTEST_MATCH - 1
    let bestAt = -1
    for (let at = end - 1; at >= SHORTEST_MATCH && bestLength < LONGEST_MATCH; at--) {
      let length = 0
      while (length < LONGEST_MATCH && length < at && tokens[at - 1 - length] === tokens[end - 1 - length]) length++
      if (length > bestLength) {
        bestLength = length
        bestAt = at
      }
    }
    if (bestAt < 0) return NOTHING
    const proposed = tokens.slice(bestAt, bestAt + maximum)
    // A match of n tokens was followed by the same next token about n / (n + 1) of the time in the texts that we looked at; the controller learns the rest.
    return { by: 'lookup', tokens: proposed, confidence: proposed.map(() => bestLength / (bestLength + 1)), matched: bestLength }
  },
}
