import type { DesignWarning } from '../quality/index.js'
import { codeTokens } from './text.js'

/** Fewer tokens of code than this are a wire or a wrapper. */
const SHORTEST = 12
/** From here on a design counts as fully worth its place. */
const FULL = 40
/** Characters of a description that says something. */
const DESCRIPTION = 12

/**
 * How much there is to learn from a design, in [0, 1]: a product of how much it says, how well it is specified and how cleanly it parses.
 *
 * @param description - of a derived specification; undefined where a specification came with the design
 * @param syntax - in [0, 1]: less for implicit nets, latches and the like
 */
export function gradeOf(design: string, description: string | undefined, syntax: number): number {
  const length = codeTokens(design).length
  const substance = Math.min(1, Math.max(0, (length - SHORTEST) / (FULL - SHORTEST)))
  const specified = description === undefined ? 1 : description.length >= DESCRIPTION ? 0.8 : 0.5
  return substance * specified * syntax
}

/**
 * The checker's grade as far as it is about the design: the checker sees one module at a time and takes off for modules that stand elsewhere, and for
 * wires that those drive. A wire counts once, not for each of its bits.
 *
 * @param isKnown - whether a module is among the sources
 */
export function syntaxGrade(warnings: readonly DesignWarning[], isKnown: (module: string) => boolean): number {
  const isPart = warnings.some(({ kind }) => kind === 'missing-module')
  const counted = new Map<string, number>()
  for (const { kind, message, cost } of warnings) {
    if (kind === 'missing-module' ? isKnown(/"([^"]+)"/.exec(message)?.[1] ?? '') : kind === 'undriven' && isPart) continue
    counted.set(`${kind} ${message.replace(/ \[\d+\]/g, '')}`, cost)
  }
  return [...counted.values()].reduce((grade, cost) => grade * (1 - cost), 1)
}
