import type { Connection } from '@libp2p/interface'
import type { PeerId } from '../transport.js'

import { hostOf, isRelayed } from './addresses.js'

/** Connections of one peer: one, one more while both sides dial at once, and a dial back. */
const CONNECTIONS_PER_PEER = 4

/** Beyond the limit an address may have so many more connections, so that there is somebody to tell why. */
const TO_BE_TOLD = 8

export interface ConnectionLimitsOptions {
  readonly perAddress: number
  readonly maximum: number
  readonly connections: () => readonly Connection[]
}

/** How many connections an address and a peer may have, so that nobody takes all places. */
export class ConnectionLimits {
  constructor(private readonly options: ConnectionLimitsOptions) {}

  /** Whether a connection is not even worth a handshake. */
  refusesAddress(address: { toString(): string }): boolean {
    const text = address.toString()
    return !isRelayed(text) && this.from(hostOf(text)) >= this.options.perAddress + TO_BE_TOLD
  }

  refusesPeer(peer: PeerId): boolean {
    return this.options.connections().filter(({ remotePeer }) => remotePeer.toString() === peer).length >= CONNECTIONS_PER_PEER
  }

  /** Why an inbound connection is one too many; undefined where it is not. */
  refusal(connection: Connection): string | undefined {
    const { maximum, perAddress } = this.options
    if (connection.direction === 'outbound' || isRelayed(connection.remoteAddr)) return undefined
    const host = hostOf(connection.remoteAddr)
    const peer = connection.remotePeer.toString()
    const others = new Set(this.inbound().filter(({ remoteAddr, remotePeer }) => hostOf(remoteAddr) === host && remotePeer.toString() !== peer).map(({ remotePeer }) => remotePeer.toString()))
    if (others.size >= perAddress) return `${perAddress} peers are connected from ${host} already, the most from one address: try another peer`
    if (this.options.connections().length > maximum) return `${maximum} connections are open, the most here: try another peer`
    return undefined
  }

  private from(host: string): number {
    return this.inbound().filter(({ remoteAddr }) => hostOf(remoteAddr) === host).length
  }

  private inbound(): Connection[] {
    return this.options.connections().filter(({ direction, remoteAddr }) => direction === 'inbound' && !isRelayed(remoteAddr))
  }
}
