import type { Clock, Logger } from '../../telemetry/index.js'
import type { PeerId } from '../transport.js'

import type { Refusal } from './options.js'

/** Refusals that are remembered for a person to look at. */
const REMEMBERED = 32

/** The last refusals, each reason of a peer once: who comes again and again for the same reason is told of once. */
export class Refusals {
  private readonly kept: Refusal[] = []

  constructor(private readonly clock: Clock, private readonly log: Logger) {}

  add(refusal: Omit<Refusal, 'at'>): Refusal {
    const { peer, address, reason, lasting } = refusal
    const known = this.kept.findIndex((other) => other.peer === peer && other.reason === reason)
    if (known >= 0 || !lasting) this.log.debug('refused', { peer, address, reason })
    else this.log.warn('refused', { peer, address, reason })
    if (known >= 0) this.kept.splice(known, 1)
    const added = { ...refusal, at: this.clock.now() }
    this.kept.push(added)
    if (this.kept.length > REMEMBERED) this.kept.shift()
    return added
  }

  lastOf(peer: PeerId): Refusal | undefined {
    return this.kept.findLast((other) => other.peer === peer)
  }

  /** Newest last. */
  all(): Refusal[] {
    return [...this.kept]
  }
}
