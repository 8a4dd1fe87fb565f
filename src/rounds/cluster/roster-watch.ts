import { instanceOf, quorumOf } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import type { Opened } from '../messages/wire.js'
import type { RoundPlace } from '../records/closing.js'

import type { Liveness } from './liveness.js'
import type { Signed } from './signed.js'

export interface RosterView {
  readonly parent: ContentId
  readonly place: RoundPlace
  /** All who may vote in this round, in their order. */
  readonly ranked: readonly PeerId[]
  /** Who of them has said leave: they sign nothing, even if they are heard of again. */
  readonly leavers: ReadonlySet<PeerId>
  /** So many of those who are here make a record full, since others have promised to sign no more; infinite where nobody has. */
  readonly enoughNow: number
}

/**
 * Watches whether a quorum can be reached, and says with whom to go on. A fork costs training, not truth: after a grace period those who are here go on
 * provisionally. A member that has bound itself in one such agreement takes part in no other on the same round.
 */
export class RosterWatch {
  private lackingSince: number | undefined
  private waitingSince: number | undefined

  constructor(private readonly context: Context, private readonly liveness: Liveness, private readonly signed: Signed) {}

  /** An agreement has begun to wait for lists. */
  restart(): void {
    this.lackingSince = undefined
    this.waitingSince = this.context.clock.now()
  }

  /** With whom to go on instead of the present voters, if it is for this peer to say so. Called every heartbeat. */
  decide({ parent, place, ranked, leavers, enoughNow }: RosterView): readonly PeerId[] | undefined {
    const { self, clock, policy } = this.context
    const now = clock.now()
    const staying = (peers: readonly PeerId[]): PeerId[] => this.liveness.live(peers, now).filter((peer) => !leavers.has(peer))
    const here = staying(ranked)
    if (place.voters.length < ranked.length && here.length >= quorumOf(ranked.length) && this.isSlow(1) && !this.isBound(place.round)) return ranked
    const isLacking = staying(place.voters).length < quorumOf(place.voters.length)
    this.lackingSince = isLacking && ranked.includes(self) ? this.lackingSince ?? now : undefined
    if (this.lackingSince === undefined || this.waitingSince === undefined || policy.strict || here[0] !== self) return undefined
    // Where farewells let those who are here agree in full, there is nobody to wait for.
    if ((now - this.lackingSince < policy.deadlines.grace && here.length < enoughNow) || this.signed.isBound(place.round, instanceOf(parent, here))) return undefined
    return here
  }

  /** Whether to follow a member that proposes to go on with some of us. */
  accepts({ peer, payload }: Opened<'roster'>, { parent, place, ranked }: RosterView): readonly PeerId[] | undefined {
    const voters = ranked.filter((voter) => payload.voters.includes(voter))
    const isInOrder = voters.length === payload.voters.length && voters.every((voter, at) => voter === payload.voters[at])
    if (this.context.policy.strict || payload.parent !== parent || !isInOrder || voters[0] !== peer || !voters.includes(this.context.self)) return undefined
    const instance = instanceOf(parent, voters)
    if (instance === place.instance || voters.length >= ranked.length) return undefined
    // Who has bound itself in a smaller circle cannot come back: the others follow it once they are getting nowhere.
    if ((this.lackingSince === undefined && !this.isSlow(2)) || this.signed.isBound(place.round, instance)) return undefined
    return voters
  }

  /** Whether the present agreement has taken so many grace periods already. */
  private isSlow(periods: number): boolean {
    return this.waitingSince !== undefined && this.context.clock.now() - this.waitingSince > periods * this.context.policy.deadlines.grace
  }

  private isBound(round: number): boolean {
    return this.signed.isBound(round, '')
  }
}
