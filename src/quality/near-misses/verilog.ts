import type { Token } from '../verilog/lexer.js'
import { tokenise } from '../verilog/lexer.js'
import type { Edit } from './near-miss.js'
import { matching } from './brackets.js'
import { exchanges } from './verilog-names.js'

/** Operators that are easily mistaken for one another. `<=` is left out: most often it assigns. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '+': ['-'], '-': ['+'], '*': ['+'], '&': ['|', '^'], '|': ['&', '^'], '^': ['&', '~^'], '~^': ['^'], '~&': ['&'], '~|': ['|'],
  '&&': ['||'], '||': ['&&'], '==': ['!='], '!=': ['=='], '===': ['!=='], '!==': ['==='], '<': ['>', '>='], '>': ['<', '>='], '>=': ['>', '<'],
  '<<': ['>>'], '>>': ['<<'], '>>>': ['>>'], '<<<': ['>>'], '+:': ['-:'], '-:': ['+:'],
}

/** Every one-token change, and a few two-token exchanges, that keep the text parsable. */
export function verilogEdits(source: string): Edit[] {
  const tokens = tokenise(source).filter(({ kind }) => kind !== 'comment')
  const frozen = frozenTokens(source, tokens)
  const edits = tokens.flatMap((token, at) => frozen.has(at) ? [] : single(tokens, at, token))
  return [...edits, ...exchanges(tokens, frozen)]
}

function single(tokens: readonly Token[], at: number, token: Token): Edit[] {
  const replace = (kind: string, texts: readonly string[]): Edit[] => texts.map((text) => ({ kind, start: token.start, end: token.start + token.text.length, text }))
  const previous = tokens[at - 1]?.text
  switch (token.kind) {
    case 'operator': {
      if (token.text === '*' && (previous === '(' || previous === '@')) return []
      if (token.text === '~' || token.text === '!') return replace('polarity', [''])
      if (token.text === '?') return swapBranches(tokens, at)
      return replace('operator', OPERATORS[token.text] ?? [])
    }
    case 'number': return replace('constant', otherConstants(token.text))
    case 'keyword': {
      if (token.text === 'posedge') return [...replace('edge', ['negedge']), ...withoutEdge(tokens, at)]
      if (token.text === 'negedge') return [...replace('edge', ['posedge']), ...withoutEdge(tokens, at)]
      if (token.text === 'if' && tokens[at + 1]?.text === '(') return negate(tokens, at + 1)
      return []
    }
    default: return []
  }
}

/** Tokens that no edit may touch: directives with their lines, module headers, declared ranges, delays and attributes. */
function frozenTokens(source: string, tokens: readonly Token[]): Set<number> {
  const frozen = new Set<number>()
  const freeze = (from: number, to: number): void => {
    for (let i = from; i <= to; i++) frozen.add(i)
  }
  for (let at = 0; at < tokens.length; at++) {
    const { kind, text, start } = tokens[at]!
    if (kind === 'directive' && /^`(?:define|timescale|include|ifn?def|elsif|undef|default_nettype)$/.test(text)) {
      const end = source.indexOf('\n', start)
      for (let i = at; i < tokens.length && (end < 0 || tokens[i]!.start < end); i++) frozen.add(i)
    }
    if (text === '[') {
      const close = matching(tokens, at, '[', ']')
      if (tokens.slice(at, close).some((token) => token.text === ':')) freeze(at, close)
    }
    if (text === '#') frozen.add(at + 1)
    if (text === '(*') freeze(at, tokens.findIndex((token, i) => i >= at && token.text === '*)'))
    if (text === 'module') freeze(at, tokens.findIndex((token, i) => i >= at && token.text === ';'))
  }
  return frozen
}

function negate(tokens: readonly Token[], open: number): Edit[] {
  const close = matching(tokens, open, '(', ')')
  const first = tokens[open + 1]
  if (!first || close <= open + 1) return []
  // A condition that is only a negation is one edit already: the negation falls away.
  if ((first.text === '!' || first.text === '~') && close <= open + 3) return []
  const inner = { start: first.start, end: tokens[close]!.start }
  if (close === open + 2) return [{ kind: 'polarity', start: inner.start, end: inner.start, text: '!' }]
  return [{ kind: 'branch swap', start: inner.start, end: inner.start, text: '!(', also: { start: inner.end, end: inner.end, text: ')' } }]
}

/** Exchanges the two sides of a conditional operator where both are single words or numbers. */
function swapBranches(tokens: readonly Token[], at: number): Edit[] {
  const [first, colon, second, after] = tokens.slice(at + 1, at + 5)
  const simple = [first, second].every((token) => token?.kind === 'name' || token?.kind === 'number')
  if (!first || !second || !simple || colon?.text !== ':' || first.text === second.text || !/^[;,)}:]$/.test(after?.text ?? '')) return []
  return [{ kind: 'branch swap', start: first.start, end: first.start + first.text.length, text: second.text, also: { start: second.start, end: second.start + second.text.length, text: first.text } }]
}

/** Takes the second edge out of a sensitivity list: an asynchronous reset becomes a synchronous one. */
function withoutEdge(tokens: readonly Token[], at: number): Edit[] {
  const separator = tokens[at - 1]
  const signal = tokens[at + 1]
  if (!separator || signal?.kind !== 'name' || separator.text !== 'or' && separator.text !== ',') return []
  return [{ kind: 'edge', start: separator.start, end: signal.start + signal.text.length, text: '' }]
}

/** The same width and base, another value. */
function otherConstants(text: string): string[] {
  if (/^\d+$/.test(text)) {
    const value = Number(text)
    return value > 0 ? [`${value + 1}`, `${value - 1}`] : ['1']
  }
  const match = /^(\d*)(\s*'s?)([bdhoBDHO])(\s*)([\da-fA-F_]+)$/.exec(text)
  if (!match) return []
  const [, width = '', quote = '', base = '', gap = '', digits = ''] = match
  const radix = { b: 2, o: 8, d: 10, h: 16 }[base.toLowerCase()] ?? 10
  const value = Number.parseInt(digits.replaceAll('_', ''), radix)
  const limit = width === '' ? 2 ** 31 : 2 ** Number(width)
  if (!Number.isSafeInteger(value) || limit > 2 ** 52) return []
  const others = new Set([value ^ 1, value + 1, value - 1, value ^ (limit / 2 >>> 0)])
  return [...others].filter((other) => other >= 0 && other < limit && other !== value)
    .map((other) => `${width}${quote}${base}${gap}${other.toString(radix).padStart(radix === 10 ? 0 : digits.replaceAll('_', '').length, '0')}`)
}
