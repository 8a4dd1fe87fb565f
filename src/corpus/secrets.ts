import { pieces } from './text.js'

/** What must not be learned, since a model can repeat what it has learned. Runs of unknown length are bounded, so that a long line takes no quadratic time. */
const SECRETS: readonly { readonly kind: string, readonly pattern: RegExp }[] = [
  { kind: 'private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { kind: 'cloud access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { kind: 'access token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|sk-[A-Za-z0-9_-]{20,}|AIza[\w-]{35})/ },
  { kind: 'web token', pattern: /\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{10}/ },
  { kind: 'e-mail address', pattern: /\b[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]+)+\b/ },
  { kind: 'licence key', pattern: /\b[A-Z0-9]{4,6}(?:-[A-Z0-9]{4,6}){3,}\b/ },
  { kind: 'licence line', pattern: /\b(?:INCREMENT|FEATURE)\s+\w+\s+\w+\s+[\d.]+\s.{0,1000}\bSIGN\s{0,10}=/ },
  // Also what names a revision or a file. The value of a number, as in 128'h 00..ff, is none.
  { kind: 'hexadecimal key', pattern: /(?<![\w']|'s?h\s{0,4})(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{32,}(?![\w'])/i },
  { kind: 'password', pattern: /\b(?:pass(?:word|wd)?|secret|api[_-]?key|auth[_-]?token|access[_-]?token|licen[sc]e[_-]?key)\s*[:=]\s*["']?[^\s"';,]{6,}/i },
  { kind: 'link with a password', pattern: /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{1,200}:[^\s/@]{1,200}@/i },
]

/** Kind of the first secret in a text. */
export function findSecret(text: string): string | undefined {
  return SECRETS.find(({ pattern }) => pattern.test(text))?.kind
}

export interface Redacted {
  readonly text: string
  /** Comment lines that were removed. */
  readonly removed: number
  /** Kind of a secret that stands in code or in a string, where removing it would break the design. */
  readonly inCode: string | undefined
}

/** Removes comment lines that hold a secret, and finds secrets elsewhere. */
export function redact(text: string): Redacted {
  let removed = 0
  let inCode: string | undefined
  const clean = pieces(text).map((piece) => {
    if (piece.kind !== 'comment') {
      inCode ??= findSecret(piece.text)
      return piece.text
    }
    if (findSecret(piece.text) === undefined) return piece.text
    const lines = piece.text.split('\n')
    const kept = lines.map((line, i) => {
      if (findSecret(line) === undefined) return line
      removed += 1
      // The marks of the comment stay, or what follows would become code.
      return (i === 0 ? /^\s*(?:\/\/|\/\*)?/.exec(line)![0] : '') + (i === lines.length - 1 && piece.text.startsWith('/*') ? '*/' : '')
    })
    if (findSecret(kept.join('\n')) === undefined) return kept.join('\n')
    removed += 1
    return piece.text.startsWith('//') ? '//' : '/**/'
  })
  return { text: clean.join(''), removed, inCode }
}
