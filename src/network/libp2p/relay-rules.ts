import { RELAY_V2_HOP_CODEC, RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2'
import type { RelayReservation } from '@libp2p/circuit-relay-v2'
import type { Connection, ConnectionGater, PeerId as Libp2pPeerId } from '@libp2p/interface'

import type { PeerId } from '../transport.js'

import { hostOf } from './addresses.js'
import type { RelayLimits } from './options.js'

/** What of libp2p's map of reservations is used. */
export interface Reservations {
  get(peer: Libp2pPeerId): RelayReservation | undefined
  delete(peer: Libp2pPeerId): unknown
  entries(): Iterable<[Libp2pPeerId, RelayReservation]>
}

export interface RelayRulesOptions {
  readonly limits: RelayLimits
  readonly reservations: () => Reservations
  readonly connectionsOf: (peer: PeerId) => readonly Connection[]
  /** Waits for the greeting of a peer that has just connected. */
  readonly isWelcome: (peer: PeerId) => Promise<boolean>
}

/** Whom a relay serves, and how much; bytes and time of a relayed connection are limited by libp2p itself. */
export class RelayRules {
  constructor(private readonly options: RelayRulesOptions) {}

  readonly gater: ConnectionGater = {
    denyInboundRelayReservation: async (peer) => !await this.mayReserve(peer),
    denyOutboundRelayedConnection: async (source, destination) => !await this.mayConnect(source.toString()) || !await this.mayConnect(destination.toString()),
  }

  /** libp2p would keep the place of a peer that has left until it runs out, and free it then even if the peer is back. */
  gone(peer: Libp2pPeerId): void {
    const reservations = this.options.reservations()
    reservations.get(peer)?.signal.clear()
    reservations.delete(peer)
  }

  private async mayReserve(peer: Libp2pPeerId): Promise<boolean> {
    const { connectionsOf, isWelcome, limits, reservations } = this.options
    const isKnown = await isWelcome(peer.toString())
    const [connection] = connectionsOf(peer.toString())
    if (connection === undefined || !isKnown) return false
    const host = hostOf(connection.remoteAddr)
    const neighbours = [...reservations().entries()].filter(([other, { addr }]) => !other.equals(peer) && hostOf(addr) === host)
    return neighbours.length < limits.reservationsPerAddress
  }

  private async mayConnect(peer: PeerId): Promise<boolean> {
    const { connectionsOf, isWelcome, limits } = this.options
    if (!await isWelcome(peer)) return false
    const relayed = connectionsOf(peer).flatMap(({ streams }) => streams).filter(({ protocol }) => protocol === RELAY_V2_HOP_CODEC || protocol === RELAY_V2_STOP_CODEC)
    // The question itself comes on such a stream.
    return relayed.length <= limits.connectionsPerPeer
  }
}
