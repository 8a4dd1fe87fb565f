import { CorpusError } from './errors.js'

/** A part of a glob pattern. A comma outside braces is a character. */
export type Lexeme
  = | { readonly kind: 'slash' | 'star' | 'open' | 'comma' | 'close', readonly text: string }
    /** One character of a name: a given one, any one, or one of a class. */
    | { readonly kind: 'one', readonly text: string, readonly accepts: (character: string) => boolean }

/**
 * Takes a glob pattern apart. Braces of the result are balanced, and each pair has a comma.
 *
 * @throws CorpusError CORPUS_PATTERN_INVALID
 */
export function lex(pattern: string): Lexeme[] {
  const characters = Array.from(pattern)
  const lexemes: Lexeme[] = []
  /** Whether a comma was met, for each brace that is open. */
  const braces: boolean[] = []
  if (characters[0] === '!') throw invalid(pattern, 'patterns only leave out, they take nothing back; write \\! for a name that begins with !')
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!
    switch (character) {
      case '/': lexemes.push({ kind: 'slash', text: character }); break
      case '*': lexemes.push({ kind: 'star', text: character }); break
      case '?': lexemes.push({ kind: 'one', text: character, accepts: () => true }); break
      case '{':
        braces.push(false)
        lexemes.push({ kind: 'open', text: character })
        break
      case '}': {
        const hasComma = braces.pop()
        if (hasComma === undefined) throw invalid(pattern, 'a } closes nothing; write \\} for a name with a brace')
        if (!hasComma) throw invalid(pattern, 'braces hold alternatives with commas between them, such as {v,sv}; write \\{ for a name with a brace')
        lexemes.push({ kind: 'close', text: character })
        break
      }
      case ',':
        if (braces.length > 0) braces[braces.length - 1] = true
        lexemes.push(braces.length > 0 ? { kind: 'comma', text: character } : exactly(character))
        break
      case '[': {
        const { end, accepts } = classAt(characters, at, pattern)
        lexemes.push({ kind: 'one', text: characters.slice(at, end + 1).join(''), accepts })
        at = end
        break
      }
      case '\\': {
        const next = characters[++at]
        if (next === undefined || next === '/') throw invalid(pattern, 'a \\ stands before no character of a name; folders are parted by /')
        lexemes.push(exactly(next))
        break
      }
      default: lexemes.push(exactly(character))
    }
  }
  if (braces.length > 0) throw invalid(pattern, 'a { is not closed; write \\{ for a name with a brace')
  return lexemes
}

function exactly(wanted: string): Lexeme {
  return { kind: 'one', text: wanted, accepts: (character) => character === wanted }
}

/** A class from its `[`, such as `[abc]`, `[0-9a-f]` or `[!_]`. A `]` that comes first is one of its characters. */
function classAt(characters: readonly string[], start: number, pattern: string): { readonly end: number, readonly accepts: (character: string) => boolean } {
  const isNegated = characters[start + 1] === '!' || characters[start + 1] === '^'
  const first = start + (isNegated ? 2 : 1)
  const ranges: { readonly from: number, readonly to: number }[] = []
  let at = first
  /** The code point of one character of the class, with `at` behind it. */
  const take = (): number => {
    if (characters[at] === '\\') at += 1
    const character = characters[at++]
    if (character === undefined) throw invalid(pattern, 'a [ is not closed; write \\[ for a name with a bracket')
    if (character === '/') throw invalid(pattern, 'a class in [ ] holds characters of a name, and / is none')
    if (character === '[' && characters[at] === ':') throw invalid(pattern, 'named classes such as [:digit:] are not known; write [0-9]')
    return character.codePointAt(0)!
  }
  while (at === first || characters[at] !== ']') {
    const from = take()
    if (characters[at] !== '-' || characters[at + 1] === ']') {
      ranges.push({ from, to: from })
      continue
    }
    at += 1
    const to = take()
    if (to < from) throw invalid(pattern, `the range ${String.fromCodePoint(from)}-${String.fromCodePoint(to)} ends before it begins; swap its ends`)
    ranges.push({ from, to })
  }
  return {
    end: at,
    accepts: (character) => {
      const code = character.codePointAt(0)!
      return ranges.some(({ from, to }) => code >= from && code <= to) !== isNegated
    },
  }
}

function invalid(pattern: string, why: string): CorpusError {
  return new CorpusError('CORPUS_PATTERN_INVALID', `the pattern "${pattern}" cannot be used: ${why}`)
}
