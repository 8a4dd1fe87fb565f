import type { Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'

import type { Clock, Logger, Metrics } from '../../telemetry/index.js'
import { CHUNKS_IN_FLIGHT, EXCHANGE_TIMEOUT_MS, PULL_MINIMUM_RATE, PULLS_PER_PEER } from '../constants.js'
import { TransportError } from '../errors.js'
import type { ContentId, PeerId, PullOptions } from '../transport.js'

import { isListOf } from './assembly.js'
import { giveBack } from './give-back.js'
import { decodeHeader, encodeChunkRequest, encodeRequest, maximumHeaderBytes, pullProtocol } from './pull-messages.js'
import { HolderFailed, HolderPostponed, PullWork } from './pull-work.js'
import { Slots } from './slots.js'
import { withTimeLimit } from './time-limit.js'
import type { Transfers } from './transfers.js'
import { widenWindow } from './window-updates.js'

/** Content of so many bytes is pulled from several holders at once. */
const SHARED_PULL_BYTES = 8 * 1024 * 1024

/** Holders that one pull asks at once: more fill no wider pipe, and each costs its own window of memory. */
const HOLDERS_AT_ONCE = 3

const FIRST_CHUNK = 0

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
  /** Content above so many bytes is not pulled through a relay. */
  readonly relayedPullBytes: number
  readonly transfers: Transfers
  /** @throws Error where the peer cannot be reached */
  readonly connect: (peer: PeerId, signal: AbortSignal) => Promise<Connection>
  readonly isConnected: (peer: PeerId) => boolean
  readonly isBanned: (peer: PeerId) => boolean
  readonly penalise: (peer: PeerId, value: number, reason: string) => void
  /** Called whenever bytes of a peer arrive. */
  readonly heard: (peer: PeerId) => void
}

interface Watch {
  /** Why the stream was ended, where it was. */
  reason(): Error | undefined
  /** Whether bytes should come: a holder that nothing is asked of may be silent. */
  expect(something: boolean): void
  end(): void
}

interface Transfer {
  readonly isRelayed: boolean
  /** Called when the holder has told what there is to pull. */
  readonly begun: () => void
  readonly watch: Watch
}

/** Pulls content by hash: small content from one holder after the other, large content from a few at once. What came from one is kept for the next. */
export class PullClient {
  private readonly slots = new Slots(PULLS_PER_PEER)
  private readonly received

  constructor(private readonly options: PullClientOptions) {
    this.received = options.metrics.counter({ name: 'network_pull_received_bytes_total', help: 'Bytes of content pulled from other peers' })
  }

  /** @throws TransportError CONTENT_UNAVAILABLE, CONTENT_TOO_LARGE, ABORTED */
  async pull(id: ContentId, holders: readonly PeerId[], { maximumBytes, signal = new AbortController().signal }: PullOptions): Promise<Uint8Array> {
    const isAborted = (): boolean => signal.aborted
    if (isAborted()) throw aborted(id)
    // A connection costs more than a small pull: those that are there already are asked first.
    const { isConnected } = this.options
    const work = new PullWork(id, maximumBytes, [...holders.filter(isConnected), ...holders.filter((holder) => !isConnected(holder))])
    const stop = (): void => work.end()
    signal.addEventListener('abort', stop, { once: true })
    try {
      await this.oneHolderAfterTheOther(work, { first: true })
    } finally {
      signal.removeEventListener('abort', stop)
      work.end()
      for (const [holder, error] of work.failures) {
        if (error instanceof HolderFailed && error.why === 'lied') this.options.penalise(holder, LIE_PENALTY, error.message)
      }
    }
    if (work.content !== undefined) return work.content
    throw isAborted() ? aborted(id) : failed(id, maximumBytes, work.failures)
  }

  /** Goes on until the content is there or no holder is left. The first that does so gets help where there is much to do. */
  private async oneHolderAfterTheOther(work: PullWork, { first }: { readonly first: boolean }): Promise<void> {
    const helpers: Promise<void>[] = []
    const callHelpers = (): void => {
      if (!first || helpers.length > 0 || (work.size ?? 0) < SHARED_PULL_BYTES) return
      for (let helper = 1; helper < HOLDERS_AT_ONCE; helper++) helpers.push(this.oneHolderAfterTheOther(work, { first: false }))
    }
    while (!work.isComplete() && !work.isOver()) {
      const holder = work.nextHolder()
      if (holder === undefined) break
      try {
        await this.pullFrom(holder, work, callHelpers)
      } catch (error) {
        if (work.isComplete() || work.isOver()) break
        work.fail(holder, error instanceof Error ? error : new Error(String(error)))
        this.options.log.debug('a holder did not deliver', { content: work.id, holder, error })
      }
    }
    if (work.isComplete()) work.end()
    await Promise.all(helpers)
  }

  private async pullFrom(holder: PeerId, work: PullWork, begun: () => void): Promise<void> {
    const { clock, connect, isBanned, networkId, transfers } = this.options
    if (isBanned(holder)) throw new HolderFailed('absent', 'refused for what it did before')
    const stopped = new AbortController()
    const signal = AbortSignal.any([work.over.signal, stopped.signal])
    work.enter(holder, (reason) => stopped.abort(reason))
    let release: (() => void) | undefined
    try {
      release = await this.slots.take(holder, signal)
      const { connection, stream } = await withTimeLimit(clock, EXCHANGE_TIMEOUT_MS, 'connection', async (timeout) => {
        const either = AbortSignal.any([timeout, signal])
        const connection = await connect(holder, either)
        if (connection.limits !== undefined && work.hasOthers(holder)) throw new HolderPostponed('is reached through a relay only, and others come first')
        return { connection, stream: await connection.newStream(pullProtocol(networkId), { signal: either, runOnLimitedConnection: true }) }
      })
      const end = transfers.begin(holder)
      const watch = this.watch(stream, holder, signal)
      try {
        await this.transfer(stream, holder, work, { isRelayed: connection.limits !== undefined, begun, watch })
        await stream.close()
      } catch (error) {
        throw watch.reason() ?? error
      } finally {
        end()
        watch.end()
        stream.abort(new Error('the pull is over'))
      }
    } finally {
      release?.()
      work.leave(holder)
    }
  }

  private async transfer(stream: Stream, holder: PeerId, work: PullWork, { isRelayed, begun, watch }: Transfer): Promise<void> {
    const { chunkBytes, relayedPullBytes } = this.options
    const { id, maximumBytes } = work
    const headerBytes = maximumHeaderBytes(maximumBytes, chunkBytes)
    // So that it never waits for window updates, whatever the size of its chunks.
    widenWindow(stream, CHUNKS_IN_FLIGHT * chunkBytes)
    const frames = lpStream(stream, {
      maxDataLength: Math.max(chunkBytes, headerBytes),
      maxBufferSize: (CHUNKS_IN_FLIGHT + 1) * chunkBytes + headerBytes,
    })
    // Most content is one chunk: it comes in one exchange where it is asked for at once. Through a relay its size must be known first.
    const isAhead = work.size === undefined && !isRelayed
    await frames.write(encodeRequest({ id, chunkBytes }))
    if (isAhead) await frames.write(encodeChunkRequest(FIRST_CHUNK))
    const { status, list } = decodeHeader((await frames.read()).subarray(), chunkBytes)
    if (status === 'busy') throw new Error('serves as many pulls as it can')
    if (status === 'absent') throw new HolderFailed('absent', 'does not hold it')
    if (!isListOf(id, list)) throw new HolderFailed('lied', 'announced other content than was asked for')
    // Not yet a lie, and not yet true: only the content could prove its size.
    if (list.size > maximumBytes) throw new HolderFailed('too large', `says that it has ${list.size} bytes`)
    if (isRelayed && list.size > relayedPullBytes) throw new HolderFailed('relayed', `is reached through a relay only, and ${list.size} bytes are more than the ${relayedPullBytes} that are pulled that way`)
    work.follow(holder, list)
    begun()

    const expected: number[] = []
    if (isAhead && work.noteAsked(holder, FIRST_CHUNK)) expected.push(FIRST_CHUNK)
    const asked = new Set(expected)
    while (!work.isComplete()) {
      while (expected.length < CHUNKS_IN_FLIGHT) {
        const chunk = work.claim(holder, asked, expected.length === 0)
        if (chunk === undefined) break
        asked.add(chunk)
        expected.push(chunk)
        await frames.write(encodeChunkRequest(chunk))
      }
      watch.expect(expected.length > 0)
      if (expected.length === 0) {
        if (work.isOver()) return
        await work.change()
        continue
      }
      const parts = await frames.read()
      if (work.take(holder, expected.shift()!, parts)) this.received.add(parts.byteLength)
      // All of it has been copied or is not wanted, and the stream has handed it to nobody else.
      giveBack(parts)
    }
  }

  /** Ends the stream where the holder hangs, drips or the caller gives up. */
  private watch(stream: Stream, holder: PeerId, signal: AbortSignal): Watch {
    const { clock, heard, silenceMs } = this.options
    let reason: Error | undefined
    let bytes = 0
    let isExpected = true
    const stop = (why: Error): void => {
      reason = why
      stream.abort(why)
    }
    const count = ({ data }: { readonly data: { readonly byteLength: number } }): void => {
      bytes += data.byteLength
      heard(holder)
    }
    const onAbort = (): void => stop(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    const minimum = PULL_MINIMUM_RATE * silenceMs / 1000
    let cancel: () => void
    const wait = (): void => {
      const due = clock.now() + silenceMs
      cancel = clock.after(silenceMs, () => {
        // Where this process itself stood still, what has come meanwhile is not counted yet.
        const late = clock.now() - due > silenceMs / 2
        if (bytes < minimum && isExpected && !late) {
          stop(new Error(bytes === 0 ? `silent for ${silenceMs} ms` : `sent only ${bytes} bytes in ${silenceMs} ms`))
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
      expect: (something) => {
        if (something && !isExpected) bytes = minimum
        isExpected = something
      },
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
