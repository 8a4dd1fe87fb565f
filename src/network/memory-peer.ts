import { contentId } from '../identity/index.js'

import { MAXIMUM_MESSAGE_BYTES } from './constants.js'
import { TransportError } from './errors.js'
import type { LinkedPeer, MemoryLinks, Traffic } from './memory-links.js'
import { pullFromMemory } from './memory-pull.js'
import type { ContentId, Load, PeerId, PullOptions, Transport } from './transport.js'

type Receive = (message: Uint8Array, from: PeerId) => void

export class MemoryPeer implements Transport, LinkedPeer {
  private readonly receivers = new Map<string, Set<Receive>>()
  private readonly offers = new Map<ContentId, Uint8Array>()
  private readonly stored = new Map<ContentId, Load>()
  private readonly refused = new Set<PeerId>()
  private readonly life = new AbortController()
  /** The same as the signal says, which costs more to ask. */
  private isOver = false

  private readonly traffic: Traffic

  constructor(readonly self: PeerId, private readonly links: MemoryLinks) {
    this.traffic = links.trafficOf(self)
  }

  publish(topic: string, message: Uint8Array): Promise<number> {
    if (message.length > MAXIMUM_MESSAGE_BYTES) {
      return Promise.reject(new TransportError('MESSAGE_TOO_LARGE', `a message of ${message.length} bytes is above the limit of ${MAXIMUM_MESSAGE_BYTES}: offer the bytes and announce their content id`))
    }
    const { links, self } = this
    const sent = links.isShared ? message : message.slice()
    let took = 0
    if (this.isOver) return Promise.resolve(took)
    for (const receiver of links.subscribers(topic)) {
      if (receiver === this || !links.connected(self, receiver.self)) continue
      took++
      this.traffic.messagesSent++
      this.traffic.bytesSent += sent.length
      for (let copy = links.copies(); copy > 0; copy--) {
        links.clock.after(links.delay(self, receiver.self), () => receiver.receive(topic, sent, self))
      }
    }
    return Promise.resolve(took)
  }

  subscribe(topic: string, receive: Receive): () => void {
    if (this.isOver) return () => undefined
    // A wrapper, so that one function may subscribe twice and end each subscription alone.
    const receiver: Receive = (message, from) => receive(message, from)
    const receivers = this.receivers.get(topic) ?? new Set()
    this.receivers.set(topic, receivers.add(receiver))
    this.links.subscribe(topic, this)
    return () => {
      receivers.delete(receiver)
      if (receivers.size > 0 || this.receivers.get(topic) !== receivers) return
      this.receivers.delete(topic)
      this.links.unsubscribe(topic, this)
    }
  }

  offer(bytes: Uint8Array): ContentId {
    const id = this.links.nameOf(bytes)
    if (!this.isOver) this.offers.set(id, bytes)
    return id
  }

  offerStored(id: ContentId, load: Load): void {
    if (!this.isOver) this.stored.set(id, load)
  }

  withdraw(id: ContentId): void {
    this.offers.delete(id)
    this.stored.delete(id)
  }

  pull(id: ContentId, holders: readonly PeerId[], options: PullOptions): Promise<Uint8Array> {
    return pullFromMemory(this.links, this.self, id, holders, options, this.life.signal)
  }

  rate(peer: PeerId, reputation: number): void {
    if (reputation > 0) this.refused.delete(peer)
    else this.refused.add(peer)
  }

  /** What this peer would serve to another: nothing to a proved cheat. */
  serves(id: ContentId, to: PeerId): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.refuses(to)) return undefined
    const load = this.stored.get(id)
    return this.offers.get(id) ?? (load === undefined ? undefined : loadChecked(id, load))
  }

  refuses(peer: PeerId): boolean {
    return this.refused.has(peer)
  }

  /** Ends this life of the peer: it says and hears nothing any more. */
  stop(): void {
    for (const topic of this.receivers.keys()) this.links.unsubscribe(topic, this)
    this.receivers.clear()
    this.offers.clear()
    this.stored.clear()
    this.isOver = true
    this.life.abort()
  }

  receive(topic: string, message: Uint8Array, from: PeerId): void {
    if ((this.refused.size > 0 && this.refused.has(from)) || !this.links.connected(from, this.self)) return
    const receivers = this.receivers.get(topic)
    if (receivers === undefined) return
    this.traffic.messagesReceived++
    this.traffic.bytesReceived += message.length
    // Who hears it may end or begin a subscription of the same topic. Nearly always there is one.
    const [first, ...others] = receivers
    first!(message, from)
    for (const receiver of others) receiver(message, from)
  }
}

async function loadChecked(id: ContentId, load: Load): Promise<Uint8Array | undefined> {
  const loaded = await load(id).catch(() => undefined)
  return loaded !== undefined && contentId(loaded) === id ? loaded : undefined
}
