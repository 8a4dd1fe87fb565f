import type { Draw } from './draw.js'

/** How often a part is repeated at most, in characters: what takes quadratic time takes seconds by then. */
const LONGEST_RUN = 1 << 16

/**
 * A text with one to three of its parts cut, copied, swapped, or with words from a list put in; some of these words repeated very often.
 *
 * @param words - what means something where the text is read: brackets, keywords, separators
 */
export function mutateText(text: string, words: readonly string[], draw: Draw): string {
  let result = text
  for (let changes = 1 + draw.below(3); changes > 0; changes--) result = changed(result, words, draw)
  return result
}

/** Noise of the words, or one of the valid texts with changes or as it is. */
export function foreignText(valid: readonly string[], words: readonly string[], draw: Draw): string {
  if (draw.chance(0.2)) return noise(words, draw)
  const text = draw.pick(valid)
  return draw.chance(0.05) ? text : mutateText(text, words, draw)
}

function noise(words: readonly string[], draw: Draw): string {
  return Array.from({ length: draw.below(40) }, () => draw.pick(words) + draw.pick(['', '', ' ', '\n'])).join('')
}

function changed(text: string, words: readonly string[], draw: Draw): string {
  const at = draw.below(text.length + 1)
  const to = Math.min(text.length, at + draw.below(60))
  const [before, part, after] = [text.slice(0, at), text.slice(at, to), text.slice(to)]
  return draw.pick([
    () => before + after,
    () => before,
    () => before + part + part + after,
    () => before + draw.pick(words) + after,
    () => before + draw.pick(words) + part + after,
    () => after + part + before,
    () => before + String.fromCharCode(draw.pick([0, 0xa0, 0xd800, 0xfeff, draw.below(0x3000)])) + after,
    () => before + run(words, draw) + part + after,
  ])()
}

/** One to three words over and over: what regular expressions and recursion stumble on. */
function run(words: readonly string[], draw: Draw): string {
  const unit = Array.from({ length: 1 + draw.below(3) }, () => draw.pick(words)).join('') || ' '
  return unit.repeat(Math.ceil(2 ** draw.below(Math.log2(LONGEST_RUN) + 1) / unit.length))
}
