import { TopicValidatorResult } from '@libp2p/gossipsub'
import type { GossipSub, Message } from '@libp2p/gossipsub'

import type { Clock, Logger, Metrics } from '../../telemetry/index.js'
import { MAXIMUM_MESSAGE_BYTES } from '../constants.js'
import { TransportError } from '../errors.js'
import type { ContentId, PeerId } from '../transport.js'

import { decodeBundle, encodeBundle, hasRoom, markOf } from './bundle.js'
import type { SentLater } from './options.js'
import { passOnLess, recipientsOf, TOPIC_SCORE, topicScoresOf } from './pubsub-inside.js'

/**
 * What a peer says on a topic within so long goes out as one: at a heartbeat it says up to five things, and each message costs everybody a signature's check, framing, encryption and a
 * system call for every neighbour. Milliseconds.
 */
const GATHERING_MS = 15

/** A publish that nobody took is tried again after these milliseconds: meshes form within about a heartbeat. */
const RETRY_AFTER_MS = [300, 1000]

/**
 * Where no more peers than these listen, everything is passed on along the mesh, as all of them may be in it: who got nothing from an author's broken connection would else hear of it
 * from nobody. With more, some neighbour is outside of the mesh and tells what there is within a second.
 */
const FEW_PEERS = 5

type Receive = (message: Uint8Array, from: PeerId) => void

/** Messages for a topic that have not gone out yet. */
interface Gathered {
  readonly messages: Uint8Array[]
  /** How many peers took them. */
  readonly took: Promise<number>
  send(): void
}

export interface GossipOptions {
  readonly pubsub: GossipSub
  readonly networkId: ContentId
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly isBanned: (peer: PeerId) => boolean
  /** Whether a peer has shown to be of this network. */
  readonly isAdmitted: (peer: PeerId) => boolean
  /** The same, once its greeting is over. */
  readonly whenAdmitted: (peer: PeerId) => Promise<boolean>
  /** How many peers are connected: with none, a publish is not tried again. */
  readonly connected: () => number
  /** Called with the neighbour that passed a message on. */
  readonly heard: (peer: PeerId) => void
  readonly sentLater: (sent: SentLater) => void
}

/** Publish and subscribe over gossipsub: small messages, several at a time, sizes checked on both sides, receivers counted. */
export class Gossip {
  private readonly receivers = new Map<string, Set<Receive>>()
  private readonly gathered = new Map<string, Gathered>()
  private readonly lost
  private readonly failed
  private readonly topicScores
  private stopped = false

  constructor(private readonly options: GossipOptions) {
    const { metrics, pubsub } = options
    this.lost = metrics.counter({ name: 'network_publish_lost_total', help: 'Messages that no peer took, after all tries' })
    this.failed = metrics.counter({ name: 'network_receiver_errors_total', help: 'Errors thrown by receivers of messages' })
    this.topicScores = topicScoresOf(pubsub)
    passOnLess(pubsub, FEW_PEERS, (message) => {
      const served = new Set(decodeBundle(message).sentTo)
      return (peer) => served.has(markOf(peer))
    })
    pubsub.addEventListener('gossipsub:message', this.deliver)
  }

  /**
   * @returns how many peers took it; where there are peers but none took it, it is tried again in the background
   * @throws TransportError MESSAGE_TOO_LARGE
   */
  async publish(topic: string, message: Uint8Array): Promise<number> {
    if (message.length > MAXIMUM_MESSAGE_BYTES) {
      throw new TransportError('MESSAGE_TOO_LARGE', `a message of ${message.length} bytes is above the limit of ${MAXIMUM_MESSAGE_BYTES}: offer the bytes and announce their content id`)
    }
    const gathered = this.gathered.get(topic)
    if (gathered !== undefined && hasRoom(gathered.messages, message)) {
      gathered.messages.push(Uint8Array.from(message))
      return gathered.took
    }
    gathered?.send()
    return this.gather(topic, Uint8Array.from(message))
  }

  /** Sends at once what waits for others to go with it. */
  flush(): void {
    for (const gathered of [...this.gathered.values()]) gathered.send()
  }

  private gather(topic: string, message: Uint8Array): Promise<number> {
    const messages = [message]
    const { promise: took, resolve, reject } = Promise.withResolvers<number>()
    const cancel = this.options.clock.after(GATHERING_MS, () => send())
    const send = (): void => {
      cancel()
      this.gathered.delete(topic)
      this.publishAll(topic, messages).then(resolve, reject)
    }
    this.gathered.set(topic, { messages, took, send })
    return took
  }

  private async publishAll(topic: string, messages: readonly Uint8Array[]): Promise<number> {
    const took = await this.tryPublish(topic, messages)
    if (took === 0) this.retry(topic, messages, 0)
    return took
  }

  private async tryPublish(topic: string, messages: readonly Uint8Array[]): Promise<number> {
    const { pubsub } = this.options
    const wire = this.wireTopic(topic)
    const { recipients } = await pubsub.publish(wire, encodeBundle(messages, recipientsOf(pubsub, wire)))
    return recipients.length
  }

  private retry(topic: string, messages: readonly Uint8Array[], attempt: number): void {
    const { clock, connected, log, sentLater } = this.options
    const wait = RETRY_AFTER_MS[attempt]
    if (wait === undefined) {
      this.lost.add(messages.length)
      log.debug('nobody took some messages', { topic, messages: messages.length })
      return
    }
    if (connected() === 0) return
    clock.after(wait, () => {
      if (this.stopped) return
      this.tryPublish(topic, messages).then(
        (took) => {
          if (took === 0) this.retry(topic, messages, attempt + 1)
          else for (const message of messages) sentLater({ topic, message, recipients: took })
        },
        (error: unknown) => log.debug('messages could not be published again', { topic, error }),
      )
    })
  }

  subscribe(topic: string, receive: Receive): () => void {
    const wire = this.wireTopic(topic)
    const own: Receive = (message, from) => receive(message, from)
    let receivers = this.receivers.get(wire)
    if (receivers === undefined) {
      receivers = new Set()
      this.receivers.set(wire, receivers)
      this.open(wire)
    }
    receivers.add(own)
    const all = receivers
    return () => {
      all.delete(own)
      if (all.size > 0 || this.receivers.get(wire) !== all) return
      this.receivers.delete(wire)
      this.close(wire)
    }
  }

  stop(): void {
    this.flush()
    this.stopped = true
    this.options.pubsub.removeEventListener('gossipsub:message', this.deliver)
    this.receivers.clear()
  }

  private open(wire: string): void {
    const { pubsub } = this.options
    pubsub.topicValidators.set(wire, (source, message) => this.validate(source.toString(), message))
    // Without parameters of its own, a topic's refused messages would cost their sender nothing.
    this.topicScores[wire] = TOPIC_SCORE
    pubsub.subscribe(wire)
  }

  private close(wire: string): void {
    const { pubsub } = this.options
    pubsub.unsubscribe(wire)
    pubsub.topicValidators.delete(wire)
  }

  private validate(source: PeerId, message: Message): TopicValidatorResult | Promise<TopicValidatorResult> {
    const { isAdmitted, isBanned, whenAdmitted } = this.options
    if (message.type !== 'signed' || !isBundle(message.data)) return TopicValidatorResult.Reject
    if (isBanned(message.from.toString())) return TopicValidatorResult.Ignore
    if (isAdmitted(source)) return TopicValidatorResult.Accept
    // A neighbour may be a moment ahead with the greeting: its message is held, not lost.
    return whenAdmitted(source).then((admitted) => admitted ? TopicValidatorResult.Accept : TopicValidatorResult.Ignore)
  }

  private readonly deliver = ({ detail: { msg, propagationSource } }: CustomEvent<{ msg: Message, propagationSource: { toString(): string } }>): void => {
    this.options.heard(propagationSource.toString())
    if (msg.type !== 'signed') return
    const from = msg.from.toString()
    for (const message of decodeBundle(msg.data).messages) {
      for (const receive of [...this.receivers.get(msg.topic) ?? []]) {
        try {
          receive(message, from)
        } catch (error) {
          this.failed.add()
          this.options.log.error('a receiver failed on a message', { topic: msg.topic, error })
        }
      }
    }
  }

  /** Topics of two networks never meet, also where a peer is connected to both. */
  private wireTopic(topic: string): string {
    return `meshwright/${this.options.networkId.slice(0, 16)}/${topic}`
  }
}

function isBundle(bytes: Uint8Array): boolean {
  try {
    decodeBundle(bytes)
    return true
  } catch {
    return false
  }
}
