import { activeBranches } from './preprocess.js'
import { replaceSpans } from './spans.js'
import { codeOnly } from './text.js'

/** What a module's user sees of it. */
export interface ModuleInterface {
  readonly name: string
  /** As `WIDTH = 8`, in order of their declaration; without the value where that is long. */
  readonly parameters: readonly string[]
  /** As `input [7:0] data`, in order of their declaration, ANSI or not. */
  readonly ports: readonly string[]
}

const LONGEST_VALUE = 40
const DIRECTION = /^(input|output|inout|ref)\b/
/** Words of a declaration that say nothing about the values that pass. */
const KINDS = new Set(['wire', 'reg', 'logic', 'bit', 'var', 'tri', 'wand', 'wor', 'uwire', 'unsigned', 'const'])

/** Reads the head of the first module of a text, or undefined where there is none that ends. */
export function moduleInterface(design: string): ModuleInterface | undefined {
  const code = replaceSpans(activeBranches(codeOnly(design)).replace(/^[ \t]*`\w+[^\n]*$/gm, ''), /\(\*(?!\s*\))[\s\S]*?\*\)/g, /\*\)/g, ' ')
  const start = /\b(?:macro)?module\s+(?:automatic\s+|static\s+)?(\w+)/.exec(code)
  if (!start) return undefined
  let rest = code.slice(start.index + start[0].length).replace(/^(?:\s*import\b[^;]*;)+/, '').trimStart()
  let listed: string | undefined
  if (rest.startsWith('#')) {
    rest = rest.slice(1).trimStart()
    listed = bracketed(rest)
    if (listed === undefined) return undefined
    rest = rest.slice(listed.length + 2).trimStart()
  }
  const head = rest.startsWith('(') ? bracketed(rest) : ''
  if (head === undefined) return undefined
  const body = rest.slice(head.length)
  const ansi = declared(head)
  const ports = ansi.length > 0 ? ansi : portsOfBody(body)
  return { name: start[1]!, parameters: listed === undefined ? parametersOfBody(body) : parametersOf(listed), ports }
}

function portsOfBody(body: string): string[] {
  return [...withoutRoutines(body).matchAll(/\b(?:input|output|inout)\b[^;]*/g)].flatMap(([statement]) => declared(statement))
}

/** Ports of a list in which each begins with a direction or takes over what the one before it has. A list of names alone declares nothing. */
function declared(list: string): string[] {
  const ports: string[] = []
  let shared: readonly string[] = []
  for (const part of split(list)) {
    const direction = DIRECTION.exec(part)?.[1]
    const { words, name, sizes } = declarator(direction === undefined ? part : part.slice(direction.length))
    if (name === '') continue
    if (direction !== undefined) shared = [direction, ...words]
    else if (words.length > 0) shared = /^\w+\s*\.\s*\w+/.test(part) ? [part.slice(0, part.lastIndexOf(name)).replace(/\s+/g, '')] : [...shared.slice(0, 1), ...words]
    if (shared.length > 0) ports.push([...shared, name, ...sizes].join(' '))
  }
  return ports
}

/** Splits `logic signed [7:0] data [0:3]` into what stands before the name, the name, and what follows it. */
function declarator(text: string): { words: string[], name: string, sizes: string[] } {
  const parts = (text.split(/=(?!=)/)[0]!.match(/\[[^[\]]*(?:\[[^[\]]*\][^[\]]*)*\]|[\w$]+(?:\s*::\s*\w+)*/g) ?? []).map((part) => part.replace(/\s+/g, ''))
  const at = parts.findLastIndex((part) => !part.startsWith('['))
  if (at < 0) return { words: [], name: '', sizes: [] }
  return { words: parts.slice(0, at).filter((part) => !KINDS.has(part)), name: parts[at]!, sizes: parts.slice(at + 1) }
}

function withoutRoutines(body: string): string {
  return ['function', 'task'].reduce((rest, word) => replaceSpans(rest, new RegExp(`\\b${word}\\b[\\s\\S]*?\\bend${word}\\b`, 'g'), new RegExp(`\\bend${word}\\b`, 'g'), ''), body)
}

function parametersOfBody(body: string): string[] {
  return [...withoutRoutines(body).matchAll(/\bparameter\b[^;]*/g)].flatMap(([statement]) => parametersOf(statement))
}

function parametersOf(list: string): string[] {
  let local = false
  return split(list).flatMap((part) => {
    const kind = /^(parameter|localparam)\b/.exec(part)?.[1]
    if (kind !== undefined) local = kind === 'localparam'
    if (local) return []
    const [left = '', ...right] = part.slice(kind?.length ?? 0).split(/=(?!=)/)
    const { name } = declarator(left)
    const value = right.join('=').replace(/\s+/g, ' ').trim()
    if (name === '') return []
    const type = /^\s*type\b/.test(left) ? 'type ' : ''
    return [value === '' || value.length > LONGEST_VALUE ? type + name : `${type}${name} = ${value}`]
  })
}

/** What stands between the bracket at the start of a text and the one that closes it, if one does. */
function bracketed(text: string): string | undefined {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return text.slice(1, i)
  }
  return undefined
}

/** Cuts a list at the commas outside brackets. */
function split(list: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i <= list.length; i++) {
    const character = list[i]
    if (character !== undefined && '([{'.includes(character)) depth++
    else if (character !== undefined && ')]}'.includes(character)) depth--
    else if (character === undefined || (character === ',' && depth === 0)) {
      const part = list.slice(start, i).trim()
      if (part !== '') parts.push(part)
      start = i + 1
    }
  }
  return parts
}
