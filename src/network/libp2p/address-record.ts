import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'

import { open, seal } from '../../identity/index.js'
import type { Identity } from '../../identity/index.js'
import { ADDRESSES_PER_PEER, MAXIMUM_ADDRESS_LENGTH, MAXIMUM_ADDRESS_RECORD_BYTES } from '../constants.js'
import type { ContentId, PeerId } from '../transport.js'

import { checked } from './read-message.js'

const KIND = 'addresses'

/** Where a peer says that it can be reached. */
export interface AddressRecord {
  readonly peer: PeerId
  /** Milliseconds since 1970 by the peer's clock; a later record replaces an earlier one. */
  readonly sequence: number
  readonly addresses: readonly string[]
  /** The record as its peer sealed it, to pass on. */
  readonly sealed: Uint8Array
}

const payloadSchema = z.strictObject({
  sequence: z.int().nonnegative(),
  addresses: z.array(z.string().max(MAXIMUM_ADDRESS_LENGTH).refine(isDialable)).max(ADDRESSES_PER_PEER),
})

/** Seals where this peer can be reached; addresses beyond the first eight are left out. */
export function sealAddresses(identity: Identity, network: ContentId, addresses: readonly string[], sequence: number): Uint8Array {
  const usable = addresses.filter((address) => address.length <= MAXIMUM_ADDRESS_LENGTH && isDialable(address)).slice(0, ADDRESSES_PER_PEER)
  return seal(identity, KIND, network, { sequence, addresses: usable })
}

/** @throws IdentityError, TransportError MESSAGE_MALFORMED for what is no such record of this network */
export function openAddresses(bytes: Uint8Array, network: ContentId): AddressRecord {
  const { peer, payload } = open(bytes, { kind: KIND, network, maximumBytes: MAXIMUM_ADDRESS_RECORD_BYTES })
  const { sequence, addresses } = checked(payloadSchema, payload, 'address record')
  return { peer, sequence, addresses: addresses.map((address) => `${address}/p2p/${peer}`), sealed: bytes }
}

/** TCP at an IP address or host name, of the peer itself or of a relay, without the peer id at the end, which the envelope gives. */
function isDialable(address: string): boolean {
  if (!/^\/(ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d+(\/p2p\/[1-9A-HJ-NP-Za-km-z]+\/p2p-circuit)?$/.test(address)) return false
  try {
    multiaddr(address)
    return true
  } catch {
    return false
  }
}
