import type { Context } from '../context.js'
import type { Chain } from './chain.js'
import type { Liveness } from './liveness.js'

/** What it is told about: those of the chain that the peer follows now. */
export interface Seen {
  readonly chain: Chain
  readonly liveness: Liveness
}

/** Tells who comes and goes, as soon as it can be known. */
export class Presence {
  private cancel = (): void => undefined

  constructor(private readonly context: Pick<Context, 'clock' | 'events' | 'policy'>, private readonly seen: () => Seen) {}

  /** Also between two heartbeats, where somebody's time is over before the next one: a peer that hangs is noticed up to a heartbeat earlier. */
  look(): void {
    const { clock, events, policy } = this.context
    const { liveness } = this.seen()
    const now = clock.now()
    const { gone, back } = liveness.changes(now)
    for (const peer of gone) events.emit('peer:gone', { peer })
    for (const peer of back) events.emit('peer:back', { peer })
    this.cancel()
    const next = liveness.nextGoing(now)
    if (next !== undefined && next < now + policy.heartbeatMs) this.cancel = clock.after(Math.max(0, next - now) + 1, () => this.look())
  }

  stop(): void { this.cancel() }

  /** Whether a member that is here has not got the last record yet. */
  isAnybodyBehind(): boolean {
    const { chain: { tip: { record } }, liveness } = this.seen()
    return liveness.live(record.members.map(({ peer }) => peer), this.context.clock.now()).some((peer) => (liveness.lastOf(peer)?.tip.round ?? record.round) < record.round)
  }
}
