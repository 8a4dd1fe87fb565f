import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

import { LONGEST_ADDRESS } from '../../config/index.js'
import { publicKeyOf } from '../../identity/index.js'
import { TransportError } from '../errors.js'
import type { PeerId } from '../transport.js'

/**
 * The peer that a full address names.
 *
 * @throws TransportError ADDRESS_INVALID
 */
export function peerOfAddress(address: string): PeerId {
  const peer = address.length > LONGEST_ADDRESS ? undefined : /\/p2p\/([^/]+)$/.exec(address)?.[1]
  try {
    if (peer !== undefined) {
      multiaddr(address)
      publicKeyOf(peer)
      return peer
    }
  } catch {
    // Said below.
  }
  throw new TransportError('ADDRESS_INVALID', `"${address.slice(0, 200)}" is no peer's address: write one like /ip4/10.0.0.7/tcp/4101/p2p/12D3KooW...`)
}

/** Addresses by the peer that they name. */
export function byPeer(addresses: readonly string[]): Map<PeerId, string[]> {
  const peers = new Map<PeerId, string[]>()
  for (const address of addresses) {
    const peer = peerOfAddress(address)
    peers.set(peer, [...peers.get(peer) ?? [], address])
  }
  return peers
}

/** Without the peer id at its end. */
export function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}

/** Loopback addresses last: elsewhere they lead to another peer. */
export function loopbackLast(addresses: readonly string[]): string[] {
  const isLoopback = (address: string): boolean => /^\/ip4\/127\.|^\/ip6\/::1\//.test(address)
  return [...addresses.filter((address) => !isLoopback(address)), ...addresses.filter(isLoopback)]
}

/** Whether an address leads through a relay. */
export function isRelayed(address: string | Multiaddr): boolean {
  return /\/p2p-circuit(?:\/|$)/.test(address.toString())
}

/** The machine that an address names: its IP address or host name; that of the relay where it leads through one. */
export function hostOf(address: string | Multiaddr): string {
  return address.toString().split('/')[2] ?? ''
}

/** The TCP port of an address that leads to the peer itself. */
export function portOf(address: string): number | undefined {
  const port = isRelayed(address) ? undefined : /\/tcp\/(\d+)/.exec(address)?.[1]
  return port === undefined ? undefined : Number(port)
}
