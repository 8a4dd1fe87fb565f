import * as z from 'zod'

import { contentId } from '../../src/config/index.js'
import { HISTORY_TOKENS } from '../../src/inference/index.js'
import type { FinishedText } from '../../src/inference/index.js'
import type { Store } from '../../src/store/index.js'
import type { Logger } from '../../src/telemetry/index.js'

const VERSION = 1
const KINDS = ['verified', 'finished'] as const
type Kind = (typeof KINDS)[number]

/** Of longer texts and prompts the end is kept. */
const LONGEST_TEXT = 8191
const LONGEST_PROMPT = 2048
const BYTES_A_TOKEN = 4
/** Writing waits for the disk once an entry; a log is cut by whole entries. */
const TEXTS_AN_ENTRY = 8
/** A log that grows beyond this is cut to its newer half, which still holds as many tokens as are remembered, with prompts of the same length. */
const logBytes = (kind: Kind): number => 4 * BYTES_A_TOKEN * HISTORY_TOKENS[kind]

const textSchema = z.strictObject({ prompt: z.instanceof(Uint8Array), design: z.instanceof(Uint8Array) })
/** Texts are token ids: of another model they would be other texts. */
const entrySchema = z.strictObject({ version: z.literal(VERSION), model: z.string(), texts: z.array(textSchema).max(TEXTS_AN_ENTRY) })

interface KeptText {
  readonly prompt: Uint8Array
  readonly design: Uint8Array
}

export interface KeptHistoryOptions {
  readonly store: Pick<Store, 'appendLog' | 'readLog'>
  /** Content id of the base, whose tokenizer the texts are written in. */
  readonly model: string
  readonly vocabularySize: number
  readonly log: Logger
}

/**
 * What a node has written for its users, for the drafts of what it writes next: the newest texts, in memory and on disk. They never leave the node, and are the
 * node's: not kept apart by client.
 */
export class KeptHistory {
  readonly #texts: Readonly<Record<Kind, FinishedText[]>> = { verified: [], finished: [] }
  readonly #tokens: Record<Kind, number> = { verified: 0, finished: 0 }
  /** Hashes of the texts that are in memory. */
  readonly #known = new Set<string>()
  readonly #unsaved: Record<Kind, KeptText[]> = { verified: [], finished: [] }
  #saving: Promise<void> = Promise.resolve()

  private constructor(private readonly options: KeptHistoryOptions) {}

  /** What cannot be read is left out: it is there to be quick, nothing depends on it. */
  static async open(options: KeptHistoryOptions): Promise<KeptHistory> {
    const history = new KeptHistory(options)
    for (const kind of KINDS) await history.#read(kind)
    return history
  }

  /** The oldest first. */
  get texts(): readonly FinishedText[] {
    return KINDS.flatMap((kind) => this.#texts[kind])
  }

  /** @returns what is to be remembered; undefined where it is known already */
  add(text: FinishedText): FinishedText | undefined {
    const kind = text.isVerified ? 'verified' : 'finished'
    const kept = this.#hold(kind, text.prompt.slice(-LONGEST_PROMPT), text.design.slice(-LONGEST_TEXT))
    if (kept === undefined) return undefined
    this.#unsaved[kind].push({ prompt: bytesOf(kept.prompt), design: bytesOf(kept.design) })
    this.#saving = this.#saving.then(() => this.#save(kind))
    return kept
  }

  /** Waits until all is on disk. */
  async close(): Promise<void> {
    await this.#saving
  }

  async #read(kind: Kind): Promise<void> {
    const { store, model, vocabularySize, log } = this.options
    const entries = await store.readLog(logOf(kind)).catch((error: unknown) => {
      log.warn('texts that were written before could not be read, and drafts do without them', { kind, error })
      return []
    })
    let unreadable = 0
    for (const entry of entries) {
      const parsed = entrySchema.safeParse(entry)
      if (!parsed.success) unreadable += 1
      else if (parsed.data.model === model) {
        for (const { prompt, design } of parsed.data.texts) {
          const [asked, written] = [tokensOf(prompt), tokensOf(design)]
          if ([...asked, ...written].every((token) => token >= 0 && token < vocabularySize)) this.#hold(kind, asked, written)
          else unreadable += 1
        }
      }
    }
    if (unreadable > 0) log.warn('some texts that were written before are damaged or of another version, and are left out of drafts', { kind, leftOut: unreadable })
  }

  #hold(kind: Kind, prompt: readonly number[], design: readonly number[]): FinishedText | undefined {
    const key = keyOf(kind, design)
    if (design.length === 0 || this.#known.has(key)) return undefined
    const text = { prompt, design, isVerified: kind === 'verified' }
    this.#known.add(key)
    this.#texts[kind].push(text)
    this.#tokens[kind] += design.length
    while (this.#tokens[kind] > HISTORY_TOKENS[kind]) {
      const oldest = this.#texts[kind].shift()!
      this.#tokens[kind] -= oldest.design.length
      this.#known.delete(keyOf(kind, oldest.design))
    }
    return text
  }

  /** Writes several texts that came meanwhile into one entry. */
  async #save(kind: Kind): Promise<void> {
    const texts = this.#unsaved[kind].splice(0, TEXTS_AN_ENTRY)
    if (texts.length === 0) return
    const { store, model, log } = this.options
    await store.appendLog(logOf(kind), { version: VERSION, model, texts }, { maximumBytes: logBytes(kind) }).catch((error: unknown) => {
      log.warn('what was written could not be kept for drafts, and is known until the node stops', { error })
    })
  }
}

function logOf(kind: Kind): string {
  return `drafts-${kind}`
}

function keyOf(kind: Kind, design: readonly number[]): string {
  return `${kind} ${contentId(bytesOf(design))}`
}

function bytesOf(tokens: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(tokens.length * BYTES_A_TOKEN)
  const view = new DataView(bytes.buffer)
  for (const [at, token] of tokens.entries()) view.setInt32(at * BYTES_A_TOKEN, token, true)
  return bytes
}

function tokensOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.floor(bytes.length / BYTES_A_TOKEN) }, (_, at) => view.getInt32(at * BYTES_A_TOKEN, true))
}
