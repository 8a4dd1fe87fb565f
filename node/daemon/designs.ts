import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

import * as z from 'zod'

import { globMatcher, scanCorpus, splitExamples } from '../../src/corpus/index.js'
import type { CorpusReport, Example, Split } from '../../src/corpus/index.js'
import type { Checker } from '../../src/quality/index.js'
import type { Store } from '../../src/store/index.js'
import type { Logger } from '../../src/telemetry/index.js'
import { NodeError } from '../errors.js'

const STATE = 'designs'
/** Raised when scanning changes, so that older results are not taken up. */
const STATE_VERSION = 2
/** Share of designs that nothing is trained on: personal models are chosen by them. */
const VALIDATION_SHARE = 0.15

const exampleSchema = z.object({
  id: z.string(), domain: z.enum(['verilog', 'qasm']), specification: z.string(), design: z.string(), source: z.string(), grade: z.number(),
})
const cachedSchema = z.object({ fingerprint: z.string(), examples: z.array(exampleSchema), report: z.custom<CorpusReport>((value) => typeof value === 'object' && value !== null) })

export interface Designs extends Split {
  readonly report: CorpusReport
}

export interface DesignsOptions {
  readonly folders: readonly string[]
  /** Glob patterns, relative to each folder, of files that are not read. */
  readonly exclude: readonly string[]
  readonly domain: string
  /** Asked for only where the designs have changed. */
  readonly checker: () => Checker
  readonly store: Store
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * A node's own designs, scanned where they have changed since last time.
 *
 * @throws CorpusError
 * @throws NodeError DOMAIN_WITHOUT_DESIGNS
 */
export async function loadDesigns({ folders, exclude, domain, checker, store, log, signal }: DesignsOptions): Promise<Designs> {
  const fingerprint = await fingerprintOf(folders, exclude)
  const cached = cachedSchema.safeParse(await store.readState(STATE, { version: STATE_VERSION }).catch((error: unknown) => {
    log.warn('the scanned designs could not be read and are scanned again', { error })
    return undefined
  }))
  const known = cached.success && cached.data.fingerprint === fingerprint
  const { examples, report } = known ? cached.data : await scan()
  const own = isChecked(domain) ? examples.filter((example) => example.domain === domain) : examples
  if (own.length === 0) {
    throw new NodeError('DOMAIN_WITHOUT_DESIGNS', `none of ${examples.length} designs is of the domain "${domain}": set the node's domain to that of its designs, or name other folders`)
  }
  const split = splitExamples(own, VALIDATION_SHARE)
  return { ...(split.training.length > 0 ? split : { training: own, validation: [] }), report }

  async function scan(): Promise<{ examples: readonly Example[], report: CorpusReport }> {
    log.info('scanning designs', { folders: folders.join(', ') })
    const corpus = await scanCorpus(folders, { exclude, checker: checker(), parallel: 4, signal })
    const { files, designs, kept } = corpus.report
    log.info('designs scanned', { files, designs, kept, leftOut: corpus.report.leftOut })
    await store.writeState(STATE, STATE_VERSION, { fingerprint, ...corpus })
    return corpus
  }
}

/** The designs of the last scan, whatever has become of the folders since; none where there was no scan. */
export async function cachedDesigns(store: Store): Promise<readonly Example[]> {
  const cached = cachedSchema.safeParse(await store.readState(STATE, { version: STATE_VERSION }).catch(() => undefined))
  return cached.success ? cached.data.examples : []
}

function isChecked(domain: string): boolean {
  return domain === 'verilog' || domain === 'qasm'
}

/** A hash over the names and contents of all files that may be read, and over what decides which those are. */
async function fingerprintOf(sources: readonly string[], exclude: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(exclude))
  const isExcluded = globMatcher(exclude)
  const add = async (path: string, name: string, within: readonly string[]): Promise<void> => {
    const entry = await stat(path).catch(() => undefined)
    // A source that is a file stands in its folder.
    const relative = within.length === 0 && entry?.isFile() ? basename(path) : within.join('/')
    if (relative !== '' && isExcluded(relative)) {
      hash.update(`${name}\0`)
    } else if (entry?.isDirectory()) {
      for (const child of (await readdir(path)).sort()) if (!child.startsWith('.')) await add(join(path, child), `${name}/${child}`, [...within, child])
    } else if (entry?.isFile()) {
      hash.update(`${name}\0${entry.size}\0`).update(await readFile(path).catch(() => ''))
    }
  }
  for (const source of sources) await add(source, source, [])
  return hash.digest('hex')
}
