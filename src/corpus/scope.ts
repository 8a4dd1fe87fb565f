import { activeBranches } from './preprocess.js'
import { withoutComments } from './text.js'

/** A type, parameter or function of a package or of a file. */
export interface Item {
  readonly text: string
  /** Names that it defines: of an enumeration, its values too. */
  readonly names: readonly string[]
}

export interface Import {
  readonly package: string
  /** `*` is everything. */
  readonly name: string
}

/** What a package or a file defines outside its modules. */
export interface Scope {
  readonly items: readonly Item[]
  readonly imports: readonly Import[]
  readonly packages: ReadonlyMap<string, Scope>
}

interface Token { readonly text: string, readonly at: number }

const TOKEN = /"(?:[^"\\\n]|\\.)*"|`?[A-Za-z_$][\w$]*|\\\S+|\d[\w.']*|::|[^\s\w]/g
const DIRECTIVE_LINE = /^[ \t]*`(?:define|undef|timescale|default_nettype|include|resetall|line|pragma)\b(?:[^\n\\]|\\\r?\n|\\.)*$/gm
/** Constructs that hold nothing a module needs to parse, and how they end. */
const SKIPPED = new Map(Object.entries({
  class: 'endclass', interface: 'endinterface', program: 'endprogram', module: 'endmodule', macromodule: 'endmodule', primitive: 'endprimitive', property: 'endproperty', sequence: 'endsequence',
  covergroup: 'endgroup', clocking: 'endclocking', checker: 'endchecker', config: 'endconfig', generate: 'endgenerate',
}))
const QUALIFIERS = new Set(['virtual', 'static', 'automatic', 'pure', 'local', 'protected', 'const'])

/** Reads the definitions of a text; what it does not know is passed over. */
export function readScope(text: string): Scope {
  const code = activeBranches(withoutComments(text)).replace(DIRECTIVE_LINE, (line) => line.replace(/[^\n]/g, ' '))
  const tokens = [...code.matchAll(TOKEN)].map((match) => ({ text: match[0], at: match.index }))
  return new ScopeReader(code, tokens).read()
}

/** `import a::*, b::c;` as it stands in modules and files. */
export function importsOf(code: string): Import[] {
  return [...code.matchAll(/\bimport\s+((?:\w+\s*::\s*(?:\w+|\*)\s*,?\s*)+);/g)].flatMap((match) =>
    [...match[1]!.matchAll(/(\w+)\s*::\s*(\w+|\*)/g)].map(([, from, name]) => ({ package: from!, name: name! })))
}

class ScopeReader {
  #next = 0

  constructor(private readonly code: string, private readonly tokens: readonly Token[]) {}

  read(): Scope {
    const items: Item[] = []
    const imports: Import[] = []
    const packages = new Map<string, Scope>()
    while (this.#next < this.tokens.length) {
      const start = this.#next
      let word = this.tokens[start]!.text
      if (word === 'endpackage') break
      for (let i = start; QUALIFIERS.has(word) && i + 1 < this.tokens.length;) word = this.tokens[++i]!.text
      if (word === 'package') {
        this.#until(';')
        const name = this.tokens[this.#next - 2]?.text ?? ''
        packages.set(name, this.read())
        this.#next++
        if (this.tokens[this.#next]?.text === ':') this.#next += 2
      } else if (word === 'function' || word === 'task') {
        this.#until(`end${word}`)
        const head = this.tokens.slice(start, this.#next).findIndex(({ text }) => text === '(' || text === ';')
        items.push({ text: this.#text(start), names: [this.tokens[start + head - 1]?.text ?? ''] })
        if (this.tokens[this.#next]?.text === ':') this.#next += 2
      } else if (SKIPPED.has(word)) {
        this.#until(SKIPPED.get(word)!)
        if (this.tokens[this.#next]?.text === ':') this.#next += 2
      } else if (word.startsWith('`')) {
        this.#macro()
      } else {
        this.#statement()
        const taken = this.tokens.slice(start, this.#next)
        if (word === 'import') imports.push(...importsOf(this.#text(start)))
        else if (word === 'typedef') items.push({ text: this.#text(start), names: typeNames(taken) })
        else if (word === 'localparam' || word === 'parameter') items.push({ text: this.#text(start), names: assignedNames(taken) })
      }
    }
    return { items, imports, packages }
  }

  #text(start: number): string {
    const last = this.tokens[this.#next - 1]
    return last ? this.code.slice(this.tokens[start]!.at, last.at + last.text.length) : ''
  }

  #until(end: string): void {
    while (this.#next < this.tokens.length && this.tokens[this.#next]!.text !== end) this.#next++
    this.#next++
  }

  /** Up to a semicolon outside brackets. */
  #statement(): void {
    for (let depth = 0; this.#next < this.tokens.length; this.#next++) {
      const { text } = this.tokens[this.#next]!
      if (text === '(' || text === '{' || text === '[') depth++
      else if (text === ')' || text === '}' || text === ']') depth--
      else if (text === ';' && depth <= 0) break
      else if (text === 'endpackage') return
    }
    this.#next++
  }

  #macro(): void {
    this.#next++
    if (this.tokens[this.#next]?.text !== '(') return
    for (let depth = 0; this.#next < this.tokens.length; this.#next++) {
      const { text } = this.tokens[this.#next]!
      if (text === '(') depth++
      else if (text === ')' && --depth === 0) break
    }
    this.#next++
    if (this.tokens[this.#next]?.text === ';') this.#next++
  }
}

function typeNames(tokens: readonly Token[]): string[] {
  const names: string[] = []
  let depth = 0
  let values = false
  for (const [i, { text }] of tokens.entries()) {
    const before = tokens[i - 1]?.text
    if (text === '{') depth++
    else if (text === '}') depth--
    // The values of an enumeration follow the brace or a comma; those of members that are enumerations are defined as well.
    if (text === 'enum') values = true
    if (values && (before === '{' || before === ',') && isName(text)) names.push(text)
    if (text === '}') values = false
    if (depth === 0 && isName(text) && (tokens[i + 1]?.text === ';' || (tokens[i + 1]?.text === '[' && before === '}'))) names.push(text)
  }
  return names
}

function assignedNames(tokens: readonly Token[]): string[] {
  const names: string[] = []
  let depth = 0
  let last = ''
  for (const { text } of tokens) {
    if (text === '(' || text === '{' || text === '[') depth++
    else if (text === ')' || text === '}' || text === ']') depth--
    else if (depth === 0 && text === '=' && last !== '') {
      names.push(last)
      last = ''
    } else if (depth === 0 && isName(text)) last = text
  }
  return names
}

const isName = (text: string): boolean => /^[A-Za-z_]/.test(text)
