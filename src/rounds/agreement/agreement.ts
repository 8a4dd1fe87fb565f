import { honestMinimum, quorumOf } from '../../hierarchy/index.js'

import { Tally } from './tally.js'
import type { AgreementMemory, AgreementOptions, Effect, Proposal, Step, Value, Vote, Waiting } from './types.js'

/**
 * Tendermint's algorithm for one height, as a machine without side effects: messages, verdicts and timeouts go in, effects come out.
 * The numbers in the comments are the lines of Algorithm 1 in the paper; its *height* is our round and its *round* our *term*.
 *
 * @see Buchman, Kwon, Milosevic: The latest gossip on BFT consensus, arXiv 1807.04938
 */
export class Agreement {
  readonly quorum: number
  readonly tally: Tally
  private readonly voters: readonly string[]
  private readonly proposals = new Map<number, Proposal>()
  private readonly verdicts = new Map<Value, boolean>()
  private readonly asked = new Set<Value>()
  private readonly timed = new Set<string>()
  private readonly cast: Vote[]
  private effects: Effect[] = []
  private current: number
  private waitingFor: Waiting
  private lockedValue: Value | null
  private lockedTerm: number
  private validValue: Value | null
  private validTerm: number
  private decision: { readonly term: number, readonly value: Value } | undefined

  constructor(private readonly options: AgreementOptions) {
    const { voters, memory } = options
    this.voters = voters
    this.quorum = quorumOf(voters.length)
    this.tally = new Tally(new Set(voters))
    this.current = memory?.term ?? 0
    this.waitingFor = memory?.waiting ?? 'propose'
    this.lockedValue = memory?.lockedValue ?? null
    this.lockedTerm = memory?.lockedTerm ?? -1
    this.validValue = memory?.validValue ?? null
    this.validTerm = memory?.validTerm ?? -1
    this.cast = [...memory?.votes ?? []]
    for (const vote of this.cast) this.count(vote)
    for (const vote of memory?.heard ?? []) this.tally.add(vote, this.current)
  }

  get term(): number { return this.current }
  get waiting(): Waiting { return this.waitingFor }
  get decided(): { readonly term: number, readonly value: Value } | undefined { return this.decision }
  /** The votes that this voter has cast, oldest first. */
  get ownVotes(): readonly Vote[] { return this.cast }

  get memory(): AgreementMemory {
    return {
      term: this.current,
      waiting: this.waitingFor,
      lockedValue: this.lockedValue,
      lockedTerm: this.lockedTerm,
      validValue: this.validValue,
      validTerm: this.validTerm,
      votes: [...this.cast],
      heard: this.votesToRepeat(),
    }
  }

  proposerOf(term: number): string {
    return this.voters[term % this.voters.length]!
  }

  /** The proposal of a term, if it has come. */
  proposalOf(term: number): Proposal | undefined {
    return this.proposals.get(term)
  }

  /** Whether this voter has a term's proposal and does not know yet whether it is valid. */
  isChecking(term: number): boolean {
    const proposal = this.proposals.get(term)
    return proposal !== undefined && !this.verdicts.has(proposal.value)
  }

  /** Votes that let a voter who missed something catch up: those of this term, of the one before, and of the valid value's term. */
  votesToRepeat(): Vote[] {
    const terms = new Set([this.current, this.current - 1, this.validTerm, this.decision?.term ?? -1])
    return [...terms].filter((term) => term >= 0).flatMap((term) => [...this.tally.of('prevote', term), ...this.tally.of('precommit', term)])
  }

  /**
   * Begins, or goes on after a restart. Whoever waits for votes waits for a quorum of them before its timer runs, also then: one that left its term alone,
   * and again after the next restart, would be too far ahead for the others to hear the votes that they wait for.
   */
  start(): Effect[] {
    if (this.current === 0 && this.waitingFor === 'propose') this.enter(0)
    else if (this.options.memory !== undefined && (this.waitingFor === 'propose' || this.options.behindSeat === true)) this.setTimer(this.waitingFor, this.current)
    return this.settle()
  }

  /** Our own value for a term, in answer to `build`. It counts as checked. */
  offer(term: number, value: Value): Effect[] {
    if (term === this.current && this.waitingFor === 'propose' && this.proposerOf(term) === this.options.self && !this.proposals.has(term)) {
      this.verdicts.set(value, true)
      this.asked.add(value)
      this.send({ term, from: this.options.self, value, validTerm: -1 })
    }
    return this.settle()
  }

  proposal(proposal: Proposal): Effect[] {
    if (proposal.from !== this.proposerOf(proposal.term) || proposal.validTerm >= proposal.term || this.proposals.has(proposal.term)) return []
    this.tally.reached(proposal.from, proposal.term)
    if (proposal.term > this.current + 64) return this.settle()
    this.proposals.set(proposal.term, proposal)
    return this.settle()
  }

  /** The answer to `check`. */
  judge(value: Value, valid: boolean): Effect[] {
    this.verdicts.set(value, valid)
    return this.settle()
  }

  vote(vote: Vote): Effect[] {
    const { contradicts } = this.tally.add(vote, this.current)
    if (contradicts !== undefined) this.effects.push({ kind: 'equivocation', first: contradicts, second: vote })
    this.takeOverLock(vote)
    return this.settle()
  }

  timeout(waiting: Waiting, term: number): Effect[] {
    if (this.decision !== undefined || term !== this.current) return []
    // 57, 61, 65
    if (waiting === 'propose' && this.waitingFor === 'propose') this.prevote(null)
    else if (waiting === 'prevote' && this.waitingFor === 'prevote') this.precommit(null)
    else if (waiting === 'precommit') this.enter(term + 1)
    return this.settle()
  }

  /** Applies the rules until none applies any more. */
  private settle(): Effect[] {
    while (this.decision === undefined && this.applyOne());
    const effects = this.effects
    this.effects = []
    return effects
  }

  private applyOne(): boolean {
    return this.decide() || this.skip() || this.answerProposal() || this.lock() || this.giveUpStep()
  }

  /** 49: a quorum of precommits decides. They prove the value, so that it need not be checked again. */
  private decide(): boolean {
    for (let term = 0; term <= this.current; term++) {
      const value = this.tally.valueWith(this.quorum, 'precommit', term)
      if (value === undefined || this.options.isProof?.(value, term) === false) continue
      this.decision = { term, value }
      this.witness(term, value)
      this.effects.push({ kind: 'decide', term, value })
      return true
    }
    return false
  }

  /** 55: one honest voter at least is in a later term. */
  private skip(): boolean {
    const term = this.tally.termReachedBy(honestMinimum(this.voters.length))
    if (term <= this.current) return false
    this.enter(term)
    return true
  }

  /** 22, 28 */
  private answerProposal(): boolean {
    const proposal = this.proposals.get(this.current)
    if (proposal === undefined) return false
    const { value, validTerm } = proposal
    if (!this.asked.has(value)) {
      this.asked.add(value)
      if (!this.verdicts.has(value)) this.effects.push({ kind: 'check', value })
      return true
    }
    if (this.waitingFor !== 'propose') return false
    const valid = this.verdicts.get(value)
    if (valid === undefined) return false
    if (validTerm >= 0 && this.tally.count('prevote', validTerm, value) < this.quorum) return false
    const free = this.lockedValue === value || this.lockedTerm === -1 || (validTerm >= 0 && this.lockedTerm <= validTerm)
    this.prevote(valid && free ? value : null)
    return true
  }

  /** 36 */
  private lock(): boolean {
    if (this.waitingFor === 'propose' || this.validTerm === this.current) return false
    const value = this.tally.valueWith(this.quorum, 'prevote', this.current)
    if (value === undefined) return false
    if (this.verdicts.get(value) !== true) {
      if (this.asked.has(value)) return false
      this.asked.add(value)
      this.effects.push({ kind: 'check', value })
      return true
    }
    this.validValue = value
    this.validTerm = this.current
    if (this.waitingFor === 'prevote') {
      this.lockedValue = value
      this.lockedTerm = this.current
      this.precommit(value)
    }
    return true
  }

  /** 34, 44, 47 */
  private giveUpStep(): boolean {
    const term = this.current
    if (this.waitingFor === 'prevote') {
      if (this.tally.count('prevote', term, null) >= this.quorum) {
        this.precommit(null)
        return true
      }
      if (this.tally.countAny('prevote', term) >= this.quorum) this.setTimer('prevote', term)
    }
    if (this.tally.countAny('precommit', term) >= this.quorum) this.setTimer('precommit', term)
    return false
  }

  /** 11 */
  private enter(term: number): void {
    this.current = term
    this.waitingFor = 'propose'
    const proposer = this.proposerOf(term)
    this.effects.push({ kind: 'term', term, proposer })
    this.setTimer('propose', term)
    if (proposer !== this.options.self) return
    if (this.validValue === null) this.effects.push({ kind: 'build', term })
    else this.send({ term, from: proposer, value: this.validValue, validTerm: this.validTerm })
  }

  private send(proposal: Proposal): void {
    this.proposals.set(proposal.term, proposal)
    this.effects.push({ kind: 'propose', proposal })
  }

  private prevote(value: Value | null): void {
    this.waitingFor = 'prevote'
    this.castVote('prevote', value)
  }

  private precommit(value: Value | null): void {
    this.waitingFor = 'precommit'
    this.castVote('precommit', value)
  }

  private castVote(step: Step, value: Value | null): void {
    if (this.options.behindSeat === true) this.setTimer(step, this.current)
    if (!this.voters.includes(this.options.self)) return
    const vote: Vote = { step, term: this.current, voter: this.options.self, value }
    // After a restart the vote of this step may have been cast already: it stands.
    if (this.cast.some((earlier) => earlier.step === step && earlier.term === vote.term)) return
    this.cast.push(vote)
    this.count(vote)
    this.effects.push({ kind: 'vote', vote })
  }

  /**
   * A member behind a seat adds its vote to what the others have decided before it got there, unless it has said something else in that step: a slow seat must
   * be seen to be there. Nothing else can be decided any more, so this binds nobody.
   */
  private witness(term: number, value: Value): void {
    const { self, behindSeat } = this.options
    if (behindSeat !== true || !this.voters.includes(self) || this.cast.some((earlier) => earlier.step === 'precommit' && earlier.term === term)) return
    const vote: Vote = { step: 'precommit', term, voter: self, value }
    this.cast.push(vote)
    this.effects.push({ kind: 'vote', vote })
  }

  /** A member behind a seat keeps the seat's lock, also where others have signed what the seat is bound to: those who did may be gone when it matters. */
  private takeOverLock({ step, term, voter, value }: Vote): void {
    const { self, behindSeat } = this.options
    if (behindSeat !== true || voter !== self || step !== 'precommit' || value === null || term <= this.lockedTerm) return
    this.lockedValue = value
    this.lockedTerm = term
  }

  private count(vote: Vote): void {
    if (this.options.behindSeat !== true) this.tally.add(vote, this.current)
  }

  private setTimer(waiting: Waiting, term: number): void {
    const key = `${term}/${waiting}`
    if (this.timed.has(key)) return
    this.timed.add(key)
    this.effects.push({ kind: 'timer', waiting, term })
  }
}
