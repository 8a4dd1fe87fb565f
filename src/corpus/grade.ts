import type { FoundDesign } from './example.js'
import { codeTokens } from './text.js'

/** Fewer tokens of code than this are a wire or a wrapper. */
const SHORTEST = 12
/** From here on a design counts as fully worth its place. */
const FULL = 40

/**
 * How much there is to learn from a design, in [0, 1]: a product of how much it says, how well it is specified and how cleanly it parses.
 *
 * @param syntax - the checker's grade, in [0, 1]: less for implicit nets, latches and the like
 */
export function gradeOf(found: FoundDesign, syntax: number): number {
  const length = codeTokens(found.design).length
  const substance = Math.min(1, Math.max(0, (length - SHORTEST) / (FULL - SHORTEST)))
  const specified = found.specification !== undefined ? 1 : found.header.length >= 20 ? 0.8 : 0.5
  return substance * specified * syntax
}
