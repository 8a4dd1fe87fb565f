import type { Connection, Stream } from '@libp2p/interface'
import { messageStreamToDuplex } from '@libp2p/utils'
import { decode, encode } from 'it-length-prefixed'
import { pipe } from 'it-pipe'
import type { Uint8ArrayList } from 'uint8arraylist'

import type { Clock } from '../../telemetry/index.js'
import { EXCHANGE_TIMEOUT_MS } from '../constants.js'

import { withTimeLimit } from './time-limit.js'

type Bytes = Uint8Array | Uint8ArrayList

/**
 * Asks over a stream of its own: one length-prefixed message there, one back.
 *
 * @param maximumBytes - of the answer; a longer one is refused by its length prefix
 * @throws Error of libp2p where the peer does not speak the protocol, does not answer in time or goes away
 */
export async function ask(connection: Connection, protocol: string, message: Uint8Array, maximumBytes: number, clock: Clock): Promise<Uint8Array> {
  return withTimeLimit(clock, EXCHANGE_TIMEOUT_MS, 'answer', async (signal) => {
    const stream = await connection.newStream(protocol, { signal, runOnLimitedConnection: true })
    return closing(stream, signal, () => pipe(
      [message],
      (source) => encode(source),
      messageStreamToDuplex(stream),
      (source) => decode(source, { maxDataLength: maximumBytes }),
      first,
    ))
  })
}

/** Serves one such exchange. An error of `respond` resets the stream: the asker learns nothing. */
export async function answer(stream: Stream, maximumBytes: number, clock: Clock, respond: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>): Promise<void> {
  const duplex = messageStreamToDuplex(stream)
  await withTimeLimit(clock, EXCHANGE_TIMEOUT_MS, 'question', (signal) => closing(stream, signal, async () => {
    const message = await pipe(duplex.source, (source) => decode(source, { maxDataLength: maximumBytes }), first)
    await pipe([await respond(message)], (source) => encode(source), duplex.sink)
  }))
}

/** Whatever goes wrong, the stream does not stay open. */
async function closing<T>(stream: Stream, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  const stop = (): void => stream.abort(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    const result = await act()
    await stream.close({ signal })
    return result
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function first(messages: AsyncIterable<Bytes>): Promise<Uint8Array> {
  for await (const message of messages) return message.subarray()
  throw new Error('the peer closed the stream without a message')
}
