import type { Token } from '../verilog/lexer.js'
import type { Edit } from './near-miss.js'
import { matching } from './brackets.js'

/** One name in place of another of the same shape: an input for an input, a register for a register; and connections exchanged at an instance. */
export function exchanges(tokens: readonly Token[], frozen: ReadonlySet<number>): Edit[] {
  const shapes = declaredShapes(tokens)
  const peers = new Map<string, string[]>()
  for (const [name, shape] of shapes) peers.set(shape, [...peers.get(shape) ?? [], name])
  const reads = readPlaces(tokens)
  const replaced = tokens.flatMap((token, at): Edit[] => {
    const shape = shapes.get(token.text)
    if (token.kind !== 'name' || shape === undefined || frozen.has(at) || !reads.has(at)) return []
    return (peers.get(shape) ?? []).filter((other) => other !== token.text)
      .map((text) => ({ kind: 'name swap', start: token.start, end: token.start + token.text.length, text }))
  })
  return [...replaced, ...portSwaps(tokens)]
}

/** Names by what they are declared as: direction or kind, and range. */
function declaredShapes(tokens: readonly Token[]): Map<string, string> {
  const shapes = new Map<string, string>()
  for (let at = 0; at < tokens.length; at++) {
    const word = tokens[at]!.text
    if (tokens[at]!.kind !== 'keyword' || !['input', 'reg', 'wire', 'logic'].includes(word)) continue
    let next = at + 1
    while (['reg', 'wire', 'logic', 'signed'].includes(tokens[next]?.text ?? '')) next++
    let range = ''
    if (tokens[next]?.text === '[') {
      const close = matching(tokens, next, '[', ']')
      range = tokens.slice(next, close + 1).map(({ text }) => text).join('')
      next = close + 1
    }
    // `input a, b, c` and `input a, input b`: names up to whatever is no name.
    while (tokens[next]?.kind === 'name') {
      const ends = tokens[next + 1]?.text
      if (ends !== undefined && [',', ';', ')', '='].includes(ends)) shapes.set(tokens[next]!.text, `${word === 'input' ? 'input' : 'local'} ${range}`)
      if (ends !== ',') break
      next += 2
    }
    at = next - 1
  }
  return shapes
}

const ENDING = new Set([';', 'begin', 'end', 'else', 'input', 'output', 'wire', 'reg', 'logic', 'module', 'parameter', 'localparam', 'genvar', 'integer'])
const BEGINNING = new Set(['=', '<=', '(', '?'])

/** Tokens that stand in an expression: a name there is neither assigned, nor declared, nor the name of a port in an instance, nor an edge. */
function readPlaces(tokens: readonly Token[]): Set<number> {
  const places = new Set<number>()
  let reading = false
  for (const [at, { text }] of tokens.entries()) {
    if (BEGINNING.has(text)) reading = true
    else if (ENDING.has(text) || text === ':' && tokens[at - 1]?.kind !== 'name') reading = false
    const previous = tokens[at - 1]?.text
    if (reading && previous !== '.' && previous !== 'posedge' && previous !== 'negedge') places.add(at)
  }
  return places
}

/** `.a(x), .b(y)` becomes `.a(y), .b(x)`. */
function portSwaps(tokens: readonly Token[]): Edit[] {
  const edits: Edit[] = []
  for (let at = 0; at + 10 < tokens.length; at++) {
    const words = tokens.slice(at, at + 11)
    const form = words.map(({ kind, text }) => kind === 'name' ? 'n' : text).join('')
    if (!/^\.n\(n\),\.n\(n\)/.test(form)) continue
    const [first, second] = [words[3]!, words[9]!]
    if (first.text === second.text) continue
    edits.push({ kind: 'port swap', start: first.start, end: first.start + first.text.length, text: second.text, also: { start: second.start, end: second.start + second.text.length, text: first.text } })
  }
  return edits
}
