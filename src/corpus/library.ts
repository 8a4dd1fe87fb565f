import { readFile } from 'node:fs/promises'
import path from 'node:path'

import type { FoundDesign } from './example.js'
import { Directives } from './preprocess.js'
import { readable, withConstants } from './readable.js'
import { LARGEST_FILE_BYTES } from './sources.js'
import { importsOf, readScope } from './scope.js'
import type { Import, Item, Scope } from './scope.js'
import { codeOnly, withoutComments } from './text.js'

/** Included files may include others, this deep. */
const DEEPEST_INCLUDE = 12
/** Characters of included text for one design; the checker refuses more than 256 KiB in all. */
const LONGEST_INCLUDED = 160_000
const INCLUDE = /^[ \t]*`include[ \t]+["<]([^">\n]+)[">][^\n]*$/gm
/** A module up to its body. */
const HEAD = /\b(?:macro)?module\s+(?:automatic\s+|static\s+)?(\w+)(?:\s*\bimport\b[^;]*;)*[^;]*;/g

interface Package { readonly file: string, readonly scope: Scope }
interface Module { readonly file: string, readonly head: string }

/** A design as the checker is asked about it. */
export interface Checkable {
  readonly source: string
  /** Packages and included files that it names and that are nowhere among the sources. */
  readonly missing: readonly string[]
}

/**
 * What the designs of a project share: packages, included files, module names. A design is checked together with what it uses of them.
 * Where several have the same name, that which is nearest to the design in the folder tree is taken.
 */
export class Library {
  readonly #texts = new Map<string, string>()
  readonly #byName = new Map<string, string[]>()
  readonly #packages = new Map<string, Package[]>()
  readonly #modules = new Map<string, Module[]>()
  readonly #macros = new Map<string, string[]>()

  /** @param files - absolute paths of Verilog files and headers; those that cannot be read are passed over */
  static async read(files: readonly string[]): Promise<Library> {
    const library = new Library()
    for (const file of files) {
      const text = await readFile(file, 'utf8').catch(() => undefined)
      if (text === undefined || text.length > LARGEST_FILE_BYTES) continue
      library.#texts.set(file, text)
      add(library.#byName, path.basename(file), file)
    }
    const included = new Set<string>()
    for (const [file, text] of library.#texts) {
      library.#index(file, text)
      for (const [, name] of text.matchAll(INCLUDE)) included.add(path.posix.basename(name!.replaceAll('\\', '/')))
    }
    library.#forget(included)
    return library
  }

  /** Whether a module of this name is among the sources. */
  hasModule(name: string): boolean { return this.#modules.has(name) }

  /** What the checker is asked about a design: with it, as little of the project as it uses. */
  checkable(design: FoundDesign): Checkable {
    const missing = new Set<string>()
    if (design.domain !== 'verilog') return { source: design.design, missing: [] }
    const prelude = this.#expanded(design.prelude, design.file, missing)
    const body = this.#expanded(design.design, design.file, missing)
    const surroundings = readScope(this.#expanded(design.surroundings, design.file, missing))
    const collector = new Collector((name) => this.#package(name, design.file), missing)
    const parts = [...this.#implied(body, design.file), body]
    for (const part of parts) collector.collect(part, { ...surroundings, imports: [...surroundings.imports, ...importsOf(withoutComments(part))] })
    const items = withConstants(collector.items.map((item) => `${item.text}\n`).join(''))
    const defined = this.#definitions(items + body, prelude, design.file)
    return { source: defined + prelude + readable(items + parts.join('\n')), missing: [...missing] }
  }

  #index(file: string, text: string): void {
    const code = withoutComments(text)
    for (const { 0: head, 1: name } of code.matchAll(HEAD)) add(this.#modules, name!, { file, head })
    for (const [, name] of code.matchAll(/^[ \t]*`define[ \t]+(\w+)/gm)) add(this.#macros, name!, file)
    if (!/\bpackage\b/.test(code)) return
    for (const [name, scope] of readScope(this.#expanded(text, file, new Set())).packages) add(this.#packages, name, { file, scope })
  }

  /** Keeps in memory only the texts that are asked for again: those that others include, and those that define macros. */
  #forget(included: ReadonlySet<string>): void {
    const macros = new Set([...this.#macros.values()].flat())
    for (const file of this.#texts.keys()) if (!included.has(path.basename(file)) && !macros.has(file)) this.#texts.delete(file)
  }

  /** Directives of the files that define macros which a design uses and neither it nor what it includes defines: all files may be compiled as one. */
  #definitions(body: string, prelude: string, file: string): string {
    const own = new Set([...`${prelude}\n${body}`.matchAll(/^[ \t]*`define[ \t]+(\w+)/gm)].map((match) => match[1]))
    const files = new Set<string>()
    for (const [, name] of codeOnly(body).matchAll(/`(\w+)/g)) {
      const found = own.has(name) ? undefined : nearest(this.#macros.get(name!) ?? [], file, (one) => one)
      if (found !== undefined) files.add(found)
    }
    return [...files].map((one) => {
      const directives = new Directives()
      directives.read(this.#expanded(this.#texts.get(one) ?? '', one, new Set()), true)
      return directives.prelude
    }).join('')
  }

  /** Heads of the modules that a design connects by `.*`, without which nobody knows what is connected. */
  #implied(body: string, file: string): string[] {
    const code = codeOnly(body)
    if (!/\.\s*\*/.test(code)) return []
    const names = new Set([...code.matchAll(/\b([A-Za-z_]\w*)\s*(?=#\s*\(|[A-Za-z_]\w*\s*\()/g)].map((match) => match[1]!))
    return [...names].flatMap((name) => {
      const found = nearest(this.#modules.get(name) ?? [], file, (module) => module.file)
      return found && !new RegExp(`\\bmodule\\s+${name}\\b`).test(code) ? [`(* blackbox *) ${found.head}\nendmodule`] : []
    })
  }

  #package(name: string, from: string): Scope | undefined {
    return nearest(this.#packages.get(name) ?? [], from, ({ file }) => file)?.scope
  }

  /** The text with included files in place of their directives. */
  #expanded(text: string, file: string, missing: Set<string>): string {
    let room = LONGEST_INCLUDED
    const expand = (part: string, from: string, depth: number): string => {
      if (!part.includes('`include')) return part
      return withoutComments(part).replace(INCLUDE, (_, name: string) => {
        const found = this.#included(name, from)
        const said = found === undefined ? undefined : this.#texts.get(found)
        if (found === undefined || said === undefined) {
          missing.add(name)
          return ''
        }
        if (depth >= DEEPEST_INCLUDE || said.length > room) return ''
        room -= said.length
        return expand(said, found, depth + 1)
      })
    }
    return expand(text, file, 0)
  }

  #included(name: string, from: string): string | undefined {
    const beside = path.resolve(path.dirname(from), name)
    if (this.#texts.has(beside)) return beside
    const ending = `/${path.posix.normalize(name.replaceAll('\\', '/')).replace(/^(?:\.\.\/)+/, '')}`
    const named = this.#byName.get(path.posix.basename(ending)) ?? []
    return nearest(named.filter((file) => file.replaceAll('\\', '/').endsWith(ending)), from, (file) => file) ?? nearest(named, from, (file) => file)
  }
}

/** Gathers the definitions that a text uses, those first on which others rest. */
class Collector {
  readonly items: Item[] = []
  readonly #seen = new Set<Item>()

  constructor(private readonly packageOf: (name: string) => Scope | undefined, private readonly missing: Set<string>) {}

  collect(text: string, scope: Scope): void {
    const code = withoutComments(text)
    const imported = scope.imports.map((one) => [one, this.#known(one, scope)] as const)
    for (const [, from, name] of code.matchAll(/\b([A-Za-z_]\w*)\s*::\s*([A-Za-z_]\w*)/g)) {
      const found = this.#known({ package: from!, name: name! }, scope)
      if (found) this.#take(name!, found)
    }
    for (const name of new Set(code.match(/(?<![.`$\w])[A-Za-z_]\w*/g))) {
      if (this.#take(name, scope)) continue
      imported.some(([one, found]) => found !== undefined && (one.name === '*' || one.name === name) && this.#take(name, found))
    }
  }

  #known({ package: name }: Import, scope: Scope): Scope | undefined {
    const found = scope.packages.get(name) ?? this.packageOf(name)
    if (!found && name !== 'std') this.missing.add(name)
    return found
  }

  #take(name: string, scope: Scope): boolean {
    const item = scope.items.find(({ names }) => names.includes(name))
    if (!item) return false
    if (this.#seen.has(item)) return true
    this.#seen.add(item)
    this.collect(item.text, scope)
    this.items.push(item)
    return true
  }
}

function add<V>(map: Map<string, V[]>, key: string, value: V): void {
  const values = map.get(key)
  if (values) values.push(value)
  else map.set(key, [value])
}

/** The one whose path shares most folders with `from`; the first of equals. */
function nearest<T>(all: readonly T[], from: string, pathOf: (one: T) => string): T | undefined {
  const folders = path.dirname(from).split(path.sep)
  const shared = (one: T): number => {
    const others = path.dirname(pathOf(one)).split(path.sep)
    const at = folders.findIndex((folder, i) => folder !== others[i])
    return at < 0 ? folders.length : at
  }
  return all.reduce<T | undefined>((best, one) => best === undefined || shared(one) > shared(best) ? one : best, undefined)
}
