import type { Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

import { contentId } from '../../identity/index.js'
import type { Clock, Logger, Metrics } from '../../telemetry/index.js'
import { PULL_MINIMUM_RATE, PULLS_PER_PEER, PULLS_SERVED, SERVE_PATIENCE_MS } from '../constants.js'
import type { ContentId, Load, PeerId } from '../transport.js'

import { chunkCount, listChunks } from './assembly.js'
import type { ChunkList } from './assembly.js'
import type { Served } from './options.js'
import { decodeChunkRequest, decodeRequest, encodeHeader, MAXIMUM_REQUEST_BYTES } from './pull-messages.js'
import { RateLimit } from './rate-limit.js'
import { StoredContent } from './stored-content.js'
import type { Offer } from './stored-content.js'
import { withTimeLimit } from './time-limit.js'
import type { Transfers } from './transfers.js'

/** Pulls that a peer may begin: at once, and a second. A round has some dozens of deltas. */
const PULLS_AT_ONCE = 256
const PULLS_PER_SECOND = 32

export interface PullServerOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Whether the peer shows to be of this network, and is not banned. */
  readonly isWelcome: (peer: PeerId) => Promise<boolean>
  readonly transfers: Transfers
  /** Bytes of content a second for one peer; Infinity for no limit. */
  readonly bytesPerSecond: number
  /** Bytes that were sent on a stream so far. */
  readonly sentOn: (stream: Stream) => number
  /** Called at the end of each pull of which something was sent. */
  readonly served: (served: Served) => void
}

/** Serves offered content to the peers of the network, a few pulls a peer at a time, and only as fast as each reads. */
export class PullServer {
  private readonly offers = new Map<ContentId, Offer>()
  private readonly stored = new StoredContent()
  private readonly serving = new Map<PeerId, number>()
  private readonly sent
  private total = 0
  private readonly begun: RateLimit
  private readonly rate: RateLimit

  constructor(private readonly options: PullServerOptions) {
    const { bytesPerSecond, clock } = options
    this.begun = new RateLimit(clock, PULLS_PER_SECOND, PULLS_AT_ONCE)
    this.rate = new RateLimit(clock, bytesPerSecond, bytesPerSecond)
    this.sent = options.metrics.counter({ name: 'network_pull_sent_bytes_total', help: 'Bytes of content served to other peers' })
  }

  offer(content: Uint8Array): ContentId {
    const id = contentId(content)
    if (!this.offers.has(id)) this.offers.set(id, { content, lists: new Map() })
    return id
  }

  offerStored(id: ContentId, load: Load): void {
    this.stored.offer(id, load)
  }

  withdraw(id: ContentId): void {
    this.offers.delete(id)
    this.stored.withdraw(id)
  }

  get(id: ContentId): Uint8Array | undefined {
    return this.offers.get(id)?.content
  }

  readonly handle = async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString()
    try {
      // Before anything is counted: strangers take no places.
      if (!await this.options.isWelcome(peer)) throw new Error('not a peer of this network')
      await this.count(peer, (hasRoom) => this.serve(stream, peer, hasRoom && this.begun.take(peer)))
    } catch (error) {
      this.options.log.debug('a pull from here ended early', { peer, error })
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  private async count(peer: PeerId, act: (hasRoom: boolean) => Promise<void>): Promise<void> {
    const open = this.serving.get(peer) ?? 0
    this.serving.set(peer, open + 1)
    this.total++
    try {
      await act(open < PULLS_PER_PEER && this.total <= PULLS_SERVED)
    } finally {
      this.total--
      const left = this.serving.get(peer)! - 1
      if (left > 0) this.serving.set(peer, left)
      else this.serving.delete(peer)
    }
  }

  private async serve(stream: Stream, peer: PeerId, hasRoom: boolean): Promise<void> {
    const { clock, sentOn, transfers } = this.options
    const frames = lpStream(stream, { maxDataLength: MAXIMUM_REQUEST_BYTES, maxBufferSize: 16 * 1024 })
    const read = (): Promise<Uint8ArrayList> => withTimeLimit(clock, SERVE_PATIENCE_MS, 'request', (signal) => frames.read({ signal }))
    const write = (bytes: Uint8Array): Promise<void> => withTimeLimit(clock, SERVE_PATIENCE_MS, 'reading', (signal) => frames.write(bytes, { signal }))

    const { id, chunkBytes } = decodeRequest((await read()).subarray())
    // Only who has a place has anything loaded: as many loads run at once as pulls are served.
    const offer = hasRoom ? this.offers.get(id) ?? await this.stored.get(id) : undefined
    if (!hasRoom || offer === undefined) {
      await write(encodeHeader(hasRoom ? 'absent' : 'busy'))
      await stream.close()
      return
    }
    const list = listOf(offer, chunkBytes)
    const header = encodeHeader('holds', list)
    let framing = framedLength(header.length)
    let written = 0
    let waited = 0
    await write(header)
    const count = chunkCount(list.size, chunkBytes)
    const begun = clock.now()
    // While it runs, limits of its own notice a peer that hangs.
    const end = transfers.begin(peer)
    try {
      // A puller needs each chunk once; whoever asks for more wants the bandwidth.
      for (let chunks = 0; chunks < count; chunks++) {
        // Else a place could be held for hours, with one request in each time of patience.
        if (clock.now() - begun > SERVE_PATIENCE_MS + waited + written / PULL_MINIMUM_RATE * 1000) throw new Error(`took only ${written} bytes in ${Math.round(clock.now() - begun)} ms`)
        const chunk = decodeChunkRequest((await read()).subarray())
        if (chunk >= count) throw new Error(`chunk ${chunk} of ${count} does not exist`)
        const bytes = offer.content.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes)
        const wait = this.rate.owe(peer, bytes.length)
        if (wait > 0) await new Promise<void>((resolve) => { clock.after(wait, resolve) })
        waited += wait
        framing += framedLength(bytes.length) - bytes.length
        written += bytes.length
        await write(bytes)
        this.sent.add(bytes.length)
      }
      await stream.close()
    } finally {
      end()
      // Of a pull that broke, some of what was written may still have been waiting.
      const bytes = Math.max(0, Math.min(written, sentOn(stream) - framing))
      if (bytes > 0) this.options.served({ peer, content: id, contentBytes: list.size, bytes })
    }
  }
}

/** Bytes of a frame of so many bytes, with its length before it as an unsigned varint. */
function framedLength(bytes: number): number {
  let prefix = 1
  for (let rest = bytes; rest >= 128; rest = Math.floor(rest / 128)) prefix++
  return prefix + bytes
}

function listOf({ content, lists }: Offer, chunkBytes: number): ChunkList {
  const list = lists.get(chunkBytes) ?? listChunks(content, chunkBytes)
  lists.set(chunkBytes, list)
  return list
}
