import { ones, rootCluster, treeView } from '../hierarchy/index.js'
import type { ClusterNews } from '../hierarchy/index.js'
import type { ContentId, PeerId } from '../network/index.js'

import { ForkReader, givesWay } from './cluster/catch-up.js'
import type { Fork } from './cluster/catch-up.js'
import { Chain } from './cluster/chain.js'
import { committedEvent, contributionsOf, missedBy } from './cluster/commit-news.js'
import { Follower } from './cluster/follower.js'
import { Library } from './cluster/library.js'
import { Liveness } from './cluster/liveness.js'
import { Reunion } from './cluster/reunion.js'
import { ClusterRound } from './cluster/round.js'
import { Signed } from './cluster/signed.js'
import type { Voting } from './cluster/voting.js'
import { attempt, say } from './context.js'
import type { Context } from './context.js'
import { Inbox } from './inbox.js'
import type { Contribution } from './events.js'
import type { Handlers } from './inbox.js'
import { weighOwn } from './learning/own.js'
import { LATE_ROUNDS } from './limits.js'
import { Trainer } from './learning/trainer.js'
import type { Opened } from './messages/wire.js'
import type { ClusterRecord, Commit, Stored } from './records/cluster-record.js'
import type { ComputedRecord } from './records/compute-record.js'
import { foundingRecord } from './records/founding.js'
import { foundingState } from './records/state.js'
import type { ClusterState } from './records/state.js'
import type { PeerStatus } from './status.js'
import { Upper } from './upper/upper.js'
import { UpperChain } from './upper/upper-chain.js'
import { foundingUpperRecord } from './upper/upper-record.js'

/** Messages of the next round that are kept until this peer gets there. */
const EARLY_AT_MOST = 1024

/** The parts of a peer that exist once its state has been read from disk. */
interface Running {
  readonly library: Library
  readonly chain: Chain
  readonly liveness: Liveness
  readonly trainer: Trainer
  readonly signed: Signed
  readonly reunion: Reunion
  readonly follower: Follower
  readonly upper: Upper | undefined
  readonly upperChain: UpperChain
  readonly inbox: Inbox
}

/** What `createPeer` hands out: brings the parts of a peer together and keeps one round after the other going. */
export class RunningPeer {
  private running: Running | undefined
  private round: ClusterRound | undefined
  /** The agreement of the round before: its late precommits still show who was there. */
  private before: Voting | undefined
  private head: PeerId | undefined
  private beats = 0
  private boot = 0
  private early: { readonly round: number, readonly deliver: () => void }[] = []
  private work: Promise<void> = Promise.resolve()
  private cancelBeat = (): void => undefined
  private shown: { readonly contents: readonly ContentId[] } = { contents: [] }
  private archived: ContentId[] = []
  private told: { readonly id: ContentId, readonly contributions: readonly Contribution[] } | undefined

  constructor(private readonly context: Context, private readonly first: Float32Array, private readonly root: string | undefined) {}

  async start(): Promise<void> {
    const { context } = this
    const { clusters, cluster, network, policy } = context
    const state = foundingState(this.first)
    const top = rootCluster(clusters)
    const foundingUpper = foundingUpperRecord(network, policy.version, top?.id ?? cluster.id, clusters, state.adapter.id, state.velocity.id)
    this.boot = await this.countBoot()
    const library = new Library(context)
    const chain = await Chain.open(context, library, foundingRecord(network, policy.version, cluster, state, foundingUpper.id), state)
    const liveness = new Liveness(context.self, policy.heartbeatMs, context.clock.now())
    const signed = new Signed(context.store, 'signed')
    await signed.load()
    const trainer = new Trainer(context, (manifest) => {
      this.round?.announce(manifest)
      // A slow training may have ended in a later round: that one's can begin now.
      this.round?.train()
    })
    await trainer.restore(chain.tip.record.round + 1)
    const upperChain = await UpperChain.open(context, library, foundingUpper, state)
    const reader = new ForkReader(context, library, chain, (after, upTo, isOwn) => {
      const counted = upperChain.counted(cluster.id, after, upTo, isOwn)
      return counted === undefined ? undefined : counted?.point ?? null
    })
    const reunion = new Reunion(context, library, chain, reader)
    const follower = new Follower(context, library, chain, reader, {
      switchTo: (fork, values) => this.switchTo(fork, values),
      refuse: (peer, error) => inbox.refuse(peer, 'chain', error),
      isJoining: () => this.round?.phase === 'joining',
    })
    const upper = this.root === undefined ? undefined : await Upper.open(context, library, chain, liveness, upperChain)
    const inbox = new Inbox(context, this.handlers(), (peer) => chain.tip.record.members.find((member) => member.peer === peer)?.reputation ?? 32_768)
    this.running = { library, chain, liveness, trainer, signed, reunion, follower, upper, upperChain, inbox }
    this.head = chain.head
    if (context.signal.aborted) return
    context.events.emit('cluster:formed', { cluster: cluster.id, domain: cluster.domain, members: chain.tip.record.members.map(({ peer }) => peer) })
    inbox.listen(cluster.id)
    if (this.root !== undefined) inbox.listen(this.root)
    this.beginRound()
    this.beat()
  }

  async stop(): Promise<void> {
    this.cancelBeat()
    this.round?.stop()
    this.running?.upper?.stop()
    this.running?.inbox.stop()
    await this.work.catch(() => undefined)
    await this.running?.trainer.saved()
  }

  adapter(): Float32Array {
    return this.running?.chain.state.adapter.values ?? this.first
  }

  status(traffic: { readonly bytesSent: number, readonly bytesReceived: number }): PeerStatus {
    const { context } = this
    const { chain, liveness, upperChain, upper } = this.ready()
    const { record, id } = chain.tip
    const now = context.clock.now()
    const round = this.round!
    const live = new Set(liveness.live(record.members.map(({ peer }) => peer), now))
    const news = new Map<string, ClusterNews>(upperChain.tip.record.seats.map((seat) => [seat.seat, { round: seat.round, peers: seat.members }]))
    news.set(context.cluster.id, { round: record.round, head: chain.head, members: record.members, live })
    const top = rootCluster(context.clusters)
    if (top !== undefined) news.set(top.id, { round: upperChain.tip.record.round, head: upperChain.head })
    return {
      peer: context.self,
      level: upper !== undefined && chain.head === context.self ? 1 : 0,
      cluster: context.cluster.id,
      domain: context.cluster.domain,
      members: record.members.map(({ peer, domain, reputation, misses, presence }) => ({
        peer, domain, live: live.has(peer), reputation: reputation / 65_536, misses: ones(misses), presence: ones(presence),
      })),
      head: chain.head,
      round: round.round,
      phase: round.phase,
      term: round.term,
      voters: round.voters,
      provisional: chain.full.record !== id,
      record: id,
      contributions: this.contributions(chain.tip),
      upper: upper === undefined ? undefined : { round: upperChain.tip.record.round, record: upperChain.tip.id, head: upperChain.head },
      ...traffic,
      tree: treeView([...context.clusters, ...top === undefined ? [] : [top]], news),
    }
  }

  /** Read from the tip's record once: its envelopes are opened for it. */
  private contributions(tip: Stored<ClusterRecord>): readonly Contribution[] {
    if (this.told?.id !== tip.id) this.told = { id: tip.id, contributions: contributionsOf(tip.record) }
    return this.told.contributions
  }

  private ready(): Running {
    if (this.running === undefined) throw new Error('the peer has not been started: await start() first')
    return this.running
  }

  private beginRound(): void {
    const { context } = this
    const running = this.ready()
    const { chain, upper, reunion } = running
    this.round?.stop()
    const carried = new Set(chain.tip.record.cheats.map(({ first }) => first.voter))
    const charges = [...this.round?.gathering.cheats.values() ?? []].filter(({ first, round: then }) => !carried.has(first.voter) && then + LATE_ROUNDS > chain.tip.record.round)
    const round = new ClusterRound(context, { ...running, charges, surrendered: () => reunion.open }, {
      above: () => upper?.above(),
      findAbove: async (record, holders) => upper?.find(record, holders),
      checkReunion: (manifest) => reunion.check(manifest),
      committed: (stored, commit, computed) => this.inOrder('a record could not be kept', () => this.commit(round, stored, commit, computed)),
    })
    this.round = round
    round.start()
    const waiting = this.early
    this.early = []
    for (const one of waiting) {
      if (one.round > chain.tip.record.round) one.deliver()
    }
  }

  private async commit(round: ClusterRound, stored: Stored<ClusterRecord>, commit: Commit, computed: ComputedRecord | undefined): Promise<void> {
    const { context } = this
    const { chain, trainer, reunion, upper, follower } = this.ready()
    if (round !== this.round || stored.record.parent !== chain.tip.id || computed === undefined) return
    const parent = chain.state
    const parentUpper = chain.tip.record.upper.round
    round.stop()
    await chain.append(stored, commit, computed.state)
    if (context.signal.aborted) return
    this.before = round.ballot
    follower.moved()
    const own = computed.settled.entries.filter(({ opened }) => opened.peer === context.self && opened.payload.reunion === null)
      .map(({ opened, outcome }) => ({ content: opened.payload.content, outcome }))
    trainer.settle(own, stored.record.round, computed.settled.medianSquaredNorm)
    reunion.settle(stored.record)
    await this.archive(round, computed)
    this.tell(stored, commit)
    if (stored.record.upper.round > parentUpper) context.events.emit('upper:applied', { round: stored.record.round, upper: stored.record.upper.round })
    const counted = computed.settled.entries.filter(({ outcome }) => outcome === 'counted' || outcome === 'late')
    attempt(context, 'the own aggregate failed', () => this.weighOwn(stored.record.round, parent, counted.map(({ opened }) => ({
      peer: opened.peer, content: opened.payload.content, bytes: round.work.bytes.get(opened.payload.content)!,
    }))))
    this.beginRound()
    upper?.tick()
  }

  private async weighOwn(round: number, before: ClusterState, deltas: Parameters<typeof weighOwn>[2]): Promise<void> {
    const own = await weighOwn(this.context, before, deltas)
    if (own !== undefined) this.context.events.emit('own:aggregated', { round, ...own })
  }

  /** Tells listeners and the transport what a record says. */
  private tell(stored: Stored<ClusterRecord>, commit: Commit): void {
    const { events, transport, self } = this.context
    const { record } = stored
    const event = committedEvent(stored, commit)
    for (const peer of missedBy(stored, commit)) events.emit('peer:missed', { peer, round: record.round, term: commit.term })
    events.emit('record:committed', event)
    if (event.head !== this.head) events.emit('head:changed', { cluster: record.cluster, round: record.round, head: event.head, before: this.head })
    this.head = event.head
    this.ready().inbox.forgive()
    for (const { peer, reputation } of record.members) if (peer !== self) transport.rate(peer, reputation)
  }

  /** Deltas of a provisional chain stay on disk: should it give way, its change is computed from them. Others are offered for one round more. */
  private async archive(round: ClusterRound, computed: ComputedRecord): Promise<void> {
    const { library, chain, trainer } = this.ready()
    const { store } = this.context
    for (const content of this.shown.contents) library.drop(content)
    this.shown = { contents: [...round.work.bytes.keys()] }
    if (chain.full.record === chain.tip.id) {
      for (const content of this.archived) if (trainer.bytesOf(content) === undefined) await store.deleteBlob(content)
      this.archived = this.shown.contents.filter((content) => trainer.bytesOf(content) === undefined)
      return
    }
    for (const { id } of computed.settled.counted) {
      await store.putBlob(round.work.bytes.get(id)!)
      this.archived.push(id)
    }
  }

  private beat(): void {
    const { context } = this
    const { heartbeatMs } = context.policy
    this.cancelBeat = context.clock.after(heartbeatMs, () => this.beat())
    const { chain, liveness, upper, reunion } = this.ready()
    say(context, context.cluster.id, 'heartbeat', {
      cluster: context.cluster.id,
      sequence: this.boot * 2 ** 32 + this.beats++,
      phase: this.round!.phase,
      tip: chain.announcement,
      upper: upper?.announcement ?? null,
    })
    const { gone, back } = liveness.changes(context.clock.now())
    for (const peer of gone) context.events.emit('peer:gone', { peer })
    for (const peer of back) context.events.emit('peer:back', { peer })
    if (this.beats === 1) return
    this.round!.tick()
    upper?.tick()
    reunion.repeat()
    if (this.round!.phase !== 'agree') this.before?.repeat()
  }

  private handlers(): Handlers {
    const inRound = <Message>(roundOf: (message: Message) => number, deliver: (round: ClusterRound, message: Message) => void) => (message: Message): void => {
      const at = roundOf(message)
      const { round } = this
      if (round === undefined || at < round.round) return
      if (at > round.round) {
        const later = (): void => this.deliver(() => deliver(this.round!, message))
        if (at === round.round + 1 && this.early.length < EARLY_AT_MOST) this.early.push({ round: at, deliver: later })
        return
      }
      if (round.phase !== 'joining') deliver(round, message)
    }
    const sealed: Handlers['sealed'] = {
      heartbeat: (message) => this.hear(message),
      manifest: (message) => {
        const at = message.payload.round
        if (this.round === undefined || at <= this.round.round) this.round?.receiveManifest(message)
        else inRound<Opened<'manifest'>>(() => at, (round, one) => round.receiveManifest(one))(message)
      },
      list: inRound((message) => message.payload.round, (round, message) => round.receiveList(message.envelope)),
      closing: inRound((message) => message.payload.round, (round, message) => round.receiveClosing(message)),
      mark: inRound((message) => message.payload.round, (round, message) => round.receiveMark(message)),
      audit: inRound((message) => message.payload.round, (round, message) => round.receiveAudit(message)),
      roster: inRound((message) => message.payload.round, (round, message) => round.receiveRoster(message)),
      join: (message) => this.round?.gathering.addJoin(message),
      proposal: (message) => {
        if (message.payload.level === 1) this.running?.upper?.receiveProposal(message)
        else inRound<Opened<'proposal'>>(({ payload }) => payload.round, (round, one) => round.receiveProposal(one))(message)
      },
      summit: (message) => this.running?.upper?.hearOf(message.payload.tip, message.peer),
      offer: (message) => this.running?.upper?.receiveOffer(message),
      surrender: (message) => this.running?.reunion.receive(message),
    }
    const carried: Handlers['carried'] = {
      votes: (votes) => {
        if (votes.round === (this.round?.round ?? 0) - 1) this.hearLateVotes(votes.votes)
        else inRound<typeof votes>((one) => one.round, (round, one) => round.receiveVotes(one.instance, one.votes))(votes)
      },
      shares: (payload) => this.running?.upper?.receiveShares(payload),
      certificates: (payload) => this.running?.upper?.receiveCertificates(payload),
    }
    return { sealed, carried }
  }

  private deliver(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.ready().inbox.refuse('an earlier message', 'early', error)
    }
  }

  private hear({ peer, payload }: Opened<'heartbeat'>): void {
    const { liveness, upper, follower } = this.ready()
    if (payload.cluster !== this.context.cluster.id || !liveness.hear(peer, payload, this.context.clock.now())) return
    follower.hear(payload.tip, peer)
    if (payload.upper !== null) upper?.hearOf(payload.upper, peer)
  }

  /** Goes on from a chain that is ahead of ours, or has precedence. */
  private switchTo(fork: Fork, state: ClusterState): void {
    const { chain, trainer, reunion, upper, follower } = this.ready()
    const { context } = this
    this.inOrder('another chain could not be taken over', async () => {
      // Meanwhile our own round may have ended.
      const ours = { records: chain.backTo(fork.common.id).reverse().map((id) => chain.get(id)!), commit: chain.commit }
      if (chain.tip.id !== (fork.ours.records.at(-1) ?? fork.common).id || !givesWay({ ...fork, ours })) return
      const { records, commit } = fork.theirs
      const from = chain.tip.id
      const last = records.at(-1)!
      this.round?.stop()
      await chain.moveTo(records, commit!, state)
      this.before = undefined
      follower.moved()
      for (const { record } of records) trainer.settle(contributionsOf(record).filter(({ peer }) => peer === context.self), record.round, undefined)
      if (ours.records.length > 0) {
        trainer.forgetOpen()
        await reunion.surrenderTo({ ...fork, ours })
      }
      context.events.emit('chain:switched', { from, to: last.id, round: last.record.round, records: records.length })
      this.tell(last, commit!)
      this.beginRound()
      upper?.tick()
    })
  }

  private hearLateVotes(votes: Parameters<Voting['receiveVotes']>[0]): void {
    const { before } = this
    if (before === undefined) return
    before.receiveVotes(votes)
    const { commit } = before
    const { chain } = this.ready()
    if (commit === undefined || commit.precommits.length <= (chain.commit?.precommits.length ?? 0)) return
    this.inOrder('a grown commit could not be kept', async () => {
      if (this.before === before && await chain.improve(commit) && this.round?.reconsider() === true) this.beginRound()
    })
  }

  /** One change of the chain after the other. */
  private inOrder(what: string, act: () => Promise<void>): void {
    this.work = this.work.then(act)
    attempt(this.context, what, () => this.work)
    this.work = this.work.catch(() => undefined)
  }

  private async countBoot(): Promise<number> {
    const boots = await this.context.store.readState('boots', { version: 1 })
    const boot = (typeof boots === 'number' ? boots : 0) + 1
    await this.context.store.writeState('boots', 1, boot)
    return boot
  }
}
