import { randomBytes } from 'node:crypto'

import type { Connection } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'

/** What `@libp2p/ping` answers to under our prefix. */
const PING_PROTOCOL = '/meshwright/ping/1.0.0'

const PING_BYTES = 32

/**
 * Pings over this very connection. libp2p's own ping dials the peer anew where its only connection is a relayed one.
 *
 * @throws Error where no right answer comes before the signal aborts
 */
export async function ping(connection: Connection, signal: AbortSignal): Promise<void> {
  const stream = await connection.newStream(PING_PROTOCOL, { signal, runOnLimitedConnection: true })
  try {
    const bytes = byteStream(stream)
    const sent = randomBytes(PING_BYTES)
    const [, answer] = await Promise.all([bytes.write(sent, { signal }), bytes.read({ bytes: PING_BYTES, signal })])
    if (!sent.equals(answer.subarray())) throw new Error('another answer than was asked for')
    await stream.close({ signal })
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}
