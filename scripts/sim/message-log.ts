import type { PeerId, Transport } from '../../src/network/index.js'
import { unframe } from '../../src/rounds/index.js'
import type { Phase, RoundEvents } from '../../src/rounds/index.js'

import { through } from './adversaries.js'
import type { Inhabitant } from './world.js'

export interface LoggedMessage {
  /** Virtual milliseconds. */
  readonly at: number
  readonly from: PeerId
  /** A message's kind, or `pull` for content that has come. */
  readonly kind: string
  readonly bytes: number
}

export interface LoggedPhase {
  readonly at: number
  readonly peer: PeerId
  readonly round: number
  readonly phase: Phase
}

/** Everything that the members of one cluster say to each other: the first cluster that is heard of. */
export class MessageLog {
  readonly messages: LoggedMessage[] = []
  readonly phases: LoggedPhase[] = []
  cluster: string | undefined
  private readonly members = new Set<PeerId>()

  constructor(private readonly now: () => number) {}

  between(inner: Transport): Transport {
    return {
      ...through(inner),
      publish: (topic, message) => {
        if (this.isOwn(topic, inner.self)) this.note(inner.self, unframe(message).kind, message.length)
        return inner.publish(topic, message)
      },
      pull: async (id, holders, options) => {
        const bytes = await inner.pull(id, holders, options)
        if (this.members.has(inner.self)) this.note(inner.self, 'pull', bytes.length)
        return bytes
      },
    }
  }

  happened(inhabitant: Inhabitant, name: keyof RoundEvents, event: RoundEvents[keyof RoundEvents]): void {
    if (name === 'cluster:formed') {
      const { cluster } = event as RoundEvents['cluster:formed']
      this.cluster ??= cluster
      if (cluster === this.cluster) this.members.add(inhabitant.id)
    } else if (name === 'phase:changed' && this.members.has(inhabitant.id)) {
      this.phases.push({ at: this.now(), peer: inhabitant.id, ...event as RoundEvents['phase:changed'] })
    }
  }

  private isOwn(topic: string, self: PeerId): boolean {
    return this.members.has(self) && topic.endsWith(`/${this.cluster}`)
  }

  private note(from: PeerId, kind: string, bytes: number): void {
    this.messages.push({ at: this.now(), from, kind, bytes })
  }
}
