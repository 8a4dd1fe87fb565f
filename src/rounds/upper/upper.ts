import { rank, ROOT } from '../../hierarchy/index.js'
import { encodeCanonical } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Chain } from '../cluster/chain.js'
import type { Library } from '../cluster/library.js'
import type { Liveness } from '../cluster/liveness.js'
import { Signed } from '../cluster/signed.js'
import { attempt, say } from '../context.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Tip } from '../messages/fields.js'
import type { CarriedPayload, Opened } from '../messages/wire.js'
import type { FromAbove } from '../records/state.js'

import { checkOffer, computeUpper } from './compute-upper.js'
import type { CheckedOffer, ComputedUpper } from './compute-upper.js'
import { Offers } from './offers.js'
import { SeatVoting } from './seat-voting.js'
import type { UpperChain } from './upper-chain.js'
import { checkUpperCommit, decodeUpperRecord } from './upper-record.js'
import type { UpperCommit } from './upper-record.js'

/**
 * The level above, as a member of one of its seats takes part in it: clusters offer their changes, the seats agree on a record of them, and its result
 * comes down with the cluster's next record. It runs beside the cluster's own rounds, and these never wait for it.
 */
export class Upper {
  private readonly signed: Signed
  private readonly offers: Offers
  private readonly computed = new Map<ContentId, ComputedUpper>()
  private voting: SeatVoting
  private waitingSince: number | undefined
  private isFollowing = false
  private heard = { record: '', times: 0 }

  private constructor(
    private readonly context: Context,
    private readonly library: Library,
    private readonly cluster: Chain,
    private readonly liveness: Liveness,
    readonly chain: UpperChain,
    signed: Signed,
  ) {
    this.signed = signed
    this.offers = new Offers(context, library, cluster)
    this.voting = this.newVoting()
  }

  static async open(context: Context, library: Library, cluster: Chain, liveness: Liveness, chain: UpperChain): Promise<Upper> {
    const signed = new Signed(context.store, 'signed-upper')
    await signed.load()
    return new Upper(context, library, cluster, liveness, chain, signed)
  }

  get announcement(): Tip { return this.chain.announcement }
  get term(): number { return this.voting.term }

  stop(): void { this.voting.stop() }

  /** Called every heartbeat, and when the cluster has a new record. */
  tick(): void {
    attempt(this.context, 'the offer to the level above failed', async () => {
      if (this.turn() <= 1) {
        await this.offers.announce(ROOT, this.chain.tip)
        if (this.announcement.round > 0) say(this.context, ROOT, 'summit', { cluster: this.context.cluster.id, tip: this.announcement })
      }
      this.tryToStart()
    })
    this.voting.repeat()
  }

  receiveOffer(offer: Opened<'offer'>): void {
    attempt(this.context, 'an offer to the level above could not be had', async () => {
      if (await this.offers.receive(offer)) this.tryToStart()
    })
  }

  receiveProposal(proposal: Opened<'proposal'>): void { this.voting.receiveProposal(proposal) }

  receiveShares({ instance, shares }: CarriedPayload<'shares'>): void {
    if (instance === this.voting.instance) this.voting.receiveShares(shares)
  }

  receiveCertificates({ instance, certificates }: CarriedPayload<'certificates'>): void {
    if (instance === this.voting.instance) this.voting.receiveCertificates(certificates)
  }

  /** Another peer tells how far the level above is. Its agreement may be ending here too: then nothing needs to be pulled. */
  hearOf(tip: Tip, peer: PeerId): void {
    const ahead = tip.round - this.chain.tip.record.round
    if (ahead <= 0) return
    this.heard = this.heard.record === tip.record ? { record: tip.record, times: this.heard.times + 1 } : { record: tip.record, times: 1 }
    if (ahead > 1 || this.heard.times > 3) attempt(this.context, 'a root record could not be had', () => this.follow(tip, [peer]))
  }

  private async follow(tip: Tip, holders: readonly PeerId[]): Promise<void> {
    if (this.isFollowing || tip.round <= this.chain.tip.record.round) return
    this.isFollowing = true
    try {
      if (await this.chain.follow(tip, holders)) this.next(0)
    } finally {
      this.isFollowing = false
    }
  }

  /** The newest record above, where it is newer than what the cluster's last record has taken over. */
  above(): FromAbove | undefined {
    return this.chain.aboveOf(this.chain.tip.id, this.cluster)
  }

  async find(record: ContentId, holders: readonly PeerId[]): Promise<FromAbove | undefined> {
    if (this.chain.get(record) === undefined) {
      for (const holder of holders) {
        const tip = this.liveness.lastOf(holder)?.upper
        if (tip !== undefined && tip !== null) await this.follow(tip, [holder])
        if (this.chain.get(record) !== undefined) break
      }
    }
    return this.chain.aboveOf(record, this.cluster)
  }

  private newVoting(): SeatVoting {
    const parent = this.chain.tip
    return new SeatVoting(this.context, this.signed, parent, {
      turn: () => this.turn(),
      roster: () => this.provisionalRoster(),
      build: () => this.build(),
      check: (record, holders) => this.untilChecked(parent.id, record, holders),
      decided: (record, commit) => attempt(this.context, 'a decided root record could not be taken over', async () => {
        try {
          await this.finish(record, commit)
        } catch (error) {
          // Meanwhile it may have come by another way.
          if (this.chain.tip.id === parent.id) throw error
        }
      }),
    })
  }

  /** The seats agree once all have offered, or some time after the first one has. */
  private tryToStart(): void {
    if (this.voting.isRunning) return
    const parent = this.chain.tip
    const offers = this.offers.admissible(parent)
    if (offers.length === 0) return
    const { clock, policy } = this.context
    this.waitingSince ??= clock.now()
    if (offers.length < parent.record.seats.length && clock.now() - this.waitingSince < policy.deadlines.train) return
    this.voting.start()
  }

  private async build(): Promise<{ readonly id: ContentId, readonly size: number } | undefined> {
    const offers = this.offers.admissible(this.chain.tip)
    if (offers.length === 0) return undefined
    const { stored } = await this.remember(this.compute(offers, this.chain.commit), offers)
    return { id: stored.id, size: stored.bytes.length }
  }

  private async untilChecked(parent: ContentId, record: ContentId, holders: () => readonly PeerId[]): Promise<boolean> {
    const { context } = this
    for (;;) {
      try {
        await this.verify(record, holders())
        return true
      } catch (error) {
        if (context.signal.aborted || this.chain.tip.id !== parent) return false
        if (error instanceof RoundsError) {
          context.events.emit('message:refused', { from: holders()[0] ?? context.self, kind: 'root record', reason: error.message })
          return false
        }
        await new Promise<void>((resolve) => { context.clock.after(context.policy.heartbeatMs / 4, resolve) })
      }
    }
  }

  /** Recomputes a record of seats from the offers that it lists. */
  private async verify(id: ContentId, holders: readonly PeerId[]): Promise<ComputedUpper> {
    const known = this.computed.get(id)
    if (known !== undefined) return known
    const { record } = decodeUpperRecord(await this.library.get(id, holders))
    const parent = this.chain.tip
    const grandparent = parent.record.parent === null ? undefined : this.chain.get(parent.record.parent)
    if (record.parent !== parent.id || (record.carried === null) !== (this.chain.commit === null)) throw new RoundsError('EVIDENCE_REFUSED', `the root record ${id.slice(0, 12)} follows another one than ${parent.id.slice(0, 12)}`)
    if (record.carried !== null && grandparent !== undefined) checkUpperCommit(grandparent, parent, record.carried, this.context.verify)
    const offers: CheckedOffer[] = []
    for (const { seat, record: offering, commit } of record.entries) {
      const offer = await this.offers.fetch(seat, offering, commit, holders)
      if (offer === undefined) throw new RoundsError('EVIDENCE_REFUSED', `the record ${offering.slice(0, 12)} of ${seat} makes no offer`)
      checkOffer(parent, offer, this.context.length, this.context.verify)
      offers.push(offer)
    }
    if (new Set(record.entries.map(({ seat }) => seat)).size < offers.length || offers.length === 0) throw new RoundsError('EVIDENCE_REFUSED', 'a root record lists each seat once, and at least one')
    const computed = this.compute(offers, record.carried)
    if (computed.stored.id !== id) throw new RoundsError('RECORD_NOT_RECOMPUTED', `the root record ${id.slice(0, 12)} of round ${record.round} is not what follows from its offers`)
    return this.remember(computed, offers)
  }

  private compute(offers: readonly CheckedOffer[], carried: UpperCommit | null): ComputedUpper {
    return computeUpper({ policy: this.context.policy, parent: this.chain.tip, state: this.chain.state, carried, offers })
  }

  /** Keeps a record and the offers that it follows from on disk, before this member is bound to it. */
  private async remember(computed: ComputedUpper, offers: readonly CheckedOffer[]): Promise<ComputedUpper> {
    const { store } = this.context
    this.library.offer(computed.stored.bytes)
    for (const bytes of [computed.stored.bytes, ...offers.flatMap(({ stored, commit, content, velocity }) => [stored.bytes, encodeCanonical(commit), content, velocity])]) {
      await store.putBlob(bytes)
    }
    this.computed.set(computed.stored.id, computed)
    return computed
  }

  private async finish(record: ContentId, commit: UpperCommit): Promise<void> {
    const holders = commit.seats.flatMap(({ signatures }) => signatures.map(({ peer }) => peer)).filter((peer) => peer !== this.context.self)
    const { stored, state } = await this.verify(record, holders)
    if (stored.record.parent !== this.chain.tip.id) return
    await this.chain.append(stored, commit, state)
    this.next(commit.term)
  }

  private next(term: number): void {
    const { tip } = this.chain
    this.voting.stop()
    this.computed.clear()
    this.waitingSince = undefined
    attempt(this.context, 'settled offers could not be erased', () => this.offers.settle(tip))
    this.voting = this.newVoting()
    const weights = Object.fromEntries(tip.record.entries.map(({ seat, weight }) => [seat, weight / 65_536]))
    this.context.events.emit('upper:committed', { round: tip.record.round, record: tip.id, term, weights })
    this.tryToStart()
  }

  /** Those who go on, while this cluster's last record is provisional. */
  private provisionalRoster(): readonly PeerId[] | null {
    return this.cluster.full.record === this.cluster.tip.id ? null : this.cluster.tip.record.voters
  }

  /** 0 for the head of this cluster, then the other live members in rank. */
  private turn(): number {
    const { record } = this.cluster.tip
    const { head } = this.cluster
    const ranked = rank(record.members, record.cluster)
    const order = this.liveness.live([...head === undefined ? [] : [head], ...ranked.filter((peer) => peer !== head)], this.context.clock.now())
    const turn = order.indexOf(this.context.self)
    return turn < 0 ? order.length : turn
  }
}
