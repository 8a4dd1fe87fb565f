import type { QasmToken } from '../qasm/lexer.js'
import { tokeniseQasm } from '../qasm/lexer.js'
import type { Edit } from './near-miss.js'

/** Gates that take the same operands. */
const GATES: readonly (readonly string[])[] = [
  ['x', 'y', 'z', 'h'], ['s', 'sdg', 't', 'tdg'], ['cx', 'cz', 'cy'], ['rx', 'ry', 'rz'], ['crx', 'cry', 'crz'],
]

/** One gate, angle, qubit, bit or position changed. Text that is no OpenQASM has no near misses. */
export function qasmEdits(source: string): Edit[] {
  let tokens: QasmToken[]
  try {
    tokens = tokeniseQasm(source)
  } catch {
    return []
  }
  const sizes = registerSizes(tokens)
  const statements = statementsOf(tokens)
  return [
    ...statements.flatMap((statement) => withinStatement(statement, sizes)),
    ...statements.flatMap((statement, i) => exchangeWithNext(source, statement, statements[i + 1])),
  ]
}

/** A gate call, measurement or assignment at any depth, without its semicolon. */
type Statement = readonly QasmToken[]

const NO_CALL = new Set(['OPENQASM', 'include', 'qreg', 'creg', 'qubit', 'bit', 'gate', 'barrier', 'const', 'def', 'input', 'output'])

function statementsOf(tokens: readonly QasmToken[]): Statement[] {
  const statements: Statement[] = []
  let current: QasmToken[] = []
  for (const token of tokens) {
    if (token.text === '{' || token.text === '}') {
      current = []
      continue
    }
    if (token.text !== ';') {
      current.push(token)
      continue
    }
    if (current.length > 1 && !NO_CALL.has(current[0]!.text)) statements.push(current)
    current = []
  }
  return statements
}

function registerSizes(tokens: readonly QasmToken[]): Map<string, number> {
  const sizes = new Map<string, number>()
  tokens.forEach((token, at) => {
    const [a, b, c, d] = tokens.slice(at + 1, at + 5).map(({ text }) => text)
    if ((token.text === 'qreg' || token.text === 'creg') && b === '[') sizes.set(a!, Number(c))
    if ((token.text === 'qubit' || token.text === 'bit') && a === '[' && d !== undefined) sizes.set(d, Number(b))
  })
  return sizes
}

function withinStatement(statement: Statement, sizes: ReadonlyMap<string, number>): Edit[] {
  const replace = (kind: string, token: QasmToken, text: string): Edit => ({ kind, start: token.start, end: token.start + token.text.length, text })
  const edits: Edit[] = []
  const [first] = statement
  const peers = GATES.find((group) => group.includes(first!.text)) ?? []
  edits.push(...peers.filter((name) => name !== first!.text).map((name) => replace('gate', first!, name)))
  let depth = 0
  statement.forEach((token, at) => {
    if (token.text === '(') depth++
    if (token.text === ')') depth--
    if (depth > 0) {
      if (token.kind === 'number') edits.push(...otherNumbers(token.text).map((text) => replace('angle', token, text)))
      if (token.text === 'pi' && statement[at - 1]?.text !== '-') edits.push(replace('angle', token, '-pi'))
      if (token.text === '-' && statement[at - 1]?.text === '(') edits.push(replace('angle', token, ''))
    }
    const size = sizes.get(statement[at - 2]?.text ?? '')
    if (token.kind === 'number' && statement[at - 1]?.text === '[' && size !== undefined) {
      const used = new Set(statement.flatMap((other, i) => statement[i - 1]?.text === '[' && statement[i - 2]?.text === statement[at - 2]?.text ? [Number(other.text)] : []))
      for (let index = 0; index < Math.min(size, 16); index++) if (!used.has(index)) edits.push(replace('index', token, `${index}`))
    }
  })
  return [...edits, ...swapOperands(statement), remove(statement)]
}

/** `cx q[0],q[1]` becomes `cx q[1],q[0]`. */
function swapOperands(statement: Statement): Edit[] {
  const close = statement.findLastIndex(({ text }) => text === ')')
  const operands: QasmToken[][] = [[]]
  for (const token of statement.slice(Math.max(close, 0) + 1)) {
    if (token.text === ',') operands.push([])
    else operands.at(-1)!.push(token)
  }
  if (operands.length < 2 || operands.some((operand) => operand.length === 0)) return []
  const text = (operand: readonly QasmToken[]): string => operand.map((token) => token.text).join('')
  const span = (operand: readonly QasmToken[]): { start: number, end: number } => ({ start: operand[0]!.start, end: operand.at(-1)!.start + operand.at(-1)!.text.length })
  const [first, last] = [operands.at(-2)!, operands.at(-1)!]
  return [{ kind: 'operand swap', ...span(first), text: text(last), also: { ...span(last), text: text(first) } }]
}

function remove(statement: Statement): Edit {
  const last = statement.at(-1)!
  // An empty statement stays, so that a body or an `if` keeps its form; a barrier is one everywhere, but needs its operands.
  return { kind: 'removed', start: statement[0]!.start, end: last.start + last.text.length, text: '' }
}

function exchangeWithNext(source: string, one: Statement, two: Statement | undefined): Edit[] {
  if (!two) return []
  const span = (statement: Statement): { start: number, end: number } => ({ start: statement[0]!.start, end: statement.at(-1)!.start + statement.at(-1)!.text.length })
  const [a, b] = [span(one), span(two)]
  const between = source.slice(a.end, b.start)
  const [first, second] = [source.slice(a.start, a.end), source.slice(b.start, b.end)]
  if (/[{}]/.test(between) || first === second) return []
  return [{ kind: 'order', ...a, text: second, also: { ...b, text: first } }]
}

/** Doubled, halved and negated: what is easily mistaken in an angle. */
function otherNumbers(text: string): string[] {
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isFinite(value) || value === 0) return ['1']
  if (Number.isInteger(value)) return value > 1 && value % 2 === 0 ? [`${value * 2}`, `${value / 2}`] : [`${value * 2}`, `${value + 1}`]
  return [`${value * 2}`, `${value / 2}`, `-${value}`]
}
