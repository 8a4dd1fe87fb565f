import type { Connection } from '@libp2p/interface'

import type { Clock, Logger } from '../../telemetry/index.js'
import type { PeerId } from '../transport.js'

/** Whether others can connect to this peer by themselves: `unknown` until somebody has tried. */
export type Reach = 'public' | 'private' | 'unknown'

/** First checks follow quickly; a verdict is looked at anew after so long, since firewalls and addresses change. Milliseconds. */
const FIRST_CHECK_MS = 500
const UNKNOWN_AGAIN_MS = 5000
const KNOWN_AGAIN_MS = 600_000

/** Peers that are asked for one verdict. */
const ASKED = 3

export interface ReachabilityOptions {
  readonly clock: Clock
  readonly log: Logger
  /** Ports under which this peer says that it can be reached, without relays. */
  readonly ports: () => readonly number[]
  /** Direct connections to peers that were let in; those to bootstrap peers first. */
  readonly connections: () => readonly Connection[]
  readonly isBootstrap: (peer: PeerId) => boolean
  /** @throws Error where the peer gives no answer */
  readonly askToDialBack: (connection: Connection, ports: readonly number[]) => Promise<boolean>
}

/**
 * Finds out whether this peer can be reached. Bootstrap peers decide where some are connected: they stand outside, while a neighbour in
 * the same office gets through where nobody else would.
 */
export class Reachability {
  private verdict: Reach = 'unknown'
  private cancel: () => void
  private stopped = false

  constructor(private readonly options: ReachabilityOptions) {
    this.cancel = options.clock.after(FIRST_CHECK_MS, this.run)
  }

  get reach(): Reach {
    return this.verdict
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  private readonly run = (): void => {
    void this.check().then((verdict) => {
      if (this.stopped) return
      if (verdict !== this.verdict) this.options.log.info('whether others can reach this node', { verdict })
      this.verdict = verdict
      this.cancel = this.options.clock.after(verdict === 'unknown' ? UNKNOWN_AGAIN_MS : KNOWN_AGAIN_MS, this.run)
    })
  }

  private async check(): Promise<Reach> {
    const { askToDialBack, connections, isBootstrap, log, ports } = this.options
    const offered = ports()
    if (offered.length === 0) return 'private'
    const all = connections()
    const outside = all.filter(({ remotePeer }) => isBootstrap(remotePeer.toString()))
    const ask = async (connection: Connection): Promise<boolean | undefined> => {
      try {
        return await askToDialBack(connection, offered)
      } catch (error) {
        log.debug('a peer did not dial back', { peer: connection.remotePeer.toString(), error })
        return undefined
      }
    }
    // One is enough where it gets through, and each dials a connection of its own for it.
    const [first, ...others] = (outside.length > 0 ? outside : all).slice(0, ASKED)
    if (first === undefined) return 'unknown'
    const answer = await ask(first)
    if (answer === true) return 'public'
    const answers = [answer, ...await Promise.all(others.map(ask))]
    if (answers.includes(true)) return 'public'
    return answers.includes(false) ? 'private' : 'unknown'
  }
}
