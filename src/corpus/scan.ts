import { contentId, encodeCanonical } from '../identity/index.js'
import type { Checker, Domain } from '../quality/index.js'
import { Duplicates } from './duplicates.js'
import { CorpusError } from './errors.js'
import type { CorpusReport, Example, FoundDesign, Reason } from './example.js'
import { globMatcher } from './glob.js'
import { gradeOf, syntaxGrade } from './grade.js'
import { moduleInterface } from './interface.js'
import { Library } from './library.js'
import { redact } from './secrets.js'
import { findDesigns, sharedFiles } from './sources.js'
import { deriveSpecification } from './specification.js'
import { tidied } from './text.js'

const TEST_BENCH = /(?:^|_)(?:tb|test_?bench)(?:_|$)/i
/** And no other direction within it, as where a comma is missing. */
const INPUT = /^input (?!.*\b(?:output|inout)\b)/
/** Errors about what stands in another file. */
const NEEDS_MORE = /undefined macro|include file|of unknown type|implicit port connections/i

export interface ScanOptions {
  readonly checker: Checker
  /** Designs checked at the same time; as many as the checker has workers keeps it busy. Default 2. */
  readonly parallel?: number
  /** Designs of more characters than this do not fit the model. Default 6000. */
  readonly longestDesign?: number
  /** Designs graded below this are left out. Default 0.2. */
  readonly lowestGrade?: number
  /** Glob patterns, relative to each source folder, of files that are not read: see `globMatcher`. Default none. */
  readonly exclude?: readonly string[]
  readonly onProgress?: (progress: { readonly file: string, readonly designs: number, readonly kept: number }) => void
  readonly signal?: AbortSignal
}

export interface Corpus {
  readonly examples: readonly Example[]
  readonly report: CorpusReport
}

/**
 * Reads private sources and keeps what a model should learn from: designs that parse, once each, without secrets, with a specification.
 * The order of the examples depends on the sources only.
 *
 * @throws CorpusError CORPUS_SOURCE_MISSING, CORPUS_PAIRS_INVALID, CORPUS_PATTERN_INVALID, CORPUS_EMPTY (no file holds a design), CORPUS_NOTHING_USABLE (none is left)
 */
export async function scanCorpus(sources: readonly string[], options: ScanOptions): Promise<Corpus> {
  const { checker, parallel = 2, longestDesign = 6000, lowestGrade = 0.2 } = options
  const isExcluded = globMatcher(options.exclude ?? [])
  const duplicates = new Duplicates()
  const tally = new Tally()
  const pending: Promise<Example | undefined>[] = []
  const examples: Example[] = []
  const library = await Library.read(await sharedFiles(sources, isExcluded))
  const settle = async (): Promise<void> => {
    const example = await pending.shift()!
    if (example) examples.push(example)
  }

  for (const source of sources) {
    for await (const found of findDesigns(source, {
      isExcluded,
      onFile: (file) => {
        tally.files += 1
        options.onProgress?.({ file, designs: tally.designs, kept: examples.length })
      },
    })) {
      options.signal?.throwIfAborted()
      if (found.kind === 'left out') {
        tally.leaveOut(found.reason)
        continue
      }
      tally.designs += 1
      const clean = cleaned(found.design, longestDesign, tally)
      if (!clean) continue
      const novelty = duplicates.add(clean.design)
      if (novelty !== 'new') {
        tally.leaveOut(novelty)
        continue
      }
      pending.push(checked(clean, library, checker, lowestGrade, tally))
      if (pending.length >= parallel) await settle()
    }
  }
  while (pending.length > 0) await settle()

  if (tally.designs === 0) {
    const excluded = tally.excluded === 0 ? '' : `, and ${tally.excluded} more are excluded by pattern`
    throw new CorpusError('CORPUS_EMPTY', `no Verilog or OpenQASM design among ${tally.files} files in ${sources.join(', ')}${excluded}: the corpus needs .v, .sv, .vh, .qasm or .jsonl files`)
  }
  if (examples.length === 0) {
    throw new CorpusError('CORPUS_NOTHING_USABLE', `none of ${tally.designs} designs can be used (${tally.summary()}): \`meshwright corpus scan\` shows each reason`)
  }
  return { examples, report: tally.report(examples) }
}

/** Without secrets, comments before the design and untidy white space; undefined where that leaves nothing to learn from. */
function cleaned(found: FoundDesign, longest: number, tally: Tally): FoundDesign | undefined {
  const { text, removed, inCode } = redact(found.design)
  const header = redact(asComment(found.header))
  const given = found.specification === undefined ? undefined : redact(asComment(found.specification))
  tally.redacted += removed + header.removed + (given?.removed ?? 0)
  if (inCode !== undefined) { tally.leaveOut('secret in code'); return }
  if (found.domain === 'verilog' && found.specification === undefined && isTestBench(text)) { tally.leaveOut('test bench'); return }
  if (text.length > longest) { tally.leaveOut('too long'); return }
  const specification = given === undefined ? {} : { specification: fromComment(given.text) }
  return { ...found, design: tidied(text), header: fromComment(header.text), ...specification }
}

/** By its name, or because nothing can be seen of what it does: test benches and files of assertions have no outputs. */
function isTestBench(design: string): boolean {
  const module = moduleInterface(design)
  return module !== undefined && (TEST_BENCH.test(module.name) || module.ports.every((port) => INPUT.test(port)))
}

async function checked(found: FoundDesign, library: Library, checker: Checker, lowestGrade: number, tally: Tally): Promise<Example | undefined> {
  const { domain, design, source } = found
  const { source: text, missing } = library.checkable(found)
  const verdict = await checker.syntax(domain, text)
  if (verdict.outcome === 'unknown') { tally.leaveOut('not checked'); return }
  if (verdict.outcome === 'fail') { tally.leaveOut(missing.length > 0 || NEEDS_MORE.test(verdict.reason) ? 'part missing' : 'does not parse'); return }
  const derived = found.specification === undefined ? deriveSpecification(found) : undefined
  const specification = found.specification ?? derived?.text
  if (specification === undefined || specification === '') { tally.leaveOut('low grade'); return }
  const grade = gradeOf(design, derived?.description, syntaxGrade(verdict.warnings, (name) => library.hasModule(name)))
  if (grade < lowestGrade) { tally.leaveOut('low grade'); return }
  if (derived) tally.derived += 1
  return { id: contentId(encodeCanonical([domain, specification, design])), domain, specification, design, source, grade }
}

/** Text as comment lines, so that what holds a secret is removed line by line. */
function asComment(text: string): string {
  return text === '' ? '' : text.split('\n').map((line) => `//${line}`).join('\n')
}

function fromComment(text: string): string {
  return text.split('\n').map((line) => line.replace(/^\/\//, '')).join('\n').trim()
}

/** Counts while scanning. */
class Tally {
  files = 0
  designs = 0
  redacted = 0
  derived = 0
  readonly #leftOut = new Map<Reason, number>()

  leaveOut(reason: Reason): undefined {
    this.#leftOut.set(reason, (this.#leftOut.get(reason) ?? 0) + 1)
    return undefined
  }

  get excluded(): number { return this.#leftOut.get('excluded') ?? 0 }

  summary(): string {
    return [...this.#leftOut].map(([reason, count]) => `${count} ${reason}`).join(', ')
  }

  report(examples: readonly Example[]): CorpusReport {
    const byDomain: Partial<Record<Domain, number>> = {}
    for (const { domain } of examples) byDomain[domain] = (byDomain[domain] ?? 0) + 1
    return {
      files: this.files,
      designs: this.designs,
      kept: examples.length,
      leftOut: Object.fromEntries(this.#leftOut),
      redactedComments: this.redacted,
      specifications: { given: examples.length - this.derived, derived: this.derived },
      byDomain,
    }
  }
}
