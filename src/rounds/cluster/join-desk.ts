import type { PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Opened } from '../messages/wire.js'
import { isKnown } from '../records/members.js'

import type { Chain } from './chain.js'
import { WaitingRoom } from './waiting-room.js'

/** Who may join this peer's cluster, as far as it can tell: who shows what the owners ask for, and has been a member lately or asked for long enough. */
export class JoinDesk {
  private readonly strangers: WaitingRoom

  constructor(private readonly context: Context, private readonly chain: () => Chain) {
    this.strangers = new WaitingRoom(context.clock, context)
  }

  /**
   * A peer asks, as it does every heartbeat.
   *
   * @returns whether this peer would have a record add it now
   * @throws RoundsError EVIDENCE_REFUSED
   */
  hear(join: Opened<'join'>): boolean {
    if (!this.isCredited(join)) throw new RoundsError('EVIDENCE_REFUSED', `${join.peer} asks to join and shows no credential that holds: its user asks the network's owners for one`)
    this.strangers.ask(join.peer)
    return this.isBack(join.peer) || this.strangers.hasWaited(join.peer)
  }

  /** Whether this peer agrees where another one would have a record add it. */
  mayBeAdded(join: Opened<'join'>): boolean {
    return (this.isBack(join.peer) || this.strangers.mayBeAdded(join.peer)) && this.isCredited(join)
  }

  /** Milliseconds of this peer's clock. */
  askingSince(peer: PeerId): number { return this.strangers.askingSince(peer) }

  /** Whether a peer shows what this network's owners ask for. It may have come by way of others, and never have been connected to this one. */
  private isCredited({ peer, payload: { credential } }: Opened<'join'>): boolean {
    try {
      this.context.checkCredential(peer, credential)
      return true
    } catch {
      return false
    }
  }

  /** Whether a peer is no stranger: it was a member lately. */
  private isBack(peer: PeerId): boolean {
    const chain = this.chain()
    return isKnown(peer, chain.tip.record, chain.membersAt(chain.full))
  }
}
