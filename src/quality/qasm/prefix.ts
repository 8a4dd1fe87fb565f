import { QasmFault } from './errors.js'
import { tokeniseQasm } from './lexer.js'
import type { QasmToken } from './lexer.js'

const BRACKETS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** Registers of OpenQASM 2 have their size behind the name, those of OpenQASM 3 before it. */
const OLD_REGISTERS = new Set(['qreg', 'creg'])
const NEW_REGISTERS = new Set(['qubit', 'bit'])

/**
 * Why no continuation makes a text a program, if that is certain: a bracket is closed that is not open, a character belongs to no token, or a qubit is named
 * that its register does not have.
 *
 * @param source - the beginning of a program; its last line may be incomplete and is not judged
 */
export function hopelessQasm(source: string): string | undefined {
  let tokens: readonly QasmToken[]
  try {
    // What is being written may end within a token, but not beyond its line.
    tokens = tokeniseQasm(source.slice(0, source.lastIndexOf('\n') + 1))
  } catch (error) {
    return error instanceof QasmFault && !source.includes('/*') ? error.message : undefined
  }
  return bracketFault(tokens) ?? registerFault(tokens)
}

function bracketFault(tokens: readonly QasmToken[]): string | undefined {
  const open: string[] = []
  for (const { text } of tokens) {
    if (['(', '[', '{'].includes(text)) open.push(text)
    const wanted = BRACKETS[text]
    if (wanted !== undefined && open.pop() !== wanted) return `"${text}" closes nothing`
  }
  return undefined
}

/** Of registers whose size is a number, and indices that are: what is computed is not judged. */
function registerFault(tokens: readonly QasmToken[]): string | undefined {
  const sizes = new Map<string, number>()
  const at = (index: number): string => tokens[index]?.text ?? ''
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== 'name') continue
    if (OLD_REGISTERS.has(text) && at(index + 2) === '[' && at(index + 4) === ']') sizes.set(at(index + 1), Number(at(index + 3)))
    else if (NEW_REGISTERS.has(text) && at(index + 1) === '[' && at(index + 3) === ']') sizes.set(at(index + 4), Number(at(index + 2)))
    // A name of its own scope may be the same.
    else if (text === 'gate' || text === 'def' || text === 'let' || text === 'for') return undefined
    const size = sizes.get(text)
    const isIndexed = at(index + 1) === '[' && at(index + 3) === ']' && /^\d+$/.test(at(index + 2)) && !OLD_REGISTERS.has(at(index - 1))
    if (size !== undefined && Number.isSafeInteger(size) && isIndexed && Number(at(index + 2)) >= size) return `${text} has ${size} places, and place ${at(index + 2)} is named`
  }
  return undefined
}
