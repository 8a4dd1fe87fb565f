import type { Connection, Stream } from '@libp2p/interface'

import type { Clock, Logger } from '../../telemetry/index.js'
import { EXCHANGE_TIMEOUT_MS, MAXIMUM_HELLO_BYTES } from '../constants.js'
import type { ContentId, PeerId } from '../transport.js'

import { answer, ask } from './exchange.js'
import { decodeHello, encodeHello, HELLO_PROTOCOL, MAXIMUM_REASON_LENGTH, networkDifference } from './hello.js'
import type { Hello } from './hello.js'

/** A refused dialler has so long to read the answer; milliseconds. */
const FAREWELL_MS = 1000

export interface GreeterOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly networkId: ContentId
  /** Canonical bytes of the genesis, so that strangers learn in which field they differ; null to show the id only. */
  readonly genesis: Uint8Array | null
  readonly credential: Uint8Array | null
  readonly software: string
  /** This peer's sealed addresses, as of now. */
  readonly addresses: () => Uint8Array
  /** @throws Error that says why a peer with this credential, or none, is not admitted */
  readonly checkCredential: (peer: PeerId, credential: Uint8Array | null) => void
  /** Why there is no room for a connection, however welcome its peer; undefined where there is. */
  readonly overLimit: (connection: Connection) => string | undefined
  /** Milliseconds since 1970, to be told to others. */
  readonly wallTime: () => number
  /** @param roundTripMs - of the hello; undefined where the other side began */
  readonly admitted: (peer: PeerId, hello: Hello, roundTripMs: number | undefined) => void
  /** @param lasting - false where the connection may only have been too slow */
  readonly refused: (peer: PeerId, address: string, reason: string, lasting: boolean) => void
}

/** Lets peers of the same network in, and tells all others why not. Nothing else is said to a peer before. */
export class Greeter {
  private readonly admitted = new Set<PeerId>()
  private readonly waiting = new Map<PeerId, Set<() => void>>()

  constructor(private readonly options: GreeterOptions) {}

  isAdmitted(peer: PeerId): boolean {
    return this.admitted.has(peer)
  }

  /** Waits for the greeting of a peer that has just connected; false where it does not come. */
  async whenAdmitted(peer: PeerId): Promise<boolean> {
    if (this.admitted.has(peer)) return true
    return new Promise((resolve) => {
      const waiting = this.waiting.get(peer) ?? new Set()
      this.waiting.set(peer, waiting)
      const done = (): void => {
        cancel()
        waiting.delete(done)
        if (waiting.size === 0) this.waiting.delete(peer)
        resolve(this.admitted.has(peer))
      }
      const cancel = this.options.clock.after(EXCHANGE_TIMEOUT_MS, done)
      waiting.add(done)
    })
  }

  /** For each new connection: the dialler speaks first. */
  greet(connection: Connection): void {
    if (connection.direction === 'outbound') {
      this.sayHello(connection).catch((error: unknown) => this.refuse(connection, `no hello: ${error instanceof Error ? error.message : String(error)}`, { lasting: false }))
    } else {
      this.options.clock.after(EXCHANGE_TIMEOUT_MS, () => {
        if (connection.status === 'open' && !this.admitted.has(connection.remotePeer.toString())) this.refuse(connection, `no hello within ${EXCHANGE_TIMEOUT_MS} ms`, { lasting: false })
      })
    }
  }

  /** Answers a hello. */
  readonly handle = async (stream: Stream, connection: Connection): Promise<void> => {
    let reason: string | undefined
    let full: string | undefined
    try {
      await answer(stream, MAXIMUM_HELLO_BYTES, this.options.clock, (message) => {
        const hello = decodeHello(message)
        reason = this.judge(connection, hello)
        full = reason === undefined ? this.options.overLimit(connection) : undefined
        reason ??= full
        if (reason === undefined) this.admit(connection, hello)
        return this.hello(hello.network, reason === undefined ? null : { reason: reason.slice(0, MAXIMUM_REASON_LENGTH), lasting: full === undefined })
      })
    } catch (error) {
      if (reason === undefined) this.refuse(connection, `no hello: ${error instanceof Error ? error.message : String(error)}`, { lasting: false })
    }
    // The dialler, too, shall read why, and closes then by itself.
    if (reason !== undefined) this.refuse(connection, reason, { lasting: full === undefined, closeAfter: FAREWELL_MS })
  }

  gone(peer: PeerId): void {
    this.admitted.delete(peer)
    this.settle(peer)
  }

  private async sayHello(connection: Connection): Promise<void> {
    const { clock, networkId } = this.options
    const asked = clock.now()
    const hello = decodeHello(await ask(connection, HELLO_PROTOCOL, this.hello(networkId, null), MAXIMUM_HELLO_BYTES, clock))
    const reason = this.judge(connection, hello)
    if (reason !== undefined) this.refuse(connection, reason, { lasting: true })
    else if (hello.refusal !== null) this.refuse(connection, `it answers: ${hello.refusal.reason}`, { lasting: hello.refusal.lasting })
    else this.admit(connection, hello, clock.now() - asked)
  }

  private hello(theirNetwork: ContentId, refusal: Hello['refusal']): Uint8Array {
    const { networkId, genesis, credential, software, addresses, wallTime } = this.options
    const friend = theirNetwork === networkId
    return encodeHello({
      version: 1,
      network: networkId,
      genesis,
      addresses: friend ? addresses() : null,
      credential: friend ? credential : null,
      software,
      time: Math.max(0, Math.floor(wallTime())),
      refusal,
    })
  }

  private judge(connection: Connection, hello: Hello): string | undefined {
    const difference = networkDifference({ network: this.options.networkId, genesis: this.options.genesis }, hello)
    if (difference !== undefined) return difference
    try {
      this.options.checkCredential(connection.remotePeer.toString(), hello.credential)
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  private admit(connection: Connection, hello: Hello, roundTripMs?: number): void {
    const peer = connection.remotePeer.toString()
    if (connection.status !== 'open' || this.admitted.has(peer)) return
    this.admitted.add(peer)
    this.options.admitted(peer, hello, roundTripMs)
    this.settle(peer)
  }

  private refuse(connection: Connection, reason: string, { lasting, closeAfter = 0 }: { readonly lasting: boolean, readonly closeAfter?: number }): void {
    const { clock, log } = this.options
    const peer = connection.remotePeer.toString()
    // A second connection that was cut while the first stands is no refusal.
    if (!this.admitted.has(peer)) this.options.refused(peer, connection.remoteAddr.toString(), reason, lasting)
    clock.after(closeAfter, () => {
      connection.close().catch((error: unknown) => log.debug('a connection did not close cleanly', { peer, error }))
    })
    this.settle(peer)
  }

  private settle(peer: PeerId): void {
    for (const done of [...this.waiting.get(peer) ?? []]) done()
  }
}
