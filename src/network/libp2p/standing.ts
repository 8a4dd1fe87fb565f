import type { Clock } from '../../telemetry/index.js'
import type { PeerId } from '../transport.js'

/** A peer without a history. */
const NEUTRAL = 32_768

/** What the best and the worst reputation above 0 add to or take from gossipsub's score. Its graylist begins at -80. */
const REPUTATION_SCORE = 10

/** The score of a proved cheat: far below every threshold. */
const CHEAT_SCORE = -1000

/** Penalties of this much get a peer disconnected and refused until they have decayed below it. */
const BAN_PENALTY = 100

/** Half of a penalty is forgiven after so long; milliseconds. */
const HALF_LIFE_MS = 600_000

/** Peers with penalties that are remembered; the smallest penalties are forgotten first. */
const REMEMBERED = 4096

interface Penalty { value: number, at: number }

/** What the transport thinks of its peers: what the protocol says (reputation), and what they did to the transport itself (penalties). */
export class Standing {
  private readonly reputations = new Map<PeerId, number>()
  private readonly penalties = new Map<PeerId, Penalty>()

  /** @param onBan - called when a peer comes to be refused */
  constructor(private readonly clock: Clock, private readonly onBan: (peer: PeerId) => void) {}

  /** @param reputation - 0 (a proved cheat) to 65536 (the best) */
  rate(peer: PeerId, reputation: number): void {
    this.change(peer, () => {
      if (reputation === NEUTRAL) this.reputations.delete(peer)
      else this.reputations.set(peer, reputation)
    })
  }

  /** @param value - 100 bans at once; decays by half in ten minutes */
  penalise(peer: PeerId, value: number): void {
    this.change(peer, () => {
      this.penalties.set(peer, { value: this.penaltyOf(peer) + value, at: this.clock.now() })
      if (this.penalties.size > REMEMBERED) this.forgetSmallest()
    })
  }

  /** For gossipsub's appSpecificScore. */
  scoreOf(peer: PeerId): number {
    const reputation = this.reputations.get(peer) ?? NEUTRAL
    const fromReputation = reputation <= 0 ? CHEAT_SCORE : (reputation - NEUTRAL) / NEUTRAL * REPUTATION_SCORE
    return fromReputation - this.penaltyOf(peer)
  }

  /** Whether nothing is said to or taken from this peer. */
  isBanned(peer: PeerId): boolean {
    return (this.reputations.get(peer) ?? NEUTRAL) <= 0 || this.penaltyOf(peer) >= BAN_PENALTY
  }

  private change(peer: PeerId, act: () => void): void {
    const before = this.isBanned(peer)
    act()
    if (!before && this.isBanned(peer)) this.onBan(peer)
  }

  private penaltyOf(peer: PeerId): number {
    const penalty = this.penalties.get(peer)
    return penalty === undefined ? 0 : penalty.value * 2 ** ((penalty.at - this.clock.now()) / HALF_LIFE_MS)
  }

  private forgetSmallest(): void {
    const smallest = [...this.penalties.keys()].reduce((least, peer) => this.penaltyOf(peer) < this.penaltyOf(least) ? peer : least)
    this.penalties.delete(smallest)
  }
}
