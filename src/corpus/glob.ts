import { CorpusError } from './errors.js'
import { lex } from './glob-lexer.js'
import type { Lexeme } from './glob-lexer.js'

/** Alternatives in braces multiply; beyond so many, a list of patterns is clearer. */
const MOST_ALTERNATIVES = 1000

/** Any run of characters of a name (`*`), or of names of a path (`**`). */
interface AnyRun { readonly kind: 'any run' }
interface Character { readonly kind: 'one', readonly accepts: (character: string) => boolean }
interface Name { readonly kind: 'one', readonly characters: readonly (Character | AnyRun)[] }

/**
 * Tells which paths glob patterns mean. A path is relative to the folder that the patterns are for, with `/` between names.
 *
 * `*` stands for any characters of one name, `?` for one character, `[a-z]` and `[!a-z]` for one of a class or outside it, `{a,b}` for either; `**` for any number
 * of folders, and at the end of a pattern for all that is in them; `\` takes the next character as it is. Names that begin with a dot are names like others, and
 * case counts. A pattern that means a folder means everything in it. Matching takes time in proportion to pattern times path times names, whatever the pattern.
 *
 * @throws CorpusError CORPUS_PATTERN_INVALID
 */
export function globMatcher(patterns: readonly string[]): (path: string) => boolean {
  const globs = patterns.flatMap((pattern) => alternatives(lex(pattern), pattern).map((one) => namesOf(one, pattern)))
  return (path) => {
    const names = path.split('/').map((name) => Array.from(name))
    return globs.some((glob) => names.some((_, at) => matches(glob, names.slice(0, at + 1), isName)))
  }
}

const isName = ({ characters }: Name, name: readonly string[]): boolean => matches(characters, name, isCharacter)
const isCharacter = ({ accepts }: Character, character: string): boolean => accepts(character)

/**
 * Matches a sequence against a pattern that may have runs of anything in it. Only the last run met is ever lengthened: what an earlier one could take besides,
 * the later one can take as well.
 */
function matches<One extends { readonly kind: 'one' }, Item>(pattern: readonly (One | AnyRun)[], items: readonly Item[], accepts: (one: One, item: Item) => boolean): boolean {
  let at = 0
  let run: { pattern: number, items: number } | undefined
  for (let item = 0; item < items.length;) {
    const next = pattern[at]
    if (next?.kind === 'any run') {
      run = { pattern: ++at, items: item }
    } else if (next !== undefined && accepts(next, items[item]!)) {
      at += 1
      item += 1
    } else {
      if (run === undefined) return false
      at = run.pattern
      item = ++run.items
    }
  }
  return pattern.slice(at).every(({ kind }) => kind === 'any run')
}

/** The pattern without braces, once for each way of choosing in them. */
function alternatives(lexemes: readonly Lexeme[], pattern: string): (readonly Lexeme[])[] {
  const open = lexemes.findIndex(({ kind }) => kind === 'open')
  if (open === -1) return [lexemes]
  const options: (readonly Lexeme[])[] = []
  let depth = 0
  let start = open + 1
  for (let at = open; at === open || depth > 0; at++) {
    const { kind } = lexemes[at]!
    if (kind === 'open') depth += 1
    if (kind === 'close') depth -= 1
    if (depth === 0 || (kind === 'comma' && depth === 1)) {
      options.push(lexemes.slice(start, at))
      start = at + 1
    }
  }
  const before = lexemes.slice(0, open)
  const rests = alternatives(lexemes.slice(start), pattern)
  const chosen = options.flatMap((option) => alternatives(option, pattern))
  if (chosen.length * rests.length > MOST_ALTERNATIVES) {
    throw new CorpusError('CORPUS_PATTERN_INVALID', `the pattern "${pattern}" cannot be used: its braces make more than ${MOST_ALTERNATIVES} alternatives; write several patterns`)
  }
  return chosen.flatMap((option) => rests.map((rest) => [...before, ...option, ...rest]))
}

/** Empty names and `.` mean the folder that they stand in. */
function namesOf(lexemes: readonly Lexeme[], pattern: string): readonly (Name | AnyRun)[] {
  const refuse = (why: string): never => {
    throw new CorpusError('CORPUS_PATTERN_INVALID', `the pattern "${pattern}" cannot be used: ${why}`)
  }
  if (lexemes[0]?.kind === 'slash') refuse('patterns are relative to each folder of designs; write it without the / at the beginning')
  const names: (Name | AnyRun)[] = []
  for (const part of split(lexemes)) {
    const text = part.map(({ text }) => text).join('')
    if (text === '' || text === '.') continue
    if (text === '..') refuse('it leads out of the folder; write what is to be left out within it')
    names.push(part.length > 1 && part.every(({ kind }) => kind === 'star')
      ? { kind: 'any run' }
      : { kind: 'one', characters: part.map((lexeme) => lexeme.kind === 'one' ? lexeme : { kind: 'any run' }) })
  }
  // What stands in folders is meant, not a file beside them: `*/**` spares the files at the top.
  if (names.at(-1)?.kind === 'any run') names.push({ kind: 'one', characters: [{ kind: 'any run' }] })
  if (names.length === 0) refuse('it means no file; write ** to leave out everything')
  return names
}

function split(lexemes: readonly Lexeme[]): (readonly Lexeme[])[] {
  const parts: Lexeme[][] = [[]]
  for (const lexeme of lexemes) {
    if (lexeme.kind === 'slash') parts.push([])
    else parts.at(-1)!.push(lexeme)
  }
  return parts
}
