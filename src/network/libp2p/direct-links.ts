import type { Clock, Logger } from '../../telemetry/index.js'
import type { PeerId } from '../transport.js'

import { isRelayed } from './addresses.js'
import { backoffMs } from './backoff.js'

/** Milliseconds between looks at the relayed links. */
const TICK_MS = 2000

/** A direct way is tried soon after a relayed connection came up, then ever more rarely. Milliseconds. */
const FIRST_BACKOFF_MS = 15_000
const LAST_BACKOFF_MS = 600_000

export interface DirectLinksOptions {
  readonly clock: Clock
  readonly log: Logger
  /** Peers that are connected through a relay only. */
  readonly relayed: () => readonly PeerId[]
  readonly addressesOf: (peer: PeerId) => readonly string[]
  /** @throws Error where the peer cannot be reached there */
  readonly dial: (peer: PeerId, addresses: readonly string[]) => Promise<void>
}

/** Tries to replace relayed connections by direct ones. The side that can be reached only by the other leaves it to that. */
export class DirectLinks {
  private readonly attempts = new Map<PeerId, { readonly count: number, readonly dueAt: number }>()
  private cancel: () => void
  private stopped = false

  constructor(private readonly options: DirectLinksOptions) {
    this.cancel = options.clock.after(TICK_MS, this.tick)
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  private readonly tick = (): void => {
    const { addressesOf, clock, relayed } = this.options
    const peers = relayed()
    for (const peer of this.attempts.keys()) {
      if (!peers.includes(peer)) this.attempts.delete(peer)
    }
    const due = peers.find((peer) => (this.attempts.get(peer)?.dueAt ?? 0) <= clock.now())
    const direct = due === undefined ? [] : addressesOf(due).filter((address) => !isRelayed(address))
    // One at a time: nothing waits for these.
    void (due === undefined ? Promise.resolve() : this.try(due, direct)).finally(() => {
      if (!this.stopped) this.cancel = clock.after(TICK_MS, this.tick)
    })
  }

  private async try(peer: PeerId, addresses: readonly string[]): Promise<void> {
    const { clock, dial, log } = this.options
    const count = (this.attempts.get(peer)?.count ?? 0) + 1
    this.attempts.set(peer, { count, dueAt: clock.now() + backoffMs(count, FIRST_BACKOFF_MS, LAST_BACKOFF_MS) })
    if (addresses.length === 0) return
    try {
      await dial(peer, addresses)
    } catch (error) {
      log.debug('a relayed peer could not be reached directly', { peer, error })
    }
  }
}
