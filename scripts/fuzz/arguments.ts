import { readWords } from '../command/command.js'
import type { Command, OptionsByName } from '../command/command.js'
import { flag, someOf, whole } from '../command/kinds.js'

export interface FuzzOptions {
  /** Of each surface. */
  readonly cases: number
  readonly seed: number
  /** Names of the surfaces. */
  readonly surfaces: readonly string[]
  readonly json: boolean
  /** Processes at a time. */
  readonly lanes: number
}

function optionsFor(known: readonly string[]) {
  return {
    cases: whole('inputs for each surface', 10_000, 1),
    surface: someOf(known, 'where they are tried'),
    seed: whole('case n of seed s is case 0 of seed s + n', 1, 0),
    lanes: whole('processes at a time', 2, 1),
    json: flag('print the findings as a line of JSON; what else there is to say goes to stderr'),
  } satisfies OptionsByName
}

/** @param known - names of all surfaces */
export function commandFor(known: readonly string[]): Command<ReturnType<typeof optionsFor>> {
  return {
    call: 'npm run fuzz --',
    about: 'Hostile inputs for all that takes bytes from a peer, from disk or from a user. See CONTRIBUTING.md.',
    options: optionsFor(known),
    examples: ['--surface hello --seed 4711 --cases 1'],
  }
}

/** Reads the command line. @throws UsageError that says what may be written instead */
export function readOptions(words: readonly string[], known: readonly string[]): FuzzOptions {
  const { cases, seed, surface: surfaces, json, lanes } = readWords(commandFor(known), words)
  return { cases, seed, surfaces, json, lanes }
}
