import type { Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'

import type { Clock, Logger, Metrics } from '../../telemetry/index.js'
import { CHUNKS_IN_FLIGHT, EXCHANGE_TIMEOUT_MS, PULL_MINIMUM_RATE, PULLS_PER_PEER } from '../constants.js'
import { TransportError } from '../errors.js'
import type { ContentId, PeerId, PullOptions } from '../transport.js'

import { Assembly, isListOf } from './assembly.js'
import { decodeHeader, encodeChunkRequest, encodeRequest, maximumHeaderBytes, pullProtocol } from './pull-messages.js'
import { Slots } from './slots.js'
import { withTimeLimit } from './time-limit.js'

/** What sending a chunk other than announced costs: with the second such lie the peer is refused. */
const LIE_PENALTY = 60

export interface PullClientOptions {
  readonly networkId: ContentId
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly chunkBytes: number
  /** A pull without a byte for so many milliseconds goes on with the next holder. */
  readonly silenceMs: number
  /** @throws Error where the peer cannot be reached */
  readonly connect: (peer: PeerId, signal: AbortSignal) => Promise<Connection>
  readonly isBanned: (peer: PeerId) => boolean
  readonly penalise: (peer: PeerId, value: number, reason: string) => void
  /** Called whenever bytes of a peer arrive. */
  readonly heard: (peer: PeerId) => void
}

/** There is no point in asking this holder again in this pull. */
class HolderFailed extends Error {
  constructor(readonly why: 'lied' | 'absent' | 'too large', message: string) {
    super(message)
  }
}

/** One pull: what has come so far, from whom, and why holders failed. */
interface Pull {
  readonly id: ContentId
  readonly maximumBytes: number
  readonly signal: AbortSignal
  assembly: Assembly | undefined
}

/** Pulls content by hash from one holder after the other; what came from one is kept for the next. */
export class PullClient {
  private readonly slots = new Slots(PULLS_PER_PEER)
  private readonly received

  constructor(private readonly options: PullClientOptions) {
    this.received = options.metrics.counter({ name: 'network_pull_received_bytes_total', help: 'Bytes of content pulled from other peers' })
  }

  /** @throws TransportError CONTENT_UNAVAILABLE, CONTENT_TOO_LARGE, ABORTED */
  async pull(id: ContentId, holders: readonly PeerId[], { maximumBytes, signal = new AbortController().signal }: PullOptions): Promise<Uint8Array> {
    const pull: Pull = { id, maximumBytes, signal, assembly: undefined }
    const failures = new Map<PeerId, Error>()
    const isAborted = (): boolean => signal.aborted
    // Twice: who was only slow or cut off may go on where it stopped.
    for (const holder of [...holders, ...holders]) {
      if (isAborted()) throw aborted(id)
      if (failures.get(holder) instanceof HolderFailed) continue
      try {
        return await this.pullFrom(holder, pull)
      } catch (error) {
        if (isAborted()) throw aborted(id)
        if (error instanceof HolderFailed && error.why === 'lied') this.options.penalise(holder, LIE_PENALTY, error.message)
        failures.set(holder, error instanceof Error ? error : new Error(String(error)))
        this.options.log.debug('a holder did not deliver', { content: id, holder, error })
      }
    }
    throw failed(id, maximumBytes, failures)
  }

  private async pullFrom(holder: PeerId, pull: Pull): Promise<Uint8Array> {
    const { clock, connect, isBanned, networkId } = this.options
    if (isBanned(holder)) throw new HolderFailed('absent', 'refused for what it did before')
    const release = await this.slots.take(holder, pull.signal)
    try {
      const stream = await withTimeLimit(clock, EXCHANGE_TIMEOUT_MS, 'connection', async (timeout) => {
        const signal = AbortSignal.any([timeout, pull.signal])
        const connection = await connect(holder, signal)
        return connection.newStream(pullProtocol(networkId), { signal })
      })
      const watch = this.watch(stream, holder, pull.signal)
      try {
        const content = await this.transfer(stream, pull)
        await stream.close()
        return content
      } catch (error) {
        throw watch.reason() ?? error
      } finally {
        watch.end()
        stream.abort(new Error('the pull is over'))
      }
    } finally {
      release()
    }
  }

  private async transfer(stream: Stream, pull: Pull): Promise<Uint8Array> {
    const { chunkBytes } = this.options
    const { id, maximumBytes } = pull
    const headerBytes = maximumHeaderBytes(maximumBytes, chunkBytes)
    const frames = lpStream(stream, {
      maxDataLength: Math.max(chunkBytes, headerBytes),
      maxBufferSize: (CHUNKS_IN_FLIGHT + 1) * chunkBytes + headerBytes,
    })
    await frames.write(encodeRequest({ id, chunkBytes }))
    const { status, list } = decodeHeader((await frames.read()).subarray(), chunkBytes)
    if (status === 'busy') throw new Error('serves as many pulls as it can')
    if (status === 'absent') throw new HolderFailed('absent', 'does not hold it')
    if (!isListOf(id, list)) throw new HolderFailed('lied', 'announced other content than was asked for')
    // Not yet a lie, and not yet true: only the content could prove its size.
    if (list.size > maximumBytes) throw new HolderFailed('too large', `says that it has ${list.size} bytes`)
    const kept = pull.assembly?.follow(list) === true ? pull.assembly : undefined
    const assembly = kept ?? new Assembly(list)
    pull.assembly = assembly

    let asked = assembly.next
    while (!assembly.complete) {
      while (asked < assembly.count && asked < assembly.next + CHUNKS_IN_FLIGHT) await frames.write(encodeChunkRequest(asked++))
      const chunk = await frames.read()
      if (!assembly.add(chunk)) throw new HolderFailed('lied', `sent another chunk ${assembly.next} than it announced`)
      this.received.add(chunk.byteLength)
    }
    return assembly.content
  }

  /** Ends the stream where the holder hangs, drips or the caller gives up. */
  private watch(stream: Stream, holder: PeerId, signal: AbortSignal): { reason(): Error | undefined, end(): void } {
    const { clock, heard, silenceMs } = this.options
    let reason: Error | undefined
    let bytes = 0
    const stop = (why: string): void => {
      reason = new Error(why)
      stream.abort(reason)
    }
    const count = ({ data }: { readonly data: { readonly byteLength: number } }): void => {
      bytes += data.byteLength
      heard(holder)
    }
    const onAbort = (): void => stop('aborted')
    const minimum = PULL_MINIMUM_RATE * silenceMs / 1000
    let cancel: () => void
    const wait = (): void => {
      const due = clock.now() + silenceMs
      cancel = clock.after(silenceMs, () => {
        // Where this process itself stood still, what has come meanwhile is not counted yet.
        const late = clock.now() - due > silenceMs / 2
        if (bytes < minimum && !late) {
          stop(bytes === 0 ? `silent for ${silenceMs} ms` : `sent only ${bytes} bytes in ${silenceMs} ms`)
          return
        }
        bytes = 0
        wait()
      })
    }
    wait()
    stream.addEventListener('message', count)
    signal.addEventListener('abort', onAbort, { once: true })
    return {
      reason: () => reason,
      end: () => {
        cancel()
        stream.removeEventListener('message', count)
        signal.removeEventListener('abort', onAbort)
      },
    }
  }
}

function aborted(id: ContentId): TransportError {
  return new TransportError('ABORTED', `the pull of ${id.slice(0, 12)} was aborted`)
}

/** Too large where all that hold it say so: one liar alone must not get an honest peer's content refused. */
function failed(id: ContentId, maximumBytes: number, failures: ReadonlyMap<PeerId, Error>): TransportError {
  const whys = [...failures.values()].map((error) => error instanceof HolderFailed ? error.why : 'failed')
  const reasons = [...failures].map(([holder, { message }]) => `${holder}: ${message}`).join('; ')
  if (whys.includes('too large') && whys.every((why) => why === 'too large' || why === 'absent')) {
    return new TransportError('CONTENT_TOO_LARGE', `${id.slice(0, 12)} is above the limit of ${maximumBytes} bytes (${reasons}): refuse whoever announced it`)
  }
  return new TransportError('CONTENT_UNAVAILABLE', `none of ${failures.size} holders delivered ${id.slice(0, 12)} (${reasons}): ask more peers, or again later`)
}
