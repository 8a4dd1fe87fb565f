import { goes, quorumOf } from '../hierarchy/index.js'
import type { Member } from '../hierarchy/index.js'
import type { ContentId, PeerId } from '../network/index.js'

import { givesWay } from './cluster/catch-up.js'
import type { FullFork } from './cluster/catch-up.js'
import { committedEvent, contributionsOf, missedBy } from './cluster/commit-news.js'
import { DeltaArchive } from './cluster/delta-archive.js'
import { JoinDesk } from './cluster/join-desk.js'
import { Presence } from './cluster/presence.js'
import { ClusterRound } from './cluster/round.js'
import type { Voting } from './cluster/voting.js'
import { attempt, clusterTopic, say, trouble } from './context.js'
import type { Context } from './context.js'
import type { Contribution, WhyMoved } from './events.js'
import { weighOwn } from './learning/own.js'
import { LATE_ROUNDS } from './limits.js'
import { topMadeBy } from './records/first-top.js'
import type { Tip } from './messages/fields.js'
import { frame, sealMessage } from './messages/wire.js'
import type { Opened } from './messages/wire.js'
import { originOf, placeOf } from './moving.js'
import type { NewPlace } from './moving.js'
import { changeChain, openParts } from './opening.js'
import type { OpeningPorts, Parts } from './opening.js'
import type { Cheat, ClusterHeader, ClusterRecord, Commit, Stored, StoredRecord } from './records/cluster-record.js'
import type { ComputedRecord } from './records/compute-record.js'
import { trainingAfter } from './records/roll-call.js'
import { isBorn, storedTwinOf, twinOf } from './records/split.js'
import type { RecordState } from './records/state.js'
import { Routing } from './routing.js'
import { statusOf } from './status.js'
import type { PeerStatus, Traffic } from './status.js'

/** What `createPeer` hands out: keeps one round after the other going, and changes the chain in one place. */
export class RunningPeer {
  private opened: Parts | undefined
  private round: ClusterRound | undefined
  /** The agreement of the round before: its late precommits still show who was there. */
  private before: Voting | undefined
  private head: PeerId | undefined
  private beats = 0
  private work: Promise<void> = Promise.resolve()
  private cancelBeat = (): void => undefined
  /** Set while a record that was agreed on could not be written. */
  private keepAgain: (() => void) | undefined
  /** The last record of the cluster that this peer's half has left, for those there who have not got it yet. */
  private parted: { readonly cluster: string, readonly tip: Tip } | undefined
  /** The training under way, and since when: milliseconds of this peer's clock. */
  private training: { readonly number: number, readonly since: number } | undefined
  private told: { readonly id: ContentId, readonly contributions: readonly Contribution[] } | undefined
  private isMoving = false
  private readonly routing: Routing
  private readonly joins: JoinDesk
  private readonly presence: Presence
  private readonly deltas: DeltaArchive

  constructor(private readonly context: Context, private readonly first: Float32Array) {
    this.presence = new Presence(context, () => this.parts)
    this.deltas = new DeltaArchive(context)
    this.joins = new JoinDesk(context, () => this.parts.chain)
    this.routing = new Routing(context, {
      round: () => this.round,
      parts: () => this.opened,
      hear: (heartbeat) => this.hear(heartbeat),
      hearJoin: (join) => {
        if (this.joins.hear(join)) this.round?.gathering.addJoin(join)
      },
      hearFarewell: (leave) => this.hearFarewell(leave),
      hearLateVotes: (votes) => this.hearLateVotes(votes),
    })
  }

  async start(): Promise<void> {
    const { context } = this
    await context.place.restore(context.store, context.network, context.clusters)
    const parts = await openParts(context, this.first, this.ports)
    this.opened = parts
    this.head = parts.chain.head
    if (context.signal.aborted) return
    const { id, domain } = context.cluster
    context.events.emit('cluster:formed', { cluster: id, domain, members: parts.chain.tip.record.members.map(({ peer }) => peer) })
    parts.inbox.listen(id)
    parts.levels.start()
    this.beginRound()
    this.beat()
    attempt(context, 'old records could not be found', () => parts.chain.findOld())
  }

  private get ports(): OpeningPorts {
    return {
      handlers: this.routing.handlers,
      announce: (manifest) => {
        this.round?.announce(manifest)
        // A slow training may have ended in a later round: that one's can begin now.
        this.round?.train()
      },
      switchTo: (fork, state) => this.switchTo(fork, state),
      isJoining: () => this.round?.phase === 'joining',
      strayed: (cluster) => this.stray(cluster),
      reputationOf: (peer) => this.opened?.chain.tip.record.members.find((member) => member.peer === peer)?.reputation,
    }
  }

  /**
   * Tells the cluster that this peer leaves for good, and signs nothing for it from then on until it is let in anew; resolves once it has been said. The
   * promise is on disk before it is said, so that a crash and a restart cannot break it.
   */
  async leave(): Promise<void> {
    const { opened, round, context } = this
    if (opened === undefined || round === undefined || !round.gathering.isMember(context.self)) return
    const { signed, chain, liveness } = opened
    // The last one keeps its vote: if it promised not to use it, nobody could ever go on from here.
    if (!liveness.live(round.voters, context.clock.now()).some((peer) => peer !== context.self && !round.gathering.leaves.has(peer))) return
    // The later round where it has signed for this one already. Records take no farewell that is many rounds old.
    await signed.leave(Math.max(signed.firstUnsigned, chain.full.round + 1, round.round - LATE_ROUNDS))
    await this.sayFarewell()
  }

  /** Whether the others may not have heard yet that this peer, started anew, has left: it stands on the roster from before. */
  private isLeaving(): boolean {
    const { signed: { left }, chain: { tip } } = this.parts
    return left !== undefined && tip.record.members.some(({ peer, since }) => peer === this.context.self && since <= left)
  }

  private async sayFarewell(): Promise<void> {
    const { context, parts: { signed } } = this
    const { id } = context.cluster
    if (signed.left === undefined) return
    const envelope = sealMessage(context.identity, 'leave', context.network, { cluster: id, round: signed.left, sequence: this.sequence })
    await context.transport.publish(clusterTopic(context.network, id), frame('leave', envelope))
  }

  async stop(): Promise<void> {
    this.cancelBeat()
    this.presence.stop()
    this.round?.stop()
    this.opened?.levels.stop()
    this.opened?.inbox.stop()
    await this.work
    await this.opened?.trainer.saved()
  }

  adapter(): Float32Array {
    return this.opened?.chain.state.adapter.values ?? this.first
  }

  /** @throws Error before the peer has been started */
  status(traffic: Traffic): PeerStatus {
    const { tip } = this.parts.chain
    // The record's envelopes are opened for it, so it is read once. A roll call says nothing of deltas.
    if (this.told === undefined || (this.told.id !== tip.id && tip.record.rollCall === 0)) this.told = { id: tip.id, contributions: contributionsOf(tip.record, this.context.verify) }
    return statusOf(this.context, this.parts, this.round!, this.told.contributions, traffic)
  }

  /** Of the next heartbeat: newer than all before it, also those before a restart. */
  private get sequence(): number { return this.parts.boot * 2 ** 32 + this.beats }

  private get parts(): Parts {
    if (this.opened === undefined) throw new Error('the peer has not been started: await start() first')
    return this.opened
  }

  private beginRound(): void {
    const { parts } = this
    const { levels, reunion, checkpoints, chain } = parts
    // Where there is no level above, the cluster is the top.
    if (levels.next === undefined && chain.full.record === chain.tip.id) attempt(this.context, 'a checkpoint could not be noted', () => checkpoints.note(chain.tip))
    attempt(this.context, 'a checkpoint could not be offered', () => checkpoints.offer())
    const charges = this.openCharges()
    // Those that no record has carried yet; the new round drops those whom one has.
    const farewells = [...this.round?.gathering.leaves.values() ?? []]
    this.round?.stop()
    this.context.inForce.follow(parts.chain.tip.record.policy)
    const round = new ClusterRound(this.context, { ...parts, charges, farewells, trainedForMs: this.trainedForMs(), surrendered: () => reunion.open }, {
      above: () => levels.next?.news(),
      findAbove: async (record, holders) => levels.next?.find(record, holders),
      activeSeats: (record) => levels.next?.activeSeats(record),
      nextPolicy: () => this.nextPolicy(),
      mayBeAdded: (join) => this.joins.mayBeAdded(join),
      askingSince: (peer) => this.joins.askingSince(peer),
      checkReunion: (manifest) => reunion.check(manifest),
      cheated: (cheat) => this.charge(cheat),
      committed: (computed, commit) => this.keep(round, computed, commit),
    })
    this.round = round
    round.start()
    this.routing.catchUp(round)
  }

  private trainedForMs(): number {
    const number = trainingAfter(this.parts.chain.tip.record)
    const now = this.context.clock.now()
    if (this.training?.number !== number) this.training = { number, since: now }
    return now - this.training.since
  }

  /** The newest policy, once enough voters have it to agree on what follows from it. */
  private nextPolicy(): number {
    const { self, policies, clock } = this.context
    const { version } = policies.newest()
    const { chain, liveness } = this.parts
    const voters = this.round?.voters ?? []
    // Of those who are gone it is not known whether they will have it when they come back.
    const ready = liveness.live(voters, clock.now()).filter((peer) => peer === self || (liveness.lastOf(peer)?.policy.version ?? 0) >= version)
    return ready.length >= quorumOf(voters.length) ? Math.max(version, chain.tip.record.policy) : chain.tip.record.policy
  }

  /** Proofs of cheating that came too late for the last record. */
  private openCharges(): Cheat[] {
    const { record } = this.parts.chain.tip
    const carried = new Set(record.cheats.map(({ first }) => first.voter))
    return [...this.round?.gathering.cheats.values() ?? []].filter(({ first, round }) => !carried.has(first.voter) && round + LATE_ROUNDS > record.round)
  }

  /** For the next record, whichever round the cheat was in. */
  private charge(cheat: Cheat): void {
    if (this.round?.gathering.addCheat(cheat) === true) this.context.events.emit('peer:cheated', { peer: cheat.first.voter, round: cheat.round })
  }

  /** Takes over a record that was agreed on; where the disk is full, again at each heartbeat until there is room. */
  private keep(round: ClusterRound, computed: ComputedRecord, commit: Commit): void {
    this.keepAgain = undefined
    this.inOrder('a record could not be kept', async () => {
      try {
        await this.commit(round, computed, commit)
      } catch (error) {
        this.keepAgain = () => this.keep(round, computed, commit)
        throw error
      }
    })
  }

  private async commit(round: ClusterRound, computed: ComputedRecord, commit: Commit): Promise<void> {
    const { context } = this
    const { chain, trainer, reunion, levels, follower } = this.parts
    const { settled } = computed
    const stored = ownHalf(computed.stored, context.self)
    if (round !== this.round || stored.record.parent !== chain.tip.id) return
    const before = chain.state
    const taken = chain.tip.record.upper.round
    const makesTop = topMadeBy(chain.tip.record, computed.stored) !== undefined
    round.stop()
    await chain.append(stored, commit, computed.state)
    if (makesTop) await levels.addTop(computed.stored, computed.state)
    if (computed.stored.record.split !== undefined) await this.part(computed.stored)
    if (context.signal.aborted) return
    this.before = round.voting
    follower.moved()
    const own = settled.entries.filter(({ opened }) => opened.peer === context.self && opened.payload.reunion === null)
    trainer.settle(own.map(({ opened, outcome }) => ({ content: opened.payload.content, outcome })), stored.record.trainings, settled.medianSquaredNorm)
    reunion.settle(stored.record)
    await this.archive(round).catch((error: unknown) => trouble(context, 'old deltas could not be erased', error))
    this.tell(stored, commit)
    if (stored.record.upper.round > taken) context.events.emit('upper:applied', { round: stored.record.round, upper: stored.record.upper.round })
    if (stored.record.offer?.round === stored.record.round) context.events.emit('upper:offered', { cluster: context.cluster.id, round: stored.record.round, content: stored.record.offer.content })
    const counted = settled.entries.filter(({ outcome }) => outcome === 'counted' || outcome === 'late')
      .map(({ opened: { peer, payload: { content } } }) => ({ peer, content, bytes: round.work.bytes.get(content)! }))
    attempt(context, 'the own aggregate failed', async () => {
      const aggregated = await weighOwn(context, before, counted)
      if (aggregated !== undefined) context.events.emit('own:aggregated', { round: stored.record.round, ...aggregated })
    })
    this.beginRound()
    levels.report()
  }

  /** The cluster has split: goes on in this peer's half. */
  private async part(decided: StoredRecord): Promise<void> {
    const { chain: { tip, announcement }, library, levels } = this.parts
    this.tellSplit(decided)
    if (tip.id === decided.id) return
    // Who has not got the record yet may ask this half, too.
    await library.keepRecord(decided)
    this.parted = { cluster: decided.record.cluster, tip: { ...announcement, record: decided.id } }
    this.moveTo(tip.record.cluster)
    levels.seat()
  }

  /** From now on this peer hears another cluster, whose chain is the same up to a split. */
  private moveTo(cluster: string): void {
    const { context } = this
    const from = context.cluster.id
    if (cluster === from) return
    context.place.goOnIn(cluster)
    this.hearCluster(from, cluster, 'split')
  }

  private hearCluster(from: string, cluster: string, why: 'split' | WhyMoved): void {
    const { context } = this
    this.parts.inbox.listen(cluster)
    if (from !== cluster) this.parts.inbox.ignore(from)
    context.events.emit('cluster:moved', { from, to: cluster, why })
    const { record } = this.parts.chain.tip
    if (record.cluster === cluster) context.events.emit('cluster:formed', { cluster, domain: record.domain, members: record.members.map(({ peer }) => peer) })
  }

  /** This peer was away while its cluster split, or has just come: its place is elsewhere. What it lacks comes with the heartbeats there. */
  private stray(cluster: string): void {
    this.inOrder('another cluster could not be joined', () => {
      this.moveTo(cluster)
      this.beginRound()
      return Promise.resolve()
    })
  }

  /** Whether this peer's cluster can do nothing more that the level above would list, so that its members go where others are. */
  private considerMoving(): void {
    if (this.isMoving) return
    const { context, parts } = this
    const place = placeOf(context, parts)
    if (place === undefined) return
    const { id: cluster } = context.cluster
    this.isMoving = true
    this.inOrder('another cluster could not be gone to', async () => {
      try {
        await this.giveUp(cluster, place)
      } finally {
        this.isMoving = false
      }
    })
  }

  /** Goes on in another cluster's chain. What this peer has trained and no record has settled is lost; what it has learnt to train with stays. */
  private async giveUp(cluster: string, { seat, why }: NewPlace): Promise<void> {
    const { context, parts } = this
    const origin = await originOf(seat, context, parts)
    if (context.cluster.id !== cluster || context.signal.aborted) return
    this.round?.stop()
    const stay = context.place.moveTo({ ...origin, cluster: seat.seat, hasSigned: parts.signed.firstUnsigned > 1 })
    let changed: Parts
    try {
      changed = await changeChain(parts, context, this.first, seat.round, this.ports)
      // From here on this peer is there, also after a restart.
      await context.place.keep(context.store, context.network)
    } catch (error) {
      stay()
      this.beginRound()
      throw error
    }
    this.opened = changed
    this.before = undefined
    this.keepAgain = undefined
    this.parted = undefined
    this.told = undefined
    this.head = changed.chain.head
    parts.trainer.changeChain()
    parts.levels.standOn(changed)
    this.hearCluster(cluster, seat.seat, why)
    this.beginRound()
  }

  private tellSplit({ record: { round, cluster, members, split } }: Stored<ClusterHeader>): void {
    const peers = (half: readonly Member[]): PeerId[] => half.map(({ peer }) => peer)
    this.context.events.emit('cluster:split', { round, cluster, born: split!.cluster, own: this.parts.chain.tip.record.cluster, stay: peers(members), go: peers(split!.members) })
  }

  /** Goes on from a chain that is ahead of ours, or has precedence. */
  private switchTo(fork: FullFork, state: RecordState): void {
    const { chain, trainer, reunion, levels, follower } = this.parts
    const { context } = this
    this.inOrder('another chain could not be taken over', async () => {
      // Meanwhile our own rounds may have ended: a peer that is alone may make records faster than it pulls those of others, and must come back all the same.
      const isOwn = chain.ownership()
      const ours = { records: await chain.after(fork.common), commit: chain.commit }
      // Where they are on a part of the other chain, what is left of it is to be judged anew: heartbeats will tell of it again.
      const { theirs } = fork
      if (!isOwn(fork.common.id) || isOwn(theirs.standing.first!) || !givesWay({ ...fork, ours })) return
      const { last, commit } = theirs
      const { id: from, record: { cluster } } = chain.tip
      this.round?.stop()
      try {
        await chain.moveTo(theirs, commit!, state)
      } catch (error) {
        // Goes on where it was; heartbeats will tell of the other chain again.
        this.beginRound()
        throw error
      }
      this.before = undefined
      follower.moved()
      for (const one of theirs.splits) this.tellSplit(isBorn(one.record) ? twinOf(one) : one)
      this.moveTo(last.record.cluster)
      if (last.record.cluster !== cluster) levels.seat()
      for (const { record } of theirs.settling) trainer.settle(contributionsOf(record, context.verify).filter(({ peer }) => peer === context.self), record.trainings, undefined)
      if (ours.records.length > 0) {
        trainer.forgetOpen()
        await reunion.surrenderTo({ ...fork, ours })
      }
      context.events.emit('chain:switched', { from, to: last.id, round: last.record.round, records: theirs.older.length + theirs.records.length })
      this.tell(last, commit!)
      this.beginRound()
      levels.report()
    })
  }

  /** Tells listeners and the transport what a record says. */
  private tell(stored: Stored<ClusterRecord>, commit: Commit): void {
    const { events, transport, self } = this.context
    const { record } = stored
    const event = committedEvent(stored, commit, this.context.verify)
    for (const peer of missedBy(stored, commit)) events.emit('peer:missed', { peer, round: record.round, term: commit.term })
    events.emit('record:committed', event)
    if (event.head !== this.head) events.emit('head:changed', { cluster: record.cluster, round: record.round, head: event.head, before: this.head })
    this.head = event.head
    this.parts.inbox.forgive()
    for (const { peer, reputation } of record.members) if (peer !== self) transport.rate(peer, reputation)
  }

  private archive(round: ClusterRound): Promise<void> {
    const { library, chain, trainer } = this.parts
    return this.deltas.take(round.work.bytes.keys(), library, {
      isFull: chain.full.record === chain.tip.id,
      isOpen: (content) => trainer.bytesOf(content) !== undefined,
    })
  }

  private beat(): void {
    const { context } = this
    const { chain, levels, reunion } = this.parts
    this.cancelBeat = context.clock.after(context.policy.heartbeatMs, () => this.beat())
    this.sayHeartbeat(context.cluster.id, chain.announcement)
    this.tellParted()
    this.beats++
    this.presence.look()
    if (this.beats === 1) return
    this.keepAgain?.()
    if (this.isLeaving()) attempt(context, 'a farewell could not be said again', () => this.sayFarewell())
    this.round!.tick()
    levels.tick()
    this.considerMoving()
    reunion.repeat()
    // Who has not got the last record yet hears the votes for it again.
    if (this.round!.phase !== 'agree' && this.presence.isAnybodyBehind()) this.before?.repeat()
  }

  /** For some rounds after a split, those who have not heard of it wait where the cluster was. */
  private tellParted(): void {
    if (this.parted === undefined) return
    const { cluster, tip } = this.parted
    if (this.parts.chain.tip.record.round > tip.round + LATE_ROUNDS) this.parted = undefined
    else this.sayHeartbeat(cluster, tip)
  }

  private sayHeartbeat(cluster: string, tip: Tip): void {
    const { levels, policyNews } = this.parts
    say(this.context, cluster, 'heartbeat', { cluster, sequence: this.sequence, phase: this.round!.phase, tip, upper: levels.next?.chain.announcement ?? null, policy: policyNews.announcement })
  }

  private hear({ peer, payload }: Opened<'heartbeat'>): void {
    const { liveness, levels, follower, policyNews } = this.parts
    if (payload.cluster !== this.context.cluster.id || !liveness.hear(peer, payload, this.context.clock.now())) return
    policyNews.hear(payload.policy, peer)
    follower.hear(payload.tip, peer)
    if (payload.upper !== null) levels.next?.hearOf(payload.upper, peer)
  }

  private hearFarewell(leave: Opened<'leave'>): void {
    const { peer, payload: { cluster, round, sequence } } = leave
    if (cluster !== this.context.cluster.id || this.round?.gathering.addLeave(leave) !== true) return
    this.parts.liveness.leave(peer, sequence)
    this.context.events.emit('peer:left', { peer, round })
  }

  private hearLateVotes(votes: Parameters<Voting['receiveVotes']>[0]): void {
    const { before } = this
    const { chain } = this.parts
    before?.receiveVotes(votes)
    const commit = before?.commit
    if (commit === undefined || commit.precommits.length <= (chain.commit?.precommits.length ?? 0)) return
    this.inOrder('a grown commit could not be kept', async () => {
      if (this.before === before && await chain.improve(commit) && this.round?.isOutdated() === true) this.beginRound()
    })
  }

  /** One change of the chain after the other. */
  private inOrder(what: string, act: () => Promise<void>): void {
    const done = this.work.then(act)
    this.work = done.catch(() => undefined)
    attempt(this.context, what, () => done)
  }
}

/** What a record is in this peer's chain: where it splits the cluster, the one for this peer's half. */
function ownHalf(stored: StoredRecord, self: PeerId): StoredRecord {
  const { split, lineage } = stored.record
  return split !== undefined && lineage !== undefined && goes(self, lineage.splits.at(-1)!) ? storedTwinOf(stored) : stored
}
