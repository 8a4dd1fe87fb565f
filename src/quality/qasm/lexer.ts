import { QasmFault } from './errors.js'

export type QasmTokenKind = 'name' | 'number' | 'string' | 'symbol' | 'end'

export interface QasmToken {
  readonly kind: QasmTokenKind
  readonly text: string
  /** 1-based. */
  readonly line: number
  readonly start: number
}

const TOKEN = /(?<space>\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<name>[A-Za-z_\u03c0\u03c4\u2107][\w]*)|(?<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)|(?<string>"[^"\n]*")|(?<symbol>->|==|!=|<=|>=|&&|\|\||\*\*|\+\+|<<|>>|[-+*/%^=(){}[\];,:<>!&|~@])/gy

/** @throws QasmFault where a character starts no token */
export function tokeniseQasm(source: string): QasmToken[] {
  const tokens: QasmToken[] = []
  let line = 1
  let at = 0
  while (at < source.length) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(source)
    if (!match) throw new QasmFault(`"${source.slice(at, at + 1)}" is not expected here`, line)
    const groups = match.groups ?? {}
    const kind = (['name', 'number', 'string', 'symbol'] as const).find((name) => groups[name] !== undefined)
    if (kind) tokens.push({ kind, text: match[0], line, start: at })
    for (const character of match[0]) if (character === '\n') line++
    at += match[0].length
  }
  return tokens
}

/** The text without comments and with single spaces. Text that is no OpenQASM stays as it is. */
export function normaliseQasm(source: string): string {
  try {
    return tokeniseQasm(source).map((token) => token.text).join(' ')
  } catch {
    return source
  }
}
