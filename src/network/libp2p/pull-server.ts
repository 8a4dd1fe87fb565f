import type { Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

import { contentId } from '../../identity/index.js'
import type { Clock, Logger, Metrics } from '../../telemetry/index.js'
import { PULLS_PER_PEER, PULLS_SERVED, SERVE_PATIENCE_MS } from '../constants.js'
import type { ContentId, PeerId } from '../transport.js'

import { chunkCount, listChunks } from './assembly.js'
import type { ChunkList } from './assembly.js'
import type { Served } from './options.js'
import { decodeChunkRequest, decodeRequest, encodeHeader, MAXIMUM_REQUEST_BYTES } from './pull-messages.js'
import { withTimeLimit } from './time-limit.js'

export interface PullServerOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Whether the peer shows to be of this network, and is not banned. */
  readonly isWelcome: (peer: PeerId) => Promise<boolean>
  /** Bytes that were sent on a stream so far. */
  readonly sentOn: (stream: Stream) => number
  /** Called at the end of each pull of which something was sent. */
  readonly served: (served: Served) => void
}

interface Offer {
  readonly content: Uint8Array
  /** By chunk size, made when first asked for. */
  readonly lists: Map<number, ChunkList>
}

/** Serves offered content to the peers of the network, a few pulls a peer at a time, and only as fast as each reads. */
export class PullServer {
  private readonly offers = new Map<ContentId, Offer>()
  private readonly serving = new Map<PeerId, number>()
  private readonly sent
  private total = 0

  constructor(private readonly options: PullServerOptions) {
    this.sent = options.metrics.counter({ name: 'network_pull_sent_bytes_total', help: 'Bytes of content served to other peers' })
  }

  offer(content: Uint8Array): ContentId {
    const id = contentId(content)
    if (!this.offers.has(id)) this.offers.set(id, { content, lists: new Map() })
    return id
  }

  withdraw(id: ContentId): void {
    this.offers.delete(id)
  }

  get(id: ContentId): Uint8Array | undefined {
    return this.offers.get(id)?.content
  }

  readonly handle = async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString()
    const open = this.serving.get(peer) ?? 0
    this.serving.set(peer, open + 1)
    this.total++
    try {
      await this.serve(stream, peer, open < PULLS_PER_PEER && this.total <= PULLS_SERVED)
    } catch (error) {
      this.options.log.debug('a pull from here ended early', { peer, error })
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.total--
      const left = this.serving.get(peer)! - 1
      if (left > 0) this.serving.set(peer, left)
      else this.serving.delete(peer)
    }
  }

  private async serve(stream: Stream, peer: PeerId, hasRoom: boolean): Promise<void> {
    const { clock, isWelcome, sentOn } = this.options
    if (!await isWelcome(peer)) throw new Error('not a peer of this network')
    const frames = lpStream(stream, { maxDataLength: MAXIMUM_REQUEST_BYTES, maxBufferSize: 16 * 1024 })
    const read = (): Promise<Uint8ArrayList> => withTimeLimit(clock, SERVE_PATIENCE_MS, 'request', (signal) => frames.read({ signal }))
    const write = (bytes: Uint8Array): Promise<void> => withTimeLimit(clock, SERVE_PATIENCE_MS, 'reading', (signal) => frames.write(bytes, { signal }))

    const { id, chunkBytes } = decodeRequest((await read()).subarray())
    const offer = this.offers.get(id)
    if (!hasRoom || offer === undefined) {
      await write(encodeHeader(hasRoom ? 'absent' : 'busy'))
      await stream.close()
      return
    }
    const list = listOf(offer, chunkBytes)
    const header = encodeHeader('holds', list)
    let framing = framedLength(header.length)
    let written = 0
    await write(header)
    const count = chunkCount(list.size, chunkBytes)
    try {
      // A puller needs each chunk once; whoever asks for more wants the bandwidth.
      for (let chunks = 0; chunks < count; chunks++) {
        const chunk = decodeChunkRequest((await read()).subarray())
        if (chunk >= count) throw new Error(`chunk ${chunk} of ${count} does not exist`)
        if (this.offers.get(id) !== offer) throw new Error('the content was withdrawn')
        const bytes = offer.content.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes)
        framing += framedLength(bytes.length) - bytes.length
        written += bytes.length
        await write(bytes)
        this.sent.add(bytes.length)
      }
      await stream.close()
    } finally {
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
