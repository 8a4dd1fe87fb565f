import type { Connection, Stream } from '@libp2p/interface'

import type { Clock, Logger } from '../../telemetry/index.js'
import { EXCHANGE_TIMEOUT_MS, MAXIMUM_HELLO_BYTES } from '../constants.js'
import type { ContentId, PeerId } from '../transport.js'

import { answer, ask } from './exchange.js'
import { decodeHello, encodeHello, HELLO_PROTOCOL, MAXIMUM_REASON_LENGTH, networkDifference } from './hello.js'
import type { Hello } from './hello.js'
import { printable } from './printable.js'

/** A refused peer has so long to read why; milliseconds. */
const FAREWELL_MS = 3000

/** Whether admitted peers may stay is asked again so often: credentials expire. Milliseconds. */
const REVIEW_MS = 60_000

export interface GreeterOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly networkId: ContentId
  /** Canonical bytes of the genesis, so that strangers learn in which field they differ; null to show the id only. */
  readonly genesis: Uint8Array | null
  /** The owners' credential for this peer, as of now. */
  readonly credential: () => Uint8Array | null
  readonly software: string
  /** This peer's sealed addresses, as of now. */
  readonly addresses: () => Uint8Array
  /** @throws Error that says why a peer with this credential, or none, is not admitted */
  readonly check: (peer: PeerId, credential: Uint8Array | null) => void
  /** Open connections with a peer. */
  readonly connectionsOf: (peer: PeerId) => readonly Connection[]
  /** Why there is no room for a connection, however welcome its peer; undefined where there is. */
  readonly overLimit: (connection: Connection) => string | undefined
  /** Milliseconds since 1970, to be told to others. */
  readonly wallTime: () => number
  /** @param roundTripMs - of the hello; undefined where the other side began */
  readonly admitted: (peer: PeerId, hello: Hello, roundTripMs: number | undefined) => void
  /** @param lasting - false where the connection may only have been too slow */
  readonly refused: (peer: PeerId, address: string, reason: string, lasting: boolean) => void
}

/** Why a peer is not let in, or does not let this one in. */
interface Objection {
  readonly reason: string
  /** False where it may be otherwise a little later. */
  readonly lasting: boolean
}

/** Lets peers of the same network in, and tells all others why not. Nothing else is said to a peer before. */
export class Greeter {
  /** With the credential that each showed. */
  private readonly admitted = new Map<PeerId, Uint8Array | null>()
  private readonly waiting = new Map<PeerId, Set<() => void>>()

  private cancelReview: () => void = () => undefined

  constructor(private readonly options: GreeterOptions) {}

  start(): void {
    this.cancelReview = this.options.clock.after(REVIEW_MS, () => {
      this.review()
      this.start()
    })
  }

  stop(): void {
    this.cancelReview()
  }

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
      this.sayHello(connection).catch((error: unknown) => this.refuse(connection, { reason: `no hello: ${error instanceof Error ? error.message : String(error)}`, lasting: false }))
    } else {
      this.options.clock.after(EXCHANGE_TIMEOUT_MS, () => {
        if (connection.status === 'open' && !this.admitted.has(connection.remotePeer.toString())) this.refuse(connection, { reason: `no hello within ${EXCHANGE_TIMEOUT_MS} ms`, lasting: false })
      })
    }
  }

  /** Answers a hello. */
  readonly handle = async (stream: Stream, connection: Connection): Promise<void> => {
    let objection: Objection | undefined
    try {
      await answer(stream, MAXIMUM_HELLO_BYTES, this.options.clock, (message) => {
        const hello = decodeHello(message)
        objection = this.judge(connection, hello) ?? this.lackOfRoom(connection)
        if (objection === undefined) this.admit(connection, hello)
        return this.hello(hello.network, objection)
      })
    } catch (error) {
      if (objection === undefined) this.refuse(connection, { reason: `no hello: ${error instanceof Error ? error.message : String(error)}`, lasting: false })
    }
    // The dialler, too, shall read why, and closes then by itself.
    if (objection !== undefined) this.refuse(connection, objection, { closeAfter: FAREWELL_MS })
  }

  gone(peer: PeerId): void {
    this.admitted.delete(peer)
    this.settle(peer)
  }

  /** Parts from admitted peers that would not be let in now, and tells them why. */
  review(): void {
    for (const [peer, credential] of this.admitted) {
      const objection = this.objectionTo(peer, credential)
      if (objection === undefined) continue
      this.admitted.delete(peer)
      for (const connection of this.options.connectionsOf(peer)) {
        this.refuse(connection, objection, { closeAfter: FAREWELL_MS })
        this.sayWhy(connection, objection)
      }
    }
  }

  private async sayHello(connection: Connection): Promise<void> {
    const { clock, networkId } = this.options
    const asked = clock.now()
    const hello = decodeHello(await ask(connection, HELLO_PROTOCOL, this.hello(networkId), MAXIMUM_HELLO_BYTES, clock))
    const objection = this.judge(connection, hello)
    if (objection === undefined) {
      this.admit(connection, hello, clock.now() - asked)
      return
    }
    const isTold = hello.network !== networkId || hello.refusal !== null
    this.refuse(connection, objection, { closeAfter: isTold ? 0 : FAREWELL_MS })
    // The other side has let this one in, and would wonder.
    if (!isTold) this.sayWhy(connection, objection)
  }

  private sayWhy(connection: Connection, objection: Objection): void {
    const { clock, log, networkId } = this.options
    ask(connection, HELLO_PROTOCOL, this.hello(networkId, objection), MAXIMUM_HELLO_BYTES, clock)
      .catch((error: unknown) => log.debug('a peer did not hear why it is refused', { peer: connection.remotePeer.toString(), error }))
  }

  private hello(theirNetwork: ContentId, objection?: Objection): Uint8Array {
    const { networkId, genesis, credential, software, addresses, wallTime } = this.options
    const friend = theirNetwork === networkId
    const isWelcome = friend && objection === undefined
    return encodeHello({
      version: 1,
      network: networkId,
      genesis,
      addresses: isWelcome ? addresses() : null,
      credential: isWelcome ? credential() : null,
      software,
      time: Math.max(0, Math.floor(wallTime())),
      // Of strangers, each sees by itself in which field the networks differ.
      refusal: friend && objection !== undefined ? { reason: objection.reason.slice(0, MAXIMUM_REASON_LENGTH), lasting: objection.lasting } : null,
    })
  }

  private judge(connection: Connection, hello: Hello): Objection | undefined {
    const difference = networkDifference({ network: this.options.networkId, genesis: this.options.genesis }, hello)
    if (difference !== undefined) return { reason: difference, lasting: true }
    if (hello.refusal === null) return this.objectionTo(connection.remotePeer.toString(), hello.credential)
    const { reason, lasting } = hello.refusal
    return { reason: `${lasting ? 'it refuses this node' : 'it has no room now'}: ${printable(reason)}`, lasting }
  }

  private objectionTo(peer: PeerId, credential: Uint8Array | null): Objection | undefined {
    try {
      this.options.check(peer, credential)
      return undefined
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), lasting: true }
    }
  }

  private lackOfRoom(connection: Connection): Objection | undefined {
    const reason = this.options.overLimit(connection)
    return reason === undefined ? undefined : { reason, lasting: false }
  }

  private admit(connection: Connection, hello: Hello, roundTripMs?: number): void {
    const peer = connection.remotePeer.toString()
    if (connection.status !== 'open' || this.admitted.has(peer)) return
    this.admitted.set(peer, hello.credential)
    this.options.admitted(peer, hello, roundTripMs)
    this.settle(peer)
  }

  private refuse(connection: Connection, { reason, lasting }: Objection, { closeAfter = 0 }: { readonly closeAfter?: number } = {}): void {
    const { clock, log } = this.options
    const peer = connection.remotePeer.toString()
    if (lasting) this.admitted.delete(peer)
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
