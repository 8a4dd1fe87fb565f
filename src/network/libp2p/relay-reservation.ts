import type { Listener } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

import type { Clock, Logger } from '../../telemetry/index.js'
import type { PeerId } from '../transport.js'

import { isRelayed } from './addresses.js'
import { backoffMs } from './backoff.js'

/** How often it is looked whether a place at a relay is wanted and there. Milliseconds. */
const TICK_MS = 1000

/** A relay that had no place is asked again after so long, twice as long each time. Milliseconds. */
const FIRST_BACKOFF_MS = 5000
const LAST_BACKOFF_MS = 300_000

/** What of libp2p's transport manager is used. */
export interface ListenerManager {
  listen(addresses: Multiaddr[]): Promise<void>
  getListeners(): Listener[]
}

export interface RelayReservationOptions {
  readonly self: PeerId
  readonly clock: Clock
  readonly log: Logger
  readonly listeners: ListenerManager
  readonly isWanted: () => boolean
  /** Called when `addresses` has come to give others. */
  readonly changed: () => void
  /** Peers that may serve as relays and are connected, with a full address of each. */
  readonly relays: () => readonly { readonly peer: PeerId, readonly address: string }[]
}

/**
 * Keeps a place at one relay while it is wanted, so that others can reach this peer through it.
 *
 * One relay at a time: libp2p gives all places up together when one of its relay listeners is closed.
 */
export class RelayReservation {
  private readonly listeners = new Set<Listener>()
  private readonly failures = new Map<PeerId, { readonly count: number, readonly dueAt: number, readonly message: string }>()
  private current: PeerId | undefined
  private told = ''
  private cancel: () => void
  private stopped = false

  constructor(private readonly options: RelayReservationOptions) {
    this.cancel = options.clock.after(TICK_MS, this.tick)
  }

  /** The relay through which this peer can be reached now. */
  get relay(): PeerId | undefined {
    return this.addresses().length > 0 ? this.current : undefined
  }

  /** Full addresses through the relay. */
  addresses(): string[] {
    return [...this.listeners].flatMap((listener) => listener.getAddrs().map((address) => `${address.toString()}/p2p/${this.options.self}`))
  }

  /** Why the last attempts failed, by relay. */
  problemOf(peer: PeerId): string | undefined {
    return this.failures.get(peer)?.message
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  private readonly tick = (): void => {
    void this.settle().finally(() => {
      const addresses = this.addresses().join()
      if (addresses !== this.told && !this.stopped) this.options.changed()
      this.told = addresses
      if (!this.stopped) this.cancel = this.options.clock.after(TICK_MS, this.tick)
    })
  }

  private async settle(): Promise<void> {
    const { clock, isWanted, log, relays } = this.options
    if (!isWanted()) {
      await this.giveUp()
      return
    }
    if (this.addresses().length > 0) return
    const next = relays().find(({ peer, address }) => !isRelayed(address) && (this.failures.get(peer)?.dueAt ?? 0) <= clock.now())
    if (next === undefined) return
    try {
      await this.reserve(next.peer, next.address)
      log.info('others reach this node through a relay', { relay: next.peer })
    } catch (error) {
      const count = (this.failures.get(next.peer)?.count ?? 0) + 1
      const message = reasonOf(error)
      this.failures.set(next.peer, { count, message, dueAt: clock.now() + backoffMs(count, FIRST_BACKOFF_MS, LAST_BACKOFF_MS) })
      log.info('a relay has no place for this node', { relay: next.peer, reason: message })
    }
  }

  private async reserve(peer: PeerId, address: string): Promise<void> {
    await this.giveUp()
    const { listeners } = this.options
    const before = new Set(listeners.getListeners())
    try {
      await listeners.listen([multiaddr(`${address}/p2p-circuit`)])
    } finally {
      for (const listener of listeners.getListeners()) {
        if (!before.has(listener)) this.listeners.add(listener)
      }
    }
    this.current = peer
    this.failures.delete(peer)
  }

  /** Also listeners whose place was lost are closed, or libp2p would keep them for ever. */
  private async giveUp(): Promise<void> {
    for (const listener of this.listeners) await listener.close()
    this.listeners.clear()
    this.current = undefined
  }
}

/** libp2p wraps the reason into some lines about listening. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (/PERMISSION_DENIED/.test(message)) return 'it refused: this address or peer has as many places there as one may have'
  if (/RESERVATION_REFUSED/.test(message)) return 'all its places are taken'
  if (/protocol/i.test(message)) return 'it is no relay'
  return message.split('\n').map((line) => line.trim()).filter((line) => line !== '').at(-1) ?? message
}
