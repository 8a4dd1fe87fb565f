import type { Connection, Stream } from '@libp2p/interface'
import { z } from 'zod'

import { decodeCanonical, encodeCanonical } from '../../identity/index.js'
import type { Clock, Logger } from '../../telemetry/index.js'
import { ADDRESSES_PER_PEER } from '../constants.js'
import type { ContentId, PeerId } from '../transport.js'

import { hostOf } from './addresses.js'
import { answer, ask } from './exchange.js'
import { RateLimit } from './rate-limit.js'
import { withTimeLimit } from './time-limit.js'

/** A dial back must be done by then: the asker waits no longer than an exchange takes. Milliseconds. */
const DIAL_BACK_MS = 5000

/** Dials for others at once, from all peers together. */
const DIALS_AT_ONCE = 4

/** A peer may ask twice at once, and then every thirty seconds. */
const ASKS_PER_SECOND = 1 / 30
const ASKS_AT_ONCE = 2

const MAXIMUM_BYTES = 64

const questionSchema = z.array(z.int().min(1).max(65_535)).min(1).max(ADDRESSES_PER_PEER)
const answerSchema = z.strictObject({ reached: z.boolean() })

export interface DialBackOptions {
  readonly networkId: ContentId
  readonly clock: Clock
  readonly log: Logger
  readonly isWelcome: (peer: PeerId) => Promise<boolean>
  /** Opens one more connection to the peer and closes it again. @throws Error where it cannot be reached there */
  readonly tryAddresses: (addresses: readonly string[], signal: AbortSignal) => Promise<void>
}

/**
 * Lets a peer find out whether others can reach it: who is asked dials back, to ports that the asker names.
 *
 * It dials only the address that the question came from, so nobody can be made to knock on a third party's door.
 */
export class DialBack {
  readonly protocol: string
  private readonly limit: RateLimit
  private dials = 0

  constructor(private readonly options: DialBackOptions) {
    this.protocol = `/meshwright/${options.networkId.slice(0, 16)}/dial-back/1`
    this.limit = new RateLimit(options.clock, ASKS_PER_SECOND, ASKS_AT_ONCE)
  }

  /** @throws Error where the peer does not answer, or has no time for it */
  async reaches(connection: Connection, ports: readonly number[]): Promise<boolean> {
    const question = encodeCanonical(ports.slice(0, ADDRESSES_PER_PEER))
    return answerSchema.parse(decodeCanonical(await ask(connection, this.protocol, question, MAXIMUM_BYTES, this.options.clock))).reached
  }

  readonly handle = async (stream: Stream, connection: Connection): Promise<void> => {
    const { clock, isWelcome, log } = this.options
    const peer = connection.remotePeer.toString()
    try {
      if (connection.limits !== undefined) throw new Error('asks through a relay, which hides its address')
      if (!await isWelcome(peer)) throw new Error('not a peer of this network')
      if (this.dials >= DIALS_AT_ONCE || !this.limit.take(peer)) throw new Error('asks too often')
      await answer(stream, MAXIMUM_BYTES, clock, async (message) => encodeCanonical({ reached: await this.dial(connection, questionSchema.parse(decodeCanonical(message))) }))
    } catch (error) {
      log.debug('a peer was not dialled back', { peer, error })
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  private async dial(connection: Connection, ports: readonly number[]): Promise<boolean> {
    const { clock, tryAddresses } = this.options
    const peer = connection.remotePeer.toString()
    const host = hostOf(connection.remoteAddr)
    const family = host.includes(':') ? 'ip6' : 'ip4'
    this.dials++
    try {
      await withTimeLimit(clock, DIAL_BACK_MS, 'connection', (signal) => tryAddresses(ports.map((port) => `/${family}/${host}/tcp/${port}/p2p/${peer}`), signal))
      return true
    } catch {
      return false
    } finally {
      this.dials--
    }
  }
}
