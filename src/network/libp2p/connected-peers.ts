import type { Connection } from '@libp2p/interface'

import type { Clock, Logger } from '../../telemetry/index.js'
import type { PeerId } from '../transport.js'

import type { Hello } from './hello.js'
import type { ConnectedPeer } from './options.js'

export interface ConnectedPeersOptions {
  readonly clock: Clock
  readonly log: Logger
  /** Milliseconds since 1970. */
  readonly wallTime: () => number
  /** All connections, also of peers that have not greeted. */
  readonly connections: () => readonly Connection[]
  /** Has gossip with a peer run over this connection, where it does not run yet. */
  readonly introduce: (connection: Connection) => Promise<void>
}

/** The peers of this network that are connected, each over its best connection: a direct one where there is one. */
export class ConnectedPeers {
  private readonly peers = new Map<PeerId, ConnectedPeer>()

  constructor(private readonly options: ConnectedPeersOptions) {}

  get size(): number { return this.peers.size }

  has(peer: PeerId): boolean { return this.peers.has(peer) }

  get(peer: PeerId): ConnectedPeer | undefined { return this.peers.get(peer) }

  all(): ConnectedPeer[] { return [...this.peers.values()] }

  delete(peer: PeerId): boolean { return this.peers.delete(peer) }

  /** Open connections with a peer, whether it has greeted or not; direct ones first. */
  connectionsOf(peer: PeerId): Connection[] {
    const open = this.options.connections().filter(({ remotePeer, status }) => status === 'open' && remotePeer.toString() === peer)
    return [...open.filter(({ limits }) => limits === undefined), ...open.filter(({ limits }) => limits !== undefined)]
  }

  /** The best connection of each. */
  connections(): Connection[] {
    return [...this.peers.keys()].flatMap((peer) => this.connectionsOf(peer).slice(0, 1))
  }

  directConnections(): Connection[] {
    return this.connections().filter(({ limits }) => limits === undefined)
  }

  /**
   * A peer has been let in.
   *
   * @param roundTripMs - of its hello; undefined where it began
   * @returns undefined where its connection has ended meanwhile
   */
  add(peer: PeerId, { software, time }: Hello, roundTripMs: number | undefined): ConnectedPeer | undefined {
    const { clock, wallTime } = this.options
    const connection = this.connectionsOf(peer)[0]
    if (connection === undefined) return undefined
    const connected: ConnectedPeer = {
      peer, software, since: clock.now(), ...linkOf(connection),
      // The answer was on its way for half of the round trip.
      skewMs: Math.round(time + (roundTripMs ?? 0) / 2 - wallTime()),
      ...roundTripMs === undefined ? {} : { roundTripMs: Math.round(roundTripMs * 10) / 10 },
    }
    this.peers.set(peer, connected)
    return connected
  }

  /** A direct connection replaces relayed ones. */
  preferDirect(peer: PeerId): void {
    const { log } = this.options
    const known = this.peers.get(peer)
    const [best, ...others] = this.connectionsOf(peer)
    if (known === undefined || best === undefined) return
    if (known.relayed && best.limits === undefined) log.info('a direct connection replaces the relayed one', { peer, address: best.remoteAddr.toString() })
    this.peers.set(peer, { ...known, ...linkOf(best) })
    if (best.limits !== undefined) return
    for (const relayed of others.filter(({ limits }) => limits !== undefined)) {
      relayed.close().catch((error: unknown) => log.debug('a connection did not close cleanly', { peer, error }))
    }
  }

  /** A peer has been let in: gossip may begin. */
  introduce(peer: PeerId): void {
    const [connection] = this.connectionsOf(peer)
    if (connection === undefined || !this.has(peer)) return
    const { introduce, log } = this.options
    introduce(connection).catch((error: unknown) => log.debug('gossip with a peer could not begin', { peer, error }))
  }

  /** Gossip keeps its stream on one connection; where that ends while another stands, it must be begun there. */
  oneLess(peer: PeerId): void {
    this.preferDirect(peer)
    this.introduce(peer)
  }
}

/** What is said of a connection. */
function linkOf({ direction, limits, remoteAddr }: Connection): Pick<ConnectedPeer, 'address' | 'direction' | 'relayed'> {
  return { address: remoteAddr.toString(), direction, relayed: limits !== undefined }
}
