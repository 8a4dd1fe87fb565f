import type { PeerId } from '../network/index.js'

import { clusterTopic } from './context.js'
import type { Context } from './context.js'
import { messageOf, RoundsError } from './errors.js'
import { unframe } from './messages/wire.js'
import type { CarriedKind, SealedKind } from './messages/wire.js'

/** What to do with the body of each kind of message; they throw what is wrong with it. */
export type Handlers = { readonly [Kind in SealedKind | CarriedKind]: (body: Uint8Array) => void }

/** Refusals after which a sender is worth nothing to the transport. It earns its reputation back by being quiet for a round. */
const STRIKES = 16

/** Refusals that are told apart; further ones of the same kind say nothing new. */
const TOLD_AT_MOST = 1024

/**
 * Everything that comes from other peers comes through here: read, checked, handed on. What is wrong with it is recorded and lowers its sender in the
 * transport's eyes; nothing that is thrown while reading leaves this class.
 */
export class Inbox {
  private readonly strikes = new Map<PeerId, number>()
  private readonly told = new Set<string>()
  private readonly ends = new Map<string, () => void>()
  private isStopped = false

  constructor(private readonly context: Context, private readonly handlers: Handlers, private readonly reputation: (peer: PeerId) => number) {}

  listen(cluster: string): void {
    if (this.ends.has(cluster)) return
    this.ends.set(cluster, this.context.transport.subscribe(clusterTopic(this.context.network, cluster), (message, from) => this.receive(message, from)))
  }

  ignore(cluster: string): void {
    this.ends.get(cluster)?.()
    this.ends.delete(cluster)
  }

  stop(): void {
    this.isStopped = true
    for (const cluster of this.ends.keys()) this.ignore(cluster)
  }

  /** A new round: old refusals are forgiven. */
  forgive(): void {
    for (const peer of this.strikes.keys()) this.context.transport.rate(peer, this.reputation(peer))
    this.strikes.clear()
    this.told.clear()
  }

  /** Refuses what came in a message that was read well, but cannot be. */
  refuse(from: PeerId, kind: string, error: unknown): void {
    const reason = messageOf(error)
    const key = `${from} ${kind} ${reason}`
    if (!this.told.has(key) && this.told.size < TOLD_AT_MOST) {
      this.told.add(key)
      this.context.events.emit('message:refused', { from, kind, reason })
    }
    // Evidence may be refused because it comes late or twice, which is nobody's fault.
    if (!(error instanceof RoundsError) || error.code === 'EVIDENCE_REFUSED') return
    const strikes = Math.min(STRIKES, (this.strikes.get(from) ?? 0) + 1)
    this.strikes.set(from, strikes)
    this.context.transport.rate(from, Math.max(1, this.reputation(from) >> strikes))
  }

  private receive(message: Uint8Array, from: PeerId): void {
    if (this.isStopped) return
    let kind: SealedKind | CarriedKind | 'message' = 'message'
    try {
      const framed = unframe(message)
      kind = framed.kind
      this.handlers[framed.kind](framed.body)
    } catch (error) {
      this.refuse(from, kind, error)
    }
  }
}
