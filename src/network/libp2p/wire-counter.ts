import type { MessageStream, Metrics, StreamMuxerFactory } from '@libp2p/interface'

import { isRelayed } from './addresses.js'
import { HELLO_PROTOCOL } from './hello.js'
import type { WireProtocol, WireTraffic } from './options.js'
import { writeAtOnce } from './socket-use.js'
import { updateWindowSeldom } from './window-updates.js'

/** Streams of this protocol are connections to third peers. */
const RELAY_PROTOCOL = '/libp2p/circuit/relay/'

/** Which of our names a libp2p protocol goes by. */
const NAMES: readonly (readonly [RegExp, WireProtocol])[] = [
  [/^\/(meshsub|floodsub)\//, 'gossip'],
  [/^\/meshwright\/[^/]+\/pull\//, 'pull'],
  [/^\/meshwright\/[^/]+\/(peers|dial-back)\//, 'discovery'],
  [new RegExp(`^${HELLO_PROTOCOL}$`), 'hello'],
  [/^\/meshwright\/ping\//, 'ping'],
]

/**
 * Counts the bytes that leave at three depths: what protocols write to their streams, what the muxer hands to the encryption, and what
 * is handed to the sockets. libp2p has one hook that sees both ends of it, its metrics, so the counter presents itself as these.
 */
export class WireCounter {
  private readonly protocols = new Map<WireProtocol, number>()
  private readonly streams = new WeakMap<MessageStream, number>()
  private plain = 0
  private socket = 0

  traffic(): WireTraffic {
    return { socketBytes: this.socket, plainBytes: this.plain, protocols: Object.fromEntries(this.protocols) }
  }

  /** What the protocol on a stream has written so far; without what libp2p says to agree on the protocol. */
  sentOn(stream: MessageStream): number {
    return this.streams.get(stream) ?? 0
  }

  /** For `createLibp2p`. */
  readonly metrics = (): Metrics => ({
    ...NO_METRICS,
    trackMultiaddrConnection: (connection) => {
      writeAtOnce(connection)
      countSent(connection, (bytes) => {
        // A relayed connection is a stream of another one, whose muxer has counted the same bytes once more.
        if (isRelayed(connection.remoteAddr)) this.plain -= bytes
        else this.socket += bytes
      })
    },
    trackProtocolStream: (stream) => {
      updateWindowSeldom(stream)
      // What it carries is counted by the protocols within.
      if (stream.protocol.startsWith(RELAY_PROTOCOL)) return
      const name = NAMES.find(([pattern]) => pattern.test(stream.protocol))?.[1] ?? 'other'
      countSent(stream, (bytes) => {
        this.protocols.set(name, (this.protocols.get(name) ?? 0) + bytes)
        this.streams.set(stream, this.sentOn(stream) + bytes)
      })
    },
  })

  /** A muxer that counts what it sends over the connections it is given; these are encrypted below it. */
  muxer(make: () => StreamMuxerFactory): () => StreamMuxerFactory {
    return () => {
      const factory = make()
      const createStreamMuxer = factory.createStreamMuxer.bind(factory)
      factory.createStreamMuxer = (connection) => {
        countSent(connection, (bytes) => { this.plain += bytes })
        dropAfterEnd(connection)
        return createStreamMuxer(connection)
      }
      return factory
    }
  }
}

/**
 * Lets the muxer send into a connection that has just ended, which relayed ones do at any moment. It would throw in a microtask of the
 * muxer, where nobody can catch it; the muxer hears of the end right after and closes its streams.
 */
function dropAfterEnd(stream: MessageStream): void {
  const send = stream.send.bind(stream)
  stream.send = (data) => {
    try {
      return send(data)
    } catch (error) {
      if (error instanceof Error && error.name === 'StreamStateError') return false
      throw error
    }
  }
}

/** Calls `add` as a stream passes bytes on to the layer below; what waits in its buffer does not count, nor what is thrown away with it. */
function countSent(stream: MessageStream, add: (bytes: number) => void): void {
  const send = stream.send.bind(stream)
  let given = 0
  let counted = 0
  const settle = (): void => {
    // By then its buffer has been thrown away, which would look as if it had been sent.
    if (stream.status === 'aborted') return
    const sent = given - stream.writeBufferLength
    if (sent <= counted) return
    add(sent - counted)
    counted = sent
  }
  stream.send = (data) => {
    given += data.byteLength
    try {
      return send(data)
    } catch (error) {
      given = counted + stream.writeBufferLength
      throw error
    } finally {
      settle()
    }
  }
  stream.addEventListener('idle', settle)
  stream.addEventListener('close', settle)
  // The stream goes on sending in a microtask of its own, which was queued before this one.
  stream.addEventListener('drain', () => queueMicrotask(settle))
}

const NO_GAUGE = { update: nothing, increment: nothing, decrement: nothing, reset: nothing, timer: () => nothing }
const NO_HISTOGRAM = { observe: nothing, reset: nothing, timer: () => nothing }

/** libp2p's other figures are not kept: this project has its own. */
const NO_METRICS = {
  registerMetric: () => NO_GAUGE,
  registerMetricGroup: () => NO_GAUGE,
  registerCounter: () => NO_GAUGE,
  registerCounterGroup: () => NO_GAUGE,
  registerHistogram: () => NO_HISTOGRAM,
  registerHistogramGroup: () => NO_HISTOGRAM,
  registerSummary: () => NO_HISTOGRAM,
  registerSummaryGroup: () => NO_HISTOGRAM,
  traceFunction: <F>(_: string, traced: F): F => traced,
  createTrace: nothing,
}

function nothing(): void {
  // Nothing is measured.
}
