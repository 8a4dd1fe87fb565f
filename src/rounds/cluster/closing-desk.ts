import { quorumOf } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { attempt, send } from '../context.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import { frame, openMessage, sealMessage } from '../messages/wire.js'
import type { Opened } from '../messages/wire.js'
import { closeWith, openList } from '../records/closing.js'
import type { Closed, RoundPlace } from '../records/closing.js'

import type { Gathering } from './gathering.js'
import type { Signed } from './signed.js'
import type { Waiting } from './waiting.js'

/** Leaves room for the frame around a message. */
const CLOSING_BYTES = 56 * 1024

/** Heartbeats after which a closing that somebody lacks is said again, though others say it. */
const SILENT_HEARTBEATS = 4

/** Closes the set of manifests of a round: each voter lists what it has seen, and a quorum's lists decide. */
export class ClosingDesk {
  private readonly lists = new Map<PeerId, Opened<'list'>>()
  private result: Closed | undefined
  private envelope: Uint8Array | undefined
  /** A closing that names manifests which are not here yet. */
  private early: Opened<'closing'> | undefined
  /** What this peer has listed. */
  private listing: readonly ContentId[] = []
  /** The own list could not be written, and so not be sent. */
  private isListLost = false
  private turn: 'unasked' | 'waiting' | 'come' = 'unasked'
  private isStopped = false
  /** When the closing was last said, by whomever and by this peer: milliseconds of its clock. */
  private toldAt = -Infinity
  private saidAt = -Infinity

  constructor(
    private readonly context: Context,
    private readonly place: RoundPlace,
    private readonly gathering: Gathering,
    private readonly signed: Signed,
    private readonly waiting: Waiting,
    private readonly changed: () => void,
  ) {}

  get closed(): Closed | undefined { return this.result }

  stop(): void { this.isStopped = true }

  /** Signs the list of what has been seen up to now; what was signed before a restart stands. */
  list(manifests: readonly ContentId[]): void {
    this.listing = manifests
    const { context, place, signed } = this
    if (!place.voters.includes(context.self)) return
    const envelope = signed.listOf(place.instance) ?? sealMessage(context.identity, 'list', context.network, {
      cluster: place.cluster, round: place.round, instance: place.instance, manifests: [...manifests].sort(),
    })
    attempt(context, 'the list of manifests could not be sent', async () => {
      this.isListLost = false
      try {
        await signed.keepList(place.round, place.instance, envelope)
      } catch (error) {
        this.isListLost = true
        throw error
      }
      if (this.isStopped) return
      this.lists.set(context.self, openList(envelope, place, context.verify))
      send(context, place.cluster, frame('list', envelope))
      this.changed()
    })
  }

  /** @throws RoundsError EVIDENCE_REFUSED, MESSAGE_REFUSED */
  receiveList(envelope: Uint8Array): void {
    const list = openList(envelope, this.place, this.context.verify)
    if (this.lists.has(list.peer)) return
    this.lists.set(list.peer, list)
    this.changed()
  }

  /** @throws RoundsError EVIDENCE_REFUSED, MESSAGE_REFUSED */
  receiveClosing(closing: Opened<'closing'>): void {
    const { place, gathering, context } = this
    const { peer, payload } = closing
    if (payload.instance !== place.instance || !place.voters.includes(peer)) return
    if (this.result !== undefined) {
      this.toldAt = context.clock.now()
      return
    }
    const closed = closeWith(payload.lists.map((list) => openList(list, place, context.verify)), place.voters)
    if (closed === undefined) throw new RoundsError('EVIDENCE_REFUSED', `the closing of ${peer} for round ${place.round} holds ${payload.lists.length} lists, which is no quorum`)
    for (const envelope of payload.manifests) {
      const manifest = openMessage(envelope, 'manifest', context)
      if (closed.manifests.has(manifest.id)) gathering.adopt(manifest)
    }
    this.toldAt = context.clock.now()
    this.early = closing
    if (gathering.take(closed.manifests).length === closed.manifests.size) this.close(closed, closing.envelope)
  }

  /** The first live voter in rank closes the set; the others only if it does not. */
  tryToClose(live: readonly PeerId[], isOver: boolean): void {
    const { context, place } = this
    const isComplete = live.every((voter) => this.lists.has(voter))
    if (this.result !== undefined || !live.includes(context.self) || !(isComplete || isOver) || this.lists.size < quorumOf(place.voters.length)) return
    if (!this.isMyTurn(live.indexOf(context.self))) return
    const closed = closeWith([...this.lists.values()], place.voters)!
    const manifests = this.gathering.take(closed.manifests)
    if (manifests.length < closed.manifests.size) return
    const lists = closed.lists.map(({ envelope }) => envelope)
    let room = lists.reduce((left, list) => left - list.length, CLOSING_BYTES)
    const carried = manifests.map(({ envelope }) => envelope).filter((envelope) => (room -= envelope.length) > 0)
    const envelope = sealMessage(context.identity, 'closing', context.network, { cluster: place.cluster, round: place.round, instance: place.instance, lists, manifests: carried })
    this.tell(envelope)
    this.close(closed, envelope)
  }

  /**
   * Says again what others may not have heard, and looks again at what could not be used. A closing is the largest of all messages: one voter says it again
   * each heartbeat, and each one now and then, since a hostile one might say it to some only.
   *
   * @param isLacked - whether a member seems not to have the closing yet
   */
  repeat(isLacked: boolean): void {
    const { context, place, early } = this
    if (this.envelope !== undefined) {
      const now = context.clock.now()
      const { heartbeatMs } = context.policy
      if (isLacked && (now - this.toldAt >= heartbeatMs || now - this.saidAt >= SILENT_HEARTBEATS * heartbeatMs)) this.tell(this.envelope)
      return
    }
    const own = this.lists.get(context.self)
    if (own !== undefined) send(context, place.cluster, frame('list', own.envelope))
    else if (this.isListLost) this.list(this.listing)
    if (early !== undefined) attempt(context, 'a closing could not be used', () => this.receiveClosing(early))
  }

  private tell(envelope: Uint8Array): void {
    this.saidAt = this.toldAt = this.context.clock.now()
    send(this.context, this.place.cluster, frame('closing', envelope))
  }

  private close(closed: Closed, envelope: Uint8Array): void {
    this.result = closed
    this.envelope = envelope
    this.changed()
  }

  private isMyTurn(position: number): boolean {
    if (position > 0 && this.turn === 'unasked') {
      this.turn = 'waiting'
      attempt(this.context, 'a wait failed', async () => {
        await this.waiting.pause(position * this.context.policy.deadlines.propose)
        this.turn = 'come'
        if (!this.isStopped) this.changed()
      })
    }
    return position === 0 || this.turn === 'come'
  }
}
