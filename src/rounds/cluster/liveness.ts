import type { PeerId } from '../../network/index.js'
import { HEARTBEATS_MISSED } from '../limits.js'
import type { Heartbeat } from '../messages/schemas.js'
import type { RoundPolicy } from '../policy.js'

/** Strangers may say that they are there; they must not fill the memory. */
const PEERS_AT_MOST = 4096

/** How much longer than for being taken for gone. */
const LONG_GONE = 1.2

/** Who has been heard of lately. A peer's own impression: nothing that others must agree on depends on it. */
export class Liveness {
  /** Whoever has left was heard infinitely long ago. */
  private readonly heard = new Map<PeerId, { readonly at: number, readonly sequence: number, readonly heartbeat: Heartbeat | undefined }>()
  private readonly gone = new Set<PeerId>()

  /** @param startedAt - until a few heartbeats after it, silent peers count as on their way */
  constructor(private readonly self: PeerId, private readonly context: { readonly policy: Pick<RoundPolicy, 'heartbeatMs'> }, private readonly startedAt: number) {}

  /** @returns whether the heartbeat is news; one that is not newer than the last is a replay */
  hear(peer: PeerId, heartbeat: Heartbeat, now: number): boolean {
    const last = this.heard.get(peer)
    const { sequence } = heartbeat
    if (last !== undefined && sequence <= last.sequence) return false
    if (last === undefined && this.heard.size >= PEERS_AT_MOST) return false
    this.heard.set(peer, { at: now, sequence, heartbeat })
    return true
  }

  /** A peer has said that it leaves: it is gone until a newer heartbeat comes. */
  leave(peer: PeerId, sequence: number): void {
    const last = this.heard.get(peer)
    if (last === undefined ? this.heard.size < PEERS_AT_MOST : sequence >= last.sequence) this.heard.set(peer, { at: -Infinity, sequence, heartbeat: last?.heartbeat })
  }

  isLive(peer: PeerId, now: number): boolean {
    return peer === this.self || this.silenceOf(peer, now) <= this.patienceMs
  }

  /** Whether a peer has been silent for so long that others, who may have heard it a little later, take it for gone as well. */
  isLongGone(peer: PeerId, now: number): boolean {
    return peer !== this.self && this.silenceOf(peer, now) > LONG_GONE * this.patienceMs
  }

  live(peers: readonly PeerId[], now: number): PeerId[] {
    return peers.filter((peer) => this.isLive(peer, now))
  }

  /** When the first of the live peers will be gone if it stays silent; undefined where none is left that could be. */
  nextGoing(now: number): number | undefined {
    const moments = [...this.heard].filter(([peer, { at }]) => at !== -Infinity && this.isLive(peer, now)).map(([, { at }]) => at + this.patienceMs)
    return moments.length === 0 ? undefined : Math.min(...moments)
  }

  private silenceOf(peer: PeerId, now: number): number {
    return now - (this.heard.get(peer)?.at ?? this.startedAt)
  }

  private get patienceMs(): number { return (HEARTBEATS_MISSED + 0.5) * this.context.policy.heartbeatMs }

  /** What a live peer last said of itself. */
  lastOf(peer: PeerId): Heartbeat | undefined {
    return this.heard.get(peer)?.heartbeat
  }

  /** Peers that have gone or come back since the last call. */
  changes(now: number): { readonly gone: PeerId[], readonly back: PeerId[] } {
    const gone: PeerId[] = []
    const back: PeerId[] = []
    for (const peer of this.heard.keys()) {
      const live = this.isLive(peer, now)
      if (live && this.gone.delete(peer)) back.push(peer)
      if (live || this.gone.has(peer)) continue
      this.gone.add(peer)
      gone.push(peer)
    }
    return { gone, back }
  }
}
