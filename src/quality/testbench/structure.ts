import type { Token } from '../verilog/lexer.js'
import { tokenise } from '../verilog/lexer.js'

/** The modules of a text and what they instantiate, as far as tokens tell. */
export interface Structure {
  /** In the order in which they stand. */
  readonly modules: readonly ModuleText[]
  readonly defined: ReadonlySet<string>
  /** Names of modules of which the text makes instances. */
  readonly instantiated: ReadonlySet<string>
}

export interface ModuleText {
  readonly name: string
  /** Offsets of the module in the text, `endmodule` included. */
  readonly start: number
  readonly end: number
  readonly instantiates: ReadonlySet<string>
}

/** Words that stand where the name of a module does, and are none. Those of the lexer's keywords need not be here. */
const NO_MODULE = new Set(`
bufif0 bufif1 notif0 notif1 nmos pmos cmos rnmos rpmos rcmos tran tranif0 tranif1 rtran rtranif0 rtranif1 pullup pulldown
primitive program class checker interface package event disable force release deassign fork join specify table
`.trim().split(/\s+/))

/** Reads any text; what is no Verilog has no modules. */
export function structureOf(source: string): Structure {
  const tokens = codeTokens(source)
  const modules: ModuleText[] = []
  let open: { name: string, start: number, instantiates: Set<string> } | undefined
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!
    if (isModule(token)) {
      let next = at + 1
      while (['automatic', 'static'].includes(tokens[next]?.text ?? '')) next++
      const name = tokens[next]
      if (name?.kind === 'name') open = { name: name.text, start: token.start, instantiates: new Set() }
      at = next
    } else if (token.text === 'endmodule' && token.kind === 'keyword') {
      if (open) modules.push({ ...open, end: token.start + token.text.length })
      open = undefined
    } else if (open && isInstance(tokens, at)) open.instantiates.add(token.text)
  }
  return {
    modules,
    defined: new Set(modules.map(({ name }) => name)),
    instantiated: new Set(modules.flatMap(({ instantiates }) => [...instantiates])),
  }
}

/** Modules that no other module of the text instantiates. */
export function rootsOf({ modules, instantiated }: Structure): string[] {
  return [...new Set(modules.map(({ name }) => name))].filter((name) => !instantiated.has(name))
}

/** The text with a module, and instances of it, under another name. */
export function renameModule(source: string, from: string, to: string): string {
  if (from === to) return source
  const tokens = codeTokens(source)
  let result = ''
  let end = 0
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'name' || token.text !== from) continue
    const before = tokens[at - 1]
    const isDefinition = before !== undefined && (isModule(before) || before.text === 'automatic')
    const isLabel = before?.text === ':' && tokens[at - 2]?.text === 'endmodule'
    if (!isDefinition && !isLabel && !isInstance(tokens, at)) continue
    result += source.slice(end, token.start) + to
    end = token.start + token.text.length
  }
  return result + source.slice(end)
}

/** What a testbench tests: the one module that it instantiates and neither defines itself nor finds in the reference. */
export type Target
  = | { readonly top: string, readonly roots: readonly string[], /** Whether the testbench needs the reference beside the design. */ readonly needsReference: boolean }
    | { readonly refused: string }

/** @param given - the name of the module under test, where it is known */
export function targetOf(testbench: string, reference: string | undefined, given: string | undefined): Target {
  const bench = structureOf(testbench)
  if (bench.modules.length === 0) return { refused: 'there is no module in the testbench' }
  const roots = rootsOf(bench).filter((name) => /^[A-Za-z_]\w*$/.test(name))
  const asked = [...bench.instantiated].filter((name) => !bench.defined.has(name))
  const held = reference === undefined ? new Set<string>() : structureOf(reference).defined
  const open = asked.filter((name) => !held.has(name))
  const tested = given ?? (open.length > 0 ? open : asked)
  if (typeof tested === 'string') {
    if (!asked.includes(tested)) return { refused: `the testbench makes no instance of "${tested}"` }
  } else if (tested.length !== 1) {
    return { refused: tested.length === 0 ? 'the testbench makes no instance of a module that it does not define itself' : `the testbench makes instances of ${tested.join(', ')}: say which of them is tested` }
  }
  const top = typeof tested === 'string' ? tested : tested[0]!
  if (!/^[A-Za-z_]\w*$/.test(top)) return { refused: `a module named "${top}" cannot be asked for` }
  return { top, roots, needsReference: !held.has(top) && asked.some((name) => held.has(name)) }
}

/** The reference in the place of the design: its top module under the name that the testbench asks for. Undefined where it has none or several. */
export function asDesign(reference: string, testbench: string, top: string): string | undefined {
  const structure = structureOf(reference)
  if (structure.defined.has(top)) return reference
  const roots = rootsOf(structure)
  const wanted = structureOf(testbench).instantiated
  const name = roots.find((root) => wanted.has(root)) ?? (roots.length === 1 ? roots[0] : undefined)
  return name && renameModule(reference, name, top)
}

/** A module with the ports and parameters that a testbench names where it makes an instance of it, and nothing in it. */
export function stubOf(testbench: string, top: string): string {
  const tokens = codeTokens(testbench)
  const at = tokens.findIndex((token, place) => token.text === top && isInstance(tokens, place))
  if (at < 0) return `module ${top}; endmodule\n`
  const hasParameters = tokens[at + 1]?.text === '#'
  const behind = hasParameters ? after(tokens, at + 2, '(', ')') : at + 1
  const open = tokens[behind + 1]?.text === '[' ? after(tokens, behind + 1, '[', ']') : behind + 1
  const named = (from: number, to: number): string[] => [...new Set(tokens.slice(from, to).flatMap(({ kind, text }, offset, list) => kind === 'name' && list[offset - 1]?.text === '.' && ['(', ','].includes(list[offset - 2]?.text ?? '') ? [text] : []))]
  const parameters = hasParameters ? named(at + 2, behind) : []
  const ports = named(open, after(tokens, open, '(', ')'))
  return `module ${top}${parameters.length > 0 ? ` #(${parameters.map((name) => `parameter ${name} = 0`).join(', ')})` : ''}(${ports.map((name) => `input ${name}`).join(', ')}); endmodule\n`
}

function codeTokens(source: string): Token[] {
  return tokenise(source).filter(({ kind }) => kind !== 'comment')
}

function isModule({ kind, text }: Token): boolean {
  return kind === 'keyword' && text === 'module' || kind === 'name' && text === 'macromodule'
}

/** `name instance (`, with parameters and a range between them where there are any. */
function isInstance(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  if (token.kind !== 'name' || NO_MODULE.has(token.text) || ['.', 'function', 'task', 'module'].includes(tokens[at - 1]?.text ?? '')) return false
  let next = at + 1
  if (tokens[next]?.text === '#') {
    if (tokens[next + 1]?.text !== '(') return false
    next = after(tokens, next + 1, '(', ')')
  }
  if (tokens[next]?.kind !== 'name') return false
  next++
  if (tokens[next]?.text === '[') next = after(tokens, next, '[', ']')
  return tokens[next]?.text === '('
}

/** The place behind the bracket that closes the one at `at`. */
export function after(tokens: readonly Token[], at: number, open: string, close: string): number {
  let depth = 0
  for (let next = at; next < tokens.length; next++) {
    if (tokens[next]!.text === open) depth++
    else if (tokens[next]!.text === close && --depth === 0) return next + 1
  }
  return tokens.length
}
