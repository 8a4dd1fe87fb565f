import type { Clock, Logger } from '../../telemetry/index.js'
import type { PeerId } from '../transport.js'

import type { DialState } from './connector.js'
import type { BootstrapState, ConnectedPeer } from './options.js'

export interface BootstrapsOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly peers: ReadonlyMap<PeerId, readonly string[]>
  readonly connected: (peer: PeerId) => ConnectedPeer | undefined
  readonly dialState: (peer: PeerId) => DialState | undefined
  readonly relayProblem: (peer: PeerId) => string | undefined
}

/** How each bootstrap peer stands, and a word in the log when the last one is lost and when one is back. */
export class Bootstraps {
  private readonly failed = new Set<PeerId>()
  private complained = false

  constructor(private readonly options: BootstrapsOptions) {}

  has(peer: PeerId): boolean {
    return this.options.peers.has(peer)
  }

  states(): BootstrapState[] {
    const { connected, dialState, peers, relayProblem } = this.options
    return [...peers].map(([peer, addresses]) => {
      const up = connected(peer)
      const dial = dialState(peer)
      const problem = relayProblem(peer)
      return {
        peer, addresses,
        ...up === undefined ? {} : { connectedSince: up.since },
        ...up?.roundTripMs === undefined ? {} : { roundTripMs: up.roundTripMs },
        ...up === undefined ? {} : { skewMs: up.skewMs },
        ...dial?.error === undefined ? {} : { lastError: dial.error },
        ...up !== undefined || dial === undefined ? {} : { nextTryAt: dial.dueAt },
        ...problem === undefined ? {} : { relayProblem: problem },
      }
    })
  }

  up(peer: PeerId): void {
    if (!this.has(peer)) return
    this.failed.clear()
    if (this.complained) this.options.log.info('a bootstrap peer is back', { peer })
    this.complained = false
  }

  /** A dial has failed, or a connection ended. */
  down(peer: PeerId): void {
    const { connected, log, peers } = this.options
    if (!this.has(peer)) return
    this.failed.add(peer)
    if (this.complained || this.failed.size < peers.size || [...peers.keys()].some((other) => connected(other) !== undefined)) return
    this.complained = true
    log.warn('no bootstrap peer answers: known peers stay connected, and it is tried again in the background', { bootstraps: peers.size })
  }
}
