import { remembered } from '../../hierarchy/index.js'
import type { Ballot } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { Agreement, waitForStep } from '../agreement/index.js'
import type { Effect, Vote, Waiting } from '../agreement/index.js'
import { attempt, say, send } from '../context.js'
import type { Context } from '../context.js'
import { Repeated } from '../messages/repeated.js'
import { encodeCarried } from '../messages/wire.js'
import type { CarriedPayload, Opened } from '../messages/wire.js'
import type { SignedVote } from '../messages/schemas.js'
import type { Cheat, Commit } from '../records/cluster-record.js'
import { signVote, voteStands } from '../records/votes.js'

import type { Signed } from './signed.js'

/** What binds this peer beyond the agreement. */
type Bind = Parameters<Signed['keepMemory']>[3]

export interface VotingPorts {
  readonly ballot: Ballot
  readonly voters: readonly PeerId[]
  /** Whether this peer may vote at all: who has said leave has promised not to. */
  mayVote(): boolean
  /** Builds a record to propose; its bytes must be offered before this resolves. Undefined where that cannot be done now. */
  build(term: number): Promise<{ readonly id: ContentId, readonly size: number } | undefined>
  /** Whether a record may be agreed on. `holders` tells who has it by now. */
  check(record: ContentId, holders: () => readonly PeerId[]): Promise<boolean>
  /** What a precommit for a record says and binds this peer to. */
  claim(record: ContentId): { readonly free: boolean, readonly bind: Bind }
  decided(record: ContentId, commit: Commit): void
  cheated(cheat: Cheat): void
}

/** One agreement of a cluster's members: the machine, with signatures, messages, timers and the disk around it. */
export class Voting {
  private readonly agreement: Agreement
  private readonly signed = new Map<string, SignedVote>()
  private readonly sizes = new Map<ContentId, number>()
  private readonly said: Repeated
  /** Messages that say nothing new any more: they come again with every repetition. */
  private readonly heard = new WeakSet<readonly SignedVote[]>()
  private readonly cancels = new Set<() => void>()
  private stopped = false
  /** The commit since the last vote that has come in. */
  private known: Commit | undefined

  constructor(private readonly context: Context, private readonly memory: Signed, private readonly ports: VotingPorts) {
    const { ballot, voters } = ports
    this.said = new Repeated(context)
    const before = memory.memoryOf(ballot.instance)
    this.agreement = new Agreement({ self: context.self, voters, ...before === undefined ? {} : { memory: before } })
    for (const vote of before?.votes ?? []) this.remember(signVote(context.identity, ballot, vote, this.claimOf(vote).free))
    for (const vote of before?.heard ?? []) if (isSigned(vote)) this.remember(vote)
  }

  get term(): number { return this.agreement.term }
  get isDecided(): boolean { return this.agreement.decided !== undefined }
  /** Whether a record has been proposed that this peer has heard of. */
  get isProposed(): boolean { return this.sizes.size > 0 }

  start(): void {
    this.obey(this.agreement.start())
  }

  stop(): void {
    this.stopped = true
    for (const cancel of this.cancels) cancel()
  }

  receiveProposal({ peer, payload }: Opened<'proposal'>): void {
    if (payload.instance !== this.ports.ballot.instance || peer !== this.agreement.proposerOf(payload.term)) return
    this.sizes.set(payload.record, payload.size)
    this.obey(this.agreement.proposal({ term: payload.term, from: peer, value: payload.record, validTerm: payload.validTerm }))
  }

  receiveVotes(votes: readonly SignedVote[]): void {
    const { ballot, voters } = this.ports
    if (this.heard.has(votes)) return
    for (const vote of votes) {
      if (this.signed.has(keyOf(vote)) || !voters.includes(vote.voter) || !voteStands(ballot, vote, this.context.verify)) continue
      const effects = this.agreement.vote(vote)
      if (this.agreement.tally.has(vote)) this.remember(vote)
      for (const effect of effects) {
        if (effect.kind === 'equivocation') this.ports.cheated({ round: ballot.round, instance: ballot.instance, first: this.signed.get(keyOf(effect.first))!, second: vote })
      }
      this.obey(effects)
    }
    // What is not noted yet may be once more is known.
    if (votes.every((vote) => this.signed.has(keyOf(vote)))) this.heard.add(votes)
  }

  /** Says again what others may have missed; nothing before it is on disk. */
  repeat(): void {
    const { ballot } = this.ports
    if (!this.memory.isKept) {
      attempt(this.context, 'a vote could not be kept', () => this.memory.keepAgain())
      return
    }
    const proposal = this.agreement.proposalOf(this.agreement.term)
    if (proposal?.from === this.context.self) this.propose(proposal.term, proposal.value, proposal.validTerm)
    const votes = this.agreement.votesToRepeat().flatMap((vote) => this.signed.get(keyOf(vote)) ?? [])
    if (votes.length > 0) this.said.say(ballot.cluster, votes, () => encodeCarried('votes', this.payload(votes)))
  }

  /** The precommits for the decided record, as many as are known by now. */
  get commit(): Commit | undefined {
    return this.known ??= this.collect()
  }

  private collect(): Commit | undefined {
    const decided = this.agreement.decided
    if (decided === undefined) return undefined
    const precommits = this.agreement.tally.of('precommit', decided.term)
      .filter(({ value }) => value === decided.value)
      .flatMap((vote) => this.signed.get(keyOf(vote)) ?? [])
      .map(({ voter, free, signature }) => ({ peer: voter, free, signature }))
      .sort((a, b) => (a.peer < b.peer ? -1 : 1))
    return { term: decided.term, precommits }
  }

  private obey(effects: readonly Effect[]): void {
    if (this.stopped) return
    // What one vote of these binds this peer to is written with the first of them: the machine's memory holds them all by now.
    const bind = Object.assign({}, ...effects.map((effect) => (effect.kind === 'vote' ? this.claimOf(effect.vote).bind : {}))) as Bind
    for (const effect of effects) this.act(effect, bind)
  }

  private act(effect: Effect, bind: Bind): void {
    const { context, ports } = this
    switch (effect.kind) {
      case 'term':
        context.events.emit('term:started', { level: 0, round: ports.ballot.round, term: effect.term, proposer: effect.proposer })
        // Others may have gone on to this term by what it says there, and must find it there again.
        if (effect.term > 0) attempt(context, 'a new term could not be noted', () => this.keep(bind))
        return
      case 'build':
        attempt(context, 'no record could be proposed', async () => {
          const built = await ports.build(effect.term)
          if (built === undefined || this.stopped) return
          this.sizes.set(built.id, built.size)
          this.obey(this.agreement.offer(effect.term, built.id))
        })
        return
      case 'propose':
        this.propose(effect.proposal.term, effect.proposal.value, effect.proposal.validTerm)
        return
      case 'check':
        attempt(context, 'a proposed record could not be checked', async () => {
          const valid = await ports.check(effect.value, () => this.holdersOf(effect.value))
          this.obey(this.agreement.judge(effect.value, valid))
        })
        return
      case 'timer':
        this.wait(effect.waiting, effect.term)
        return
      case 'vote':
        attempt(context, 'a vote could not be cast', () => this.cast(effect.vote, bind))
        return
      case 'decide':
        ports.decided(effect.value, this.commit!)
        return
      case 'equivocation':
        // Reported with its signatures where the vote came in.
        return
    }
  }

  private async cast(vote: Vote, bind: Bind): Promise<void> {
    const { ballot } = this.ports
    if (!this.ports.mayVote()) return
    const { free } = this.claimOf(vote)
    const signed = signVote(this.context.identity, ballot, vote, free)
    this.remember(signed)
    await this.keep(bind)
    send(this.context, ballot.cluster, encodeCarried('votes', this.payload([signed])))
  }

  /** Writes what this voter must not contradict, and what it can prove to others. */
  private keep(bind: Bind): Promise<void> {
    const { ballot: { round, instance } } = this.ports
    const { heard = [], ...memory } = this.agreement.memory
    return this.memory.keepMemory(round, instance, { ...memory, heard: heard.flatMap((vote) => this.signed.get(keyOf(vote)) ?? []) }, bind)
  }

  private claimOf({ step, value }: Vote): ReturnType<VotingPorts['claim']> {
    return step === 'precommit' && value !== null ? this.ports.claim(value) : { free: true, bind: {} }
  }

  private propose(term: number, record: ContentId, validTerm: number): void {
    const { ballot } = this.ports
    say(this.context, ballot.cluster, 'proposal', {
      level: 0, cluster: ballot.cluster, round: ballot.round, instance: ballot.instance, term, validTerm, record, size: this.sizes.get(record) ?? 0,
    })
  }

  /** Who has a record: who proposed it, and who voted for it. */
  private holdersOf(record: ContentId): PeerId[] {
    const voters = [...this.signed.values()].filter(({ value }) => value === record).map(({ voter }) => voter)
    const proposers = Array.from({ length: this.agreement.term + 1 }, (_, term) => this.agreement.proposalOf(term)).filter((proposal) => proposal?.value === record).map((proposal) => proposal!.from)
    return [...new Set([...proposers, ...voters])].filter((peer) => peer !== this.context.self)
  }

  private payload(votes: readonly SignedVote[]): CarriedPayload<'votes'> {
    const { cluster, round, instance } = this.ports.ballot
    return { level: 0, cluster, round, instance, votes: [...votes] }
  }

  private remember(vote: SignedVote): void {
    this.signed.set(keyOf(vote), vote)
    this.known = undefined
  }

  private wait(waiting: Waiting, term: number): void {
    const { deadlines } = this.context.policy
    const milliseconds = deadlines[waiting] + term * deadlines.termGrowth
    waitForStep(this.agreement, waiting, term, (run) => this.after(milliseconds, run), () => this.obey(this.agreement.timeout(waiting, term)))
  }

  private after(milliseconds: number, run: () => void): void {
    const cancel = this.context.clock.after(milliseconds, () => {
      this.cancels.delete(cancel)
      if (!this.stopped) run()
    })
    this.cancels.add(cancel)
  }
}

/** Votes never change, and the same ones come again and again. */
const keyOf = remembered(({ step, term, voter, value }: Vote) => `${term}/${step}/${voter}/${value ?? ''}`)

function isSigned(vote: Vote): vote is SignedVote {
  return 'signature' in vote
}
