import * as z from 'zod'

import type { CorpusSegment } from '../../src/inference/index.js'
import type { Store } from '../../src/store/index.js'
import type { Logger } from '../../src/telemetry/index.js'

const STATE = 'corpus-index'
const VERSION = 1
const BYTES_A_TOKEN = 4
/** What is larger than some 50 MB of sources is indexed at each start: writing it down would take as long. */
const TOKENS_AT_MOST = 2 ** 24

const segmentSchema = z.strictObject({
  documents: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
  tokens: z.instanceof(Uint8Array),
  order: z.instanceof(Uint8Array),
})
const indexSchema = z.array(segmentSchema).max(64)

/** The index of a node's own designs on disk, so that a start does not sort them again. It holds their tokens, and lies where the scanned designs do. */
export class KeptCorpusIndex {
  #saving: Promise<void> = Promise.resolve()

  constructor(private readonly store: Pick<Store, 'readState' | 'writeState'>, private readonly log: Logger) {}

  /** What cannot be read is made again. */
  async read(): Promise<readonly CorpusSegment[]> {
    await this.#saving
    try {
      const kept = await this.store.readState(STATE, { version: VERSION })
      return kept === undefined ? [] : indexSchema.parse(kept).map(segmentOf)
    } catch (error) {
      this.log.warn('the index of the own designs could not be read and is made again', { error })
      return []
    }
  }

  keep(segments: readonly CorpusSegment[]): void {
    if (segments.reduce((sum, { tokens }) => sum + tokens.length, 0) > TOKENS_AT_MOST) return
    const index = segments.map(({ documents, tokens, order }) => ({ documents: [...documents], tokens: bytesOf(tokens), order: bytesOf(order) }))
    this.#saving = this.#saving.then(() => this.store.writeState(STATE, VERSION, index)).catch((error: unknown) => {
      this.log.warn('the index of the own designs could not be kept, and is made again at the next start', { error })
    })
  }

  /** Waits until all is on disk. */
  async close(): Promise<void> {
    await this.#saving
  }
}

/** @throws Error where it is no index: a wrong one would look beyond its end */
function segmentOf({ documents, tokens: tokenBytes, order: orderBytes }: z.infer<typeof segmentSchema>): CorpusSegment {
  const [tokens, order] = [valuesOf(tokenBytes), valuesOf(orderBytes)]
  const ends = tokens.reduce((sum, token) => sum + (token < 0 ? 1 : 0), 0)
  if (tokens.length !== order.length || ends !== documents.length || !order.every((at) => at >= 0 && at < tokens.length)) throw new Error('a segment of the index does not fit its documents')
  return { documents, tokens, order }
}

/** Little endian, as all machines are that this runs on. */
function bytesOf(values: Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

function valuesOf(bytes: Uint8Array): Int32Array {
  const values = new Int32Array(Math.floor(bytes.length / BYTES_A_TOKEN))
  new Uint8Array(values.buffer).set(bytes.subarray(0, values.byteLength))
  return values
}
