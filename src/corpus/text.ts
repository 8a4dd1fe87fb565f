/** A piece of source text: a comment, a string, or code between them. */
export interface Piece {
  readonly kind: 'code' | 'comment' | 'string'
  readonly text: string
  readonly at: number
}

/** A string that does not end is one up to the end of its line: to try each of its quotation marks for a beginning would take quadratic time. */
const PIECE = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"\\\n]|\\[^\n])*(?:"|(?=\\?(?:\n|$)))/g

/** Cuts Verilog or OpenQASM text into comments, strings and code. The pieces joined are the text. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let at = 0
  for (const match of text.matchAll(PIECE)) {
    if (match.index > at) found.push({ kind: 'code', text: text.slice(at, match.index), at })
    found.push({ kind: match[0].startsWith('"') ? 'string' : 'comment', text: match[0], at: match.index })
    at = match.index + match[0].length
  }
  if (at < text.length) found.push({ kind: 'code', text: text.slice(at), at })
  return found
}

/** The text with comments and strings blanked out, character for character, so that positions stay. */
export function codeOnly(text: string): string {
  return pieces(text).map((piece) => piece.kind === 'code' ? piece.text : piece.text.replace(/[^\n]/g, ' ')).join('')
}

/** The text with comments blanked out, character for character; strings stay. */
export function withoutComments(text: string): string {
  return pieces(text).map((piece) => piece.kind === 'comment' ? piece.text.replace(/[^\n]/g, ' ') : piece.text).join('')
}

/** Words and signs of the code, comments left out: what duplicates are compared by. */
export function codeTokens(text: string): string[] {
  return pieces(text).filter((piece) => piece.kind !== 'comment').map((piece) => piece.text).join(' ').match(/[A-Za-z_$`][\w$]*|\d[\w.']*|[^\s\w]/g) ?? []
}

/** What a comment says, without its marks. Empty lines and rulers end a paragraph: of those, one empty line is left. */
export function commentText(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*(?:\/\/+[!<]*|\/\*+!?|\*+\/?)/, '').replace(/(?:(?<!\*)\*+\/|(?<!\/)\/\/+)\s*$/, '').trim())
    .map((line) => /[A-Za-z0-9]/.test(line) ? line : '')
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '')
}

/** No trailing spaces, at most one empty line in a row, one newline at the end. */
export function tidied(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/(?<![ \t])[ \t]+$/gm, '').replace(/\n{3,}/g, '\n\n').trim() + '\n'
}
