import type { Connection, Stream } from '@libp2p/interface'
import { z } from 'zod'

import { contentId, encodeCanonical } from '../../identity/index.js'
import type { Clock, Logger, Random } from '../../telemetry/index.js'
import { MAXIMUM_ADDRESS_RECORD_BYTES, RECORDS_PER_EXCHANGE } from '../constants.js'
import type { ContentId, PeerId } from '../transport.js'

import type { AddressBook } from './address-book.js'
import { openAddresses } from './address-record.js'
import { answer, ask } from './exchange.js'
import { readMessage } from './read-message.js'

/** The first exchanges follow quickly, so that a new network forms; then each interval doubles up to the last. Milliseconds. */
const FIRST_INTERVAL_MS = 500
const LAST_INTERVAL_MS = 30_000

/** Peers asked at each interval. */
const ASKED_AT_ONCE = 3

/** A peer that asks more often is not answered; milliseconds. */
const SHORTEST_INTERVAL_MS = 200

/** What a record that is none costs the peer that passed it on: five of them and it is refused. */
const FORGED_RECORD_PENALTY = 20

const recordsSchema = z.array(z.instanceof(Uint8Array).refine((record) => record.length <= MAXIMUM_ADDRESS_RECORD_BYTES)).max(RECORDS_PER_EXCHANGE)

/** Sealed address records from an answer; each is still to be opened. @throws TransportError MESSAGE_MALFORMED */
export function decodeRecords(bytes: Uint8Array): Uint8Array[] {
  return readMessage(recordsSchema, bytes, 'list of address records')
}

const MAXIMUM_ANSWER_BYTES = RECORDS_PER_EXCHANGE * (MAXIMUM_ADDRESS_RECORD_BYTES + 3) + 16

export interface PeerExchangeOptions {
  readonly networkId: ContentId
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly book: AddressBook
  /** This peer's sealed addresses, as of now. */
  readonly own: () => Uint8Array
  readonly isWelcome: (peer: PeerId) => Promise<boolean>
  readonly admittedConnections: () => Connection[]
  readonly penalise: (peer: PeerId, value: number, reason: string) => void
}

/** How peers find each other without a directory: who asks tells its own signed addresses, and is told those of others. */
export class PeerExchange {
  readonly protocol: string
  private readonly servedAt = new Map<PeerId, number>()
  /** Hashes of sealed records that were opened before: their signatures need no second check. */
  private opened = new Set<ContentId>()
  private interval = FIRST_INTERVAL_MS
  private cancel: () => void
  private stopped = false

  constructor(private readonly options: PeerExchangeOptions) {
    this.protocol = `/meshwright/${options.networkId.slice(0, 16)}/peers/1`
    this.cancel = options.clock.after(this.interval, this.run)
  }

  readonly handle = async (stream: Stream, connection: Connection): Promise<void> => {
    const { book, clock, isWelcome, log } = this.options
    const peer = connection.remotePeer.toString()
    try {
      if (!await isWelcome(peer)) throw new Error('not a peer of this network')
      if (clock.now() - (this.servedAt.get(peer) ?? -Infinity) < SHORTEST_INTERVAL_MS) throw new Error('asks too often')
      this.servedAt.set(peer, clock.now())
      await answer(stream, MAXIMUM_ADDRESS_RECORD_BYTES, clock, (record) => {
        this.take(peer, record)
        return encodeCanonical(book.sample(RECORDS_PER_EXCHANGE, peer).map(({ sealed }) => sealed))
      })
    } catch (error) {
      log.debug('a peer got no addresses', { peer, error })
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Takes the record that a peer sent about itself. */
  greeted(peer: PeerId, sealed: Uint8Array | null): void {
    if (sealed !== null) this.take(peer, sealed)
  }

  /** This peer's addresses have changed: everybody who is connected is told at once. */
  tell(): void {
    for (const connection of this.options.admittedConnections()) void this.askFor(connection)
  }

  gone(peer: PeerId): void {
    this.servedAt.delete(peer)
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  private readonly run = (): void => {
    const { admittedConnections, clock, random } = this.options
    const connections = admittedConnections()
    for (let i = 0; i < ASKED_AT_ONCE && connections.length > 0; i++) {
      const [connection] = connections.splice(Math.floor(random() * connections.length), 1)
      void this.askFor(connection!)
    }
    this.interval = Math.min(this.interval * 2, LAST_INTERVAL_MS)
    this.cancel = clock.after(this.interval * (0.75 + random() / 2), this.run)
  }

  private async askFor(connection: Connection): Promise<void> {
    const { clock, log, own } = this.options
    const peer = connection.remotePeer.toString()
    try {
      const records = decodeRecords(await ask(connection, this.protocol, own(), MAXIMUM_ANSWER_BYTES, clock))
      if (this.stopped) return
      for (const record of records) this.take(peer, record)
    } catch (error) {
      log.debug('a peer gave no addresses', { peer, error })
    }
  }

  private take(from: PeerId, sealed: Uint8Array): void {
    const { book, networkId, penalise } = this.options
    const hash = contentId(sealed)
    if (this.opened.has(hash)) return
    try {
      const record = openAddresses(sealed.slice(), networkId)
      if (this.opened.size >= 4 * RECORDS_PER_EXCHANGE * RECORDS_PER_EXCHANGE) this.opened = new Set()
      this.opened.add(hash)
      book.add(record)
    } catch (error) {
      penalise(from, FORGED_RECORD_PENALTY, `passed on an address record that is none: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
