import type { Connection } from '@libp2p/interface'

import type { Clock, Logger } from '../../telemetry/index.js'
import type { PeerId } from '../transport.js'

import { ping } from './ping.js'

export interface LivenessOptions {
  readonly clock: Clock
  readonly log: Logger
  /** Whether bulk data runs to or from a peer. */
  readonly isTransferring: (peer: PeerId) => boolean
  /** A peer that was not heard for so long is pinged; milliseconds. */
  readonly pingMs: number
  /** Two pings in a row without an answer for so long each end the connection; milliseconds. */
  readonly pingTimeoutMs: number
  readonly connections: () => Connection[]
}

/**
 * Notices peers that hang: their connections stay open, since the kernel goes on answering for them.
 *
 * Peers that are heard otherwise, by gossip or in a transfer, are not pinged: a ping would queue behind bulk data and seem lost. That
 * holds for both ends of a transfer, also while one of them only reads; a transfer that stands still ends by limits of its own.
 */
export class Liveness {
  private readonly heardAt = new Map<PeerId, number>()
  private readonly pinging = new Set<PeerId>()
  private readonly stopping = new AbortController()
  private cancel: () => void

  constructor(private readonly options: LivenessOptions) {
    this.cancel = options.clock.after(this.interval, this.check)
  }

  heard(peer: PeerId): void {
    this.heardAt.set(peer, this.options.clock.now())
  }

  forget(peer: PeerId): void {
    this.heardAt.delete(peer)
  }

  stop(): void {
    this.cancel()
    this.stopping.abort()
  }

  /** Checking four times as often as pinging keeps a hang's discovery within 1.25 times the interval, and the timeout. */
  private get interval(): number {
    return this.options.pingMs / 4
  }

  private readonly check = (): void => {
    const { clock, connections, isTransferring, pingMs } = this.options
    this.cancel = clock.after(this.interval, this.check)
    for (const connection of connections()) {
      const peer = connection.remotePeer.toString()
      if (isTransferring(peer)) this.heard(peer)
      if (clock.now() - (this.heardAt.get(peer) ?? -Infinity) < pingMs || this.pinging.has(peer)) continue
      void this.ping(peer, connection)
    }
  }

  private async ping(peer: PeerId, connection: Connection): Promise<void> {
    this.pinging.add(peer)
    try {
      // Twice, since on a busy machine one may be late.
      const error = await this.tryPing(peer, connection) && await this.tryPing(peer, connection)
      if (error === undefined || this.stopping.signal.aborted) return
      this.options.log.info('a peer hangs or is cut off', { peer, error })
      connection.abort(new Error('no answer to pings'))
    } finally {
      this.pinging.delete(peer)
    }
  }

  /** Returns why the peer seems to hang, where it does. */
  private async tryPing(peer: PeerId, connection: Connection): Promise<Error | undefined> {
    const { clock, isTransferring, pingMs, pingTimeoutMs } = this.options
    const timeout = new AbortController()
    const due = clock.now() + pingTimeoutMs
    const cancel = clock.after(pingTimeoutMs, () => timeout.abort(new Error(`no answer within ${pingTimeoutMs} ms`)))
    try {
      await ping(connection, AbortSignal.any([timeout.signal, this.stopping.signal]))
      this.heard(peer)
      return undefined
    } catch (error) {
      // Heard meanwhile: the ping only waited behind other data. Late: this process itself stood still.
      const heard = isTransferring(peer) || clock.now() - (this.heardAt.get(peer) ?? -Infinity) < pingMs
      const late = clock.now() - due > pingTimeoutMs / 2
      return heard || late ? undefined : error instanceof Error ? error : new Error(String(error))
    } finally {
      cancel()
    }
  }
}
