import type { Clock, Logger, Random } from '../../telemetry/index.js'
import type { PeerId } from '../transport.js'

import type { AddressBook } from './address-book.js'
import { backoffMs } from './backoff.js'

/** How often due dials are looked for; milliseconds. */
const TICK_MS = 250

/** Waits after failed dials double from the first to the last; milliseconds. */
const FIRST_BACKOFF_MS = 1000
const LAST_BACKOFF_MS = 60_000

/** A peer of another network, or without a credential, is tried again only after so long: its settings may change. */
const REFUSED_BACKOFF_MS = 300_000

/** Dials at once. Few: on a busy machine, many that all time out are work done for nothing. */
const PARALLEL_DIALS = 3

/** With so many peers connected, chance ones are no longer dialled as fast as can be. */
const ENOUGH_TO_BEGIN = 4

/**
 * Then one after the other, each after a wait that begins anew with each: meanwhile others dial this one, and they count as well. When a network starts, all who fill
 * their places at once end up with twice as many connections as they looked for, and handshakes are most of what a start costs. Milliseconds.
 */
const UNHURRIED_MS = 5000

/** A peer known from others only is forgotten after so many failed dials, about ten minutes. */
const FORGOTTEN_AFTER = 15

/** What share of the target may be left free for peers that are still to come: without any others, nobody would tell where those are. */
const AWAITED_AT_MOST = 0.75

/** Of two peers that learn of each other at once the one with the higher id waits so long, so that they do not connect twice. */
const POLITENESS_MS = 1500

export interface ConnectorOptions {
  readonly self: PeerId
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly book: AddressBook
  /** Bootstrap and static peers: dialled for ever. */
  readonly fixed: ReadonlyMap<PeerId, readonly string[]>
  /** With so many connections, no further peers are dialled. */
  readonly targetPeers: number
  readonly isConnected: (peer: PeerId) => boolean
  readonly connected: () => number
  readonly isBanned: (peer: PeerId) => boolean
  readonly dial: (peer: PeerId, addresses: readonly string[]) => Promise<void>
  /** Called after each dial that failed. */
  readonly failed: (peer: PeerId) => void
}

interface Attempts { failures: number, dueAt: number, error?: { readonly message: string, readonly at: number } }

/** How the dialling of a peer goes. */
export interface DialState {
  /** In a row. */
  readonly failures: number
  /** Why the last dial failed, and when by the clock. */
  readonly error?: { readonly message: string, readonly at: number }
  /** When it is dialled next, by the clock. */
  readonly dueAt: number
}

/** Keeps this peer connected: dials in the background, again and again, ever more slowly where nobody answers. */
export class Connector {
  private readonly attempts = new Map<PeerId, Attempts>()
  private readonly dialling = new Set<PeerId>()
  private kept: ReadonlySet<PeerId> = new Set()
  private cancel: () => void = () => undefined
  private stopped = false
  /** When a chance peer may be dialled although some are connected. */
  private chanceAt = 0

  constructor(private readonly options: ConnectorOptions) {}

  start(): void {
    this.tick()
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  /** Addresses under which a peer may be reached now. */
  addressesOf(peer: PeerId): readonly string[] {
    const { book, fixed } = this.options
    return [...new Set([...book.get(peer)?.addresses ?? [], ...fixed.get(peer) ?? []])]
  }

  /** Peers to be connected to beyond the target, as long as their addresses are known. Replaces those named before. */
  keep(peers: readonly PeerId[]): void {
    this.kept = new Set(peers)
  }

  isKept(peer: PeerId): boolean {
    return this.kept.has(peer)
  }

  /** A connection ended: it is soon tried again. */
  lost(peer: PeerId): void {
    if (this.stopped) return
    const { clock, fixed } = this.options
    const now = clock.now()
    // Those named in the settings are dialled by all, so that who was cut off must not wait for the other's politeness.
    this.attempts.set(peer, { failures: 0, dueAt: now + (fixed.has(peer) ? this.options.random() * 200 : this.politeDelay(peer)), error: { message: 'the connection ended', at: now } })
  }

  refused(peer: PeerId, reason: string): void {
    const now = this.options.clock.now()
    this.attempts.set(peer, { failures: 1, dueAt: now + REFUSED_BACKOFF_MS, error: { message: reason, at: now } })
  }

  /** Undefined before the first dial is planned. */
  stateOf(peer: PeerId): DialState | undefined {
    return this.attempts.get(peer)
  }

  private readonly tick = (): void => {
    this.cancel = this.options.clock.after(TICK_MS, this.tick)
    const { book, clock, connected, fixed, random, targetPeers } = this.options
    for (const peer of fixed.keys()) this.dialIfDue(peer)
    for (const peer of this.kept) {
      if (book.get(peer) !== undefined) this.dialIfDue(peer)
    }
    const others = book.all().filter(({ peer }) => !fixed.has(peer))
    // From a random start, so that not everybody dials the same peers first.
    const start = Math.floor(random() * others.length)
    for (let i = 0; i < others.length; i++) {
      if (connected() + this.dialling.size + this.awaited() >= targetPeers) return
      const isHurried = connected() + this.dialling.size < ENOUGH_TO_BEGIN
      if (!isHurried && clock.now() < this.chanceAt) return
      if (this.dialIfDue(others[(start + i) % others.length]!.peer)) this.chanceAt = clock.now() + UNHURRIED_MS * (0.5 + random())
    }
  }

  /**
   * Peers to stay connected to that are still to come. Places are left for them: when a network starts, chance ones would else be connected up to the target
   * first, and these on top of it, and handshakes are most of what a start costs.
   */
  private awaited(): number {
    const { book, isConnected, targetPeers } = this.options
    let awaited = 0
    for (const peer of this.kept) {
      if (book.get(peer) !== undefined && !isConnected(peer) && !this.dialling.has(peer) && (this.attempts.get(peer)?.failures ?? 0) === 0) awaited++
    }
    return Math.min(awaited, AWAITED_AT_MOST * targetPeers)
  }

  /** @returns whether it is dialled now */
  private dialIfDue(peer: PeerId): boolean {
    const { clock, fixed, isBanned, isConnected, self } = this.options
    if (peer === self || isConnected(peer) || isBanned(peer) || this.dialling.has(peer) || this.dialling.size >= PARALLEL_DIALS) return false
    // A peer behind a firewall tells no address: it comes by itself.
    if (this.addressesOf(peer).length === 0) return false
    let attempts = this.attempts.get(peer)
    if (attempts === undefined) {
      attempts = { failures: 0, dueAt: clock.now() + (fixed.has(peer) ? 0 : this.politeDelay(peer)) }
      this.attempts.set(peer, attempts)
    }
    if (clock.now() < attempts.dueAt) return false
    void this.dial(peer, attempts)
    return true
  }

  private async dial(peer: PeerId, attempts: Attempts): Promise<void> {
    const { book, clock, dial, failed, fixed, log, random } = this.options
    this.dialling.add(peer)
    try {
      await dial(peer, this.addressesOf(peer))
      attempts.failures = 0
    } catch (error) {
      attempts.failures++
      attempts.error = { message: error instanceof Error ? error.message : String(error), at: clock.now() }
      const backoff = backoffMs(attempts.failures, FIRST_BACKOFF_MS, LAST_BACKOFF_MS) * (0.5 + random())
      attempts.dueAt = Math.max(attempts.dueAt, clock.now() + backoff)
      log.debug('a peer could not be reached', { peer, failures: attempts.failures, againInMs: Math.round(backoff), error })
      failed(peer)
      if (attempts.failures >= FORGOTTEN_AFTER && !fixed.has(peer) && !this.kept.has(peer)) {
        book.remove(peer)
        this.attempts.delete(peer)
      }
    } finally {
      this.dialling.delete(peer)
    }
  }

  private politeDelay(peer: PeerId): number {
    return this.options.random() * 200 + (this.options.self < peer ? 0 : POLITENESS_MS)
  }
}
