import type { ContentId, PeerId } from '../../network/index.js'
import { TransportError } from '../../network/index.js'
import { attempt } from '../context.js'
import type { Context } from '../context.js'
import { MAXIMUM_POLICY_BYTES } from '../limits.js'
import type { PolicyTip } from '../messages/fields.js'

import type { Library } from './library.js'

/** Policies that were not taken over, by content, so that they are pulled once only. */
const REFUSALS_KEPT = 64

/** Owners' policies on their way from peer to peer: shown to others, and taken from those who have a newer one. */
export class PolicyNews {
  private shown: { readonly version: number, readonly signed: ContentId } | undefined
  private readonly refused = new Set<ContentId>()
  private isPulling = false

  /** @param refuse - is told of a peer that shows something which its owners have not signed */
  constructor(private readonly context: Context, private readonly library: Library, private readonly refuse: (peer: PeerId, error: unknown) => void) {}

  /** What a heartbeat tells of the newest policy here; the bytes are there for whoever wants them. */
  get announcement(): PolicyTip {
    const { policies } = this.context
    const { version } = policies.newest()
    if (this.shown?.version === version) return this.shown
    if (this.shown !== undefined) this.library.drop(this.shown.signed)
    const bytes = policies.signed?.()
    this.shown = bytes === undefined ? undefined : { version, signed: this.library.offer(bytes) }
    return this.shown ?? { version, signed: null }
  }

  /** Another peer tells of its newest policy. */
  hear({ version, signed }: PolicyTip, peer: PeerId): void {
    const { policies, transport, signal } = this.context
    if (signed === null || policies.take === undefined || version <= policies.newest().version || this.isPulling || this.refused.has(signed)) return
    this.isPulling = true
    attempt(this.context, 'a newer policy could not be had', async () => {
      try {
        const bytes = await transport.pull(signed, [peer], { maximumBytes: MAXIMUM_POLICY_BYTES, signal })
        if (!await policies.take!(bytes)) {
          this.remember(signed)
          return
        }
        this.context.events.emit('policy:taken', { version: policies.newest().version, from: peer })
      } catch (error) {
        if (error instanceof TransportError) return
        this.remember(signed)
        this.refuse(peer, error)
      } finally {
        this.isPulling = false
      }
    })
  }

  private remember(signed: ContentId): void {
    this.refused.add(signed)
    if (this.refused.size > REFUSALS_KEPT) this.refused.delete(this.refused.values().next().value!)
  }
}
