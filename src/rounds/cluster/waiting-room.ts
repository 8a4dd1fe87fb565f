import { remembered } from '../../hierarchy/index.js'
import type { PeerId } from '../../network/index.js'
import type { Clock } from '../../telemetry/index.js'
import type { RoundPolicy } from '../policy.js'

/** Strangers whose asking is remembered at once. */
const STRANGERS_AT_MOST = 1024

/** Heartbeats after which a stranger that has stopped asking begins anew. */
const PATIENCE_HEARTBEATS = 8

/** What share of the delay a member wants to have seen itself before it agrees to let a stranger in: members begin to hear of it at different times. */
const AGREED_SHARE = 0.5

/**
 * How long strangers have been asking to join. Whoever makes identities by the dozen must keep all of them asking for `admissionDelayMs`; founders are no
 * strangers.
 */
export class WaitingRoom {
  private readonly asking = new Map<PeerId, { readonly since: number, readonly last: number }>()
  private readonly founders: ReadonlySet<PeerId>

  constructor(private readonly clock: Clock, private readonly context: { readonly policy: Pick<RoundPolicy, 'admissionDelayMs' | 'foundingRoster' | 'heartbeatMs'> }) {
    this.founders = foundersIn(context.policy.foundingRoster)
  }

  /** A peer asks, as it does every heartbeat. */
  ask(peer: PeerId): void {
    const now = this.clock.now()
    const before = this.asking.get(peer)
    const goesOn = before !== undefined && now - before.last <= PATIENCE_HEARTBEATS * this.context.policy.heartbeatMs
    this.asking.delete(peer)
    if (this.asking.size >= STRANGERS_AT_MOST) this.showOut(now)
    if (this.asking.size < STRANGERS_AT_MOST) this.asking.set(peer, { since: goesOn ? before.since : now, last: now })
  }

  /** Whether this member would propose to add the peer. */
  hasWaited(peer: PeerId): boolean { return this.waited(peer) >= this.context.policy.admissionDelayMs }

  /** Whether this member agrees where another one proposes it. */
  mayBeAdded(peer: PeerId): boolean { return this.waited(peer) >= AGREED_SHARE * this.context.policy.admissionDelayMs }

  /** Since when a peer has been asking without a break; now where it has not. */
  askingSince(peer: PeerId): number { return this.asking.get(peer)?.since ?? this.clock.now() }

  private waited(peer: PeerId): number {
    if (this.founders.has(peer) || this.context.policy.admissionDelayMs === 0) return Infinity
    return this.clock.now() - (this.asking.get(peer)?.since ?? Infinity)
  }

  /** Those who have stopped asking make room. */
  private showOut(now: number): void {
    for (const [peer, { last }] of this.asking) if (now - last > PATIENCE_HEARTBEATS * this.context.policy.heartbeatMs) this.asking.delete(peer)
  }
}

/** One set for all peers of this process: with thousands of them, one each would fill the memory. Rosters never change. */
const foundersIn = remembered((roster: RoundPolicy['foundingRoster']): ReadonlySet<PeerId> => new Set(roster.map(({ peer }) => peer)))
