import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'

import { CorpusError } from './errors.js'
import type { FoundDesign, Reason } from './example.js'
import { readPairs } from './pairs.js'
import { qasmProgram, verilogModules } from './modules.js'

/** A file beyond this is generated or a netlist. */
export const LARGEST_FILE_BYTES = 1 << 20
const VERILOG = new Set(['.v', '.sv', '.vh', '.svh'])
const QASM = new Set(['.qasm', '.qasm3'])
/** Files that designs include; they hold no designs themselves. */
const HEADERS = new Set(['.h', '.inc', '.svi', '.vi', '.def', '.defines', '.pkg'])
/** Specification beside a design: the same name, or one of these in a folder with one design. */
const SPECIFICATION_EXTENSIONS = ['.md', '.txt', '.spec']
const FOLDER_SPECIFICATIONS = ['design_description.txt', 'specification.md', 'specification.txt', 'spec.md', 'spec.txt']
/** Folders that hold no designs of the house. */
const SKIPPED_FOLDERS = new Set(['node_modules', '.git', '.svn', 'build', 'obj_dir', 'xsim.dir'])

export type Found
  = | { readonly kind: 'design', readonly design: FoundDesign }
    | { readonly kind: 'left out', readonly reason: Reason }

export interface FindOptions {
  /** Whether a file, by its path relative to the source with `/` between names, must not be read. */
  readonly isExcluded: (file: string) => boolean
  /** Called for every file that is read. */
  readonly onFile?: (file: string) => void
}

/**
 * Reads designs from a folder or a file, one by one. Files are taken in the order of their names, links are not followed.
 *
 * @throws CorpusError CORPUS_SOURCE_MISSING, CORPUS_PAIRS_INVALID
 */
export async function* findDesigns(source: string, { isExcluded, onFile }: FindOptions): AsyncGenerator<Found> {
  const root = path.resolve(source)
  const entry = await stat(root).catch(() => undefined)
  if (!entry) throw new CorpusError('CORPUS_SOURCE_MISSING', `${root} does not exist or cannot be read: check the path under "corpus" in the node's settings`)
  const folder = entry.isDirectory() ? root : path.dirname(root)
  const files = entry.isDirectory() ? await filesOf(root, isDesignFile) : [root]
  const mayRead = (file: string): boolean => !isExcluded(relative(folder, file))
  for (const file of files) {
    if (!mayRead(file)) {
      yield { kind: 'left out', reason: 'excluded' }
      continue
    }
    onFile?.(file)
    yield* readDesigns(file, path.relative(folder, file), mayRead)
  }
}

/** Absolute paths of all files under the sources that a design may include or import from, in the order of their names. */
export async function sharedFiles(sources: readonly string[], isExcluded: (file: string) => boolean): Promise<string[]> {
  const files: string[] = []
  for (const source of sources) {
    const root = path.resolve(source)
    const entry = await stat(root).catch(() => undefined)
    const folder = entry?.isDirectory() ? root : path.dirname(root)
    const found = entry?.isDirectory() ? await filesOf(root, isSharedFile) : [root].filter(isSharedFile)
    files.push(...found.filter((file) => !isExcluded(relative(folder, file))))
  }
  return files
}

const extensionOf = (name: string): string => path.extname(name).toLowerCase()

const relative = (folder: string, file: string): string => path.relative(folder, file).split(path.sep).join('/')

const isSharedFile = (name: string): boolean => VERILOG.has(extensionOf(name)) || HEADERS.has(extensionOf(name))

const isDesignFile = (name: string): boolean => VERILOG.has(extensionOf(name)) || QASM.has(extensionOf(name)) || extensionOf(name) === '.jsonl'

async function filesOf(folder: string, wanted: (name: string) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files: string[] = []
  for (const entry of entries.sort((x, y) => x.name < y.name ? -1 : 1)) {
    const full = path.join(folder, entry.name)
    if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) files.push(...await filesOf(full, wanted))
    if (entry.isFile() && wanted(entry.name)) files.push(full)
  }
  return files
}

async function* readDesigns(file: string, name: string, mayRead: (file: string) => boolean): AsyncGenerator<Found> {
  const bytes = await readFile(file).catch(() => undefined)
  if (!bytes) {
    yield { kind: 'left out', reason: 'unreadable' }
    return
  }
  const extension = extensionOf(file)
  if (extension === '.jsonl') {
    yield* readPairs(bytes, name)
    return
  }
  if (bytes.length > LARGEST_FILE_BYTES) {
    yield { kind: 'left out', reason: 'too large' }
    return
  }
  const text = decodeText(bytes)
  if (text === undefined) {
    yield { kind: 'left out', reason: 'not text' }
    return
  }
  const designs = QASM.has(extension) ? qasmProgram(text, name) : verilogModules(text, name, file)
  if (designs.length === 0) {
    yield { kind: 'left out', reason: 'no design' }
    return
  }
  const specification = await specificationBeside(file, mayRead)
  for (const design of designs) {
    // A file of several modules has its specification for the whole; the last module is by custom the one that uses the others.
    const given = specification !== undefined && design === designs.at(-1) ? { specification } : {}
    yield { kind: 'design', design: { ...design, ...given } }
  }
}

async function specificationBeside(file: string, mayRead: (file: string) => boolean): Promise<string | undefined> {
  const stem = file.slice(0, -path.extname(file).length)
  for (const extension of SPECIFICATION_EXTENSIONS) {
    if (!mayRead(stem + extension)) continue
    const text = await readFile(stem + extension, 'utf8').catch(() => undefined)
    if (text !== undefined) return text.trim()
  }
  const beside = (await readdir(path.dirname(file))).filter((name) => mayRead(path.join(path.dirname(file), name)))
  // A description of a folder belongs to its one design; test benches are no designs.
  const designs = beside.filter((name) => VERILOG.has(path.extname(name)) && !/test|_tb\b|^tb_/i.test(name))
  if (designs.length !== 1 || designs[0] !== path.basename(file)) return undefined
  for (const name of FOLDER_SPECIFICATIONS) {
    if (beside.includes(name)) return (await readFile(path.join(path.dirname(file), name), 'utf8')).trim()
  }
  return undefined
}

/** UTF-8 text without control characters, or undefined. */
function decodeText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code < 9 || (code > 13 && code < 32)) return undefined
    }
    return text
  } catch {
    // Old sources are often Latin-1; every byte is a character there, so only control characters tell binary files.
    if (bytes.some((byte) => byte < 9)) return undefined
    return new TextDecoder('latin1').decode(bytes)
  }
}
