import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

import type { EpochKey } from '../../identity/index.js'
import type { Clock } from '../../telemetry/index.js'
import { TransportError } from '../errors.js'
import type { PeerId } from '../transport.js'

import { hostOf } from './addresses.js'
import { isKeyMismatch } from './encryption.js'
import type { Libp2pNode } from './node.js'
import type { Refusal } from './options.js'
import { RateLimit } from './rate-limit.js'

/** Dials to one address, of peers known from others: at once, and a second. Address records could name a third party. */
const DIALS_AT_ONCE = 64
const DIALS_PER_SECOND = 2

/** libp2p closes a connection that was only tried, and waits for it so long; milliseconds. */
const CLOSE_MS = 1000

export interface DiallerOptions {
  readonly clock: Clock
  readonly node: Pick<Libp2pNode, 'dial'>
  /** Aborted when the transport stops. */
  readonly stopping: AbortSignal
  /** Addresses named in the settings: they are dialled however often. */
  readonly trusted: ReadonlyMap<PeerId, readonly string[]>
  readonly networkKeys: readonly EpochKey[] | undefined
  readonly connectionOf: (peer: PeerId) => Connection | undefined
  readonly whenAdmitted: (peer: PeerId) => Promise<boolean>
  readonly lastRefusal: (peer: PeerId) => Refusal | undefined
  readonly refused: (peer: PeerId, address: string, reason: string, lasting: boolean) => void
}

/** Opens connections, and says of each that failed why and what to do. */
export class Dialler {
  private readonly limit: RateLimit

  constructor(private readonly options: DiallerOptions) {
    this.limit = new RateLimit(options.clock, DIALS_PER_SECOND, DIALS_AT_ONCE)
  }

  /**
   * A connection with a peer that has let us in: the present one, or a new one.
   *
   * @throws TransportError PEER_UNREACHABLE, NETWORK_MISMATCH
   */
  async connect(peer: PeerId, addresses: readonly string[], signal: AbortSignal): Promise<Connection> {
    const { connectionOf, lastRefusal, whenAdmitted } = this.options
    const open = connectionOf(peer)
    if (open === undefined && addresses.length === 0) throw new TransportError('PEER_UNREACHABLE', `no address of ${peer} is known: it is found when a peer that knows it is connected`)
    const connection = open ?? await this.open(peer, addresses, signal)
    if (await whenAdmitted(peer)) return connection
    const refusal = lastRefusal(peer)
    throw refusal?.lasting === true
      ? new TransportError('NETWORK_MISMATCH', `${peer} was not let in: ${refusal.reason}`)
      : new TransportError('PEER_UNREACHABLE', `${peer} did not greet (${refusal?.reason ?? 'the connection closed'}): it may be overloaded or no meshwright peer`)
  }

  /** Opens one more connection, beside those that there are. @throws TransportError, libp2p's errors */
  async add(peer: PeerId, addresses: readonly string[]): Promise<void> {
    await this.options.node.dial(this.allowed(peer, addresses), { signal: this.options.stopping, force: true })
  }

  /** Opens one more connection and closes it again. @throws libp2p's errors */
  async try(addresses: readonly string[], signal: AbortSignal): Promise<void> {
    const { node, stopping } = this.options
    const connection = await node.dial(addresses.map((address) => multiaddr(address)), { signal: AbortSignal.any([signal, stopping]), force: true })
    await connection.close({ signal: AbortSignal.timeout(CLOSE_MS) }).catch(() => connection.abort(new Error('only tried')))
  }

  private async open(peer: PeerId, addresses: readonly string[], signal: AbortSignal): Promise<Connection> {
    const { networkKeys, node, refused, stopping } = this.options
    try {
      return await node.dial(this.allowed(peer, addresses), { signal: AbortSignal.any([signal, stopping]) })
    } catch (error) {
      if (error instanceof TransportError) throw error
      if (!isKeyMismatch(error)) throw new TransportError('PEER_UNREACHABLE', `${peer} does not answer at ${addresses.join(', ')} (${messageOf(error)}): is it running, and is the way to it open?`, { cause: error })
      const reason = `the handshake failed: the peer has ${networkKeys === undefined ? 'a network key, and this node none' : `none of this node's network keys (epoch ${networkKeys.map(({ epoch }) => epoch).join(', ')})`}, or is no meshwright peer. Compare networkKeyFile in the settings of both, and ask the network's owners for the present one`
      refused(peer, addresses.join(', '), reason, true)
      throw new TransportError('NETWORK_MISMATCH', `${peer} was not let in: ${reason}`, { cause: error })
    }
  }

  /** Addresses from others are dialled only so often a host. */
  private allowed(peer: PeerId, addresses: readonly string[]): Multiaddr[] {
    const trusted = this.options.trusted.get(peer) ?? []
    const allowed = addresses.filter((address) => trusted.includes(address) || this.limit.take(hostOf(address)))
    if (allowed.length === 0) throw new TransportError('PEER_UNREACHABLE', `the addresses of ${peer} were dialled too often lately: it is tried again`)
    return allowed.map((address) => multiaddr(address))
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
