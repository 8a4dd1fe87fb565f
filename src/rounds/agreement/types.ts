/** What is voted on: the content id of a record. */
export type Value = string

/** The two votes of a term. */
export type Step = 'prevote' | 'precommit'

/** What a voter waits for within a term. */
export type Waiting = 'propose' | Step

export interface Proposal {
  readonly term: number
  readonly from: string
  readonly value: Value
  /** The term in which a quorum has prevoted this value before, or -1. */
  readonly validTerm: number
}

export interface Vote {
  readonly step: Step
  readonly term: number
  readonly voter: string
  /** `null` is a vote for nothing in this term. */
  readonly value: Value | null
}

/** What the machine wants done. Its owner signs, sends, waits and stores; the machine itself touches nothing. */
export type Effect
  /** It is our turn and nothing binds us: build a value and hand it to `offer`. */
  = | { readonly kind: 'build', readonly term: number }
    | { readonly kind: 'propose', readonly proposal: Proposal }
    /** Find out whether the value may be agreed on and tell `judge`. It may take long; nothing is voted for it before. */
    | { readonly kind: 'check', readonly value: Value }
    | { readonly kind: 'vote', readonly vote: Vote }
    /** Call `timeout` with these after the step's time, which grows with the term. */
    | { readonly kind: 'timer', readonly waiting: Waiting, readonly term: number }
    | { readonly kind: 'term', readonly term: number, readonly proposer: string }
    | { readonly kind: 'decide', readonly term: number, readonly value: Value }
    /** Two different votes in one step by one voter: proof that it cheats. */
    | { readonly kind: 'equivocation', readonly first: Vote, readonly second: Vote }

/** What must survive a restart so that a voter never votes twice in a step and never forgets its lock. */
export interface AgreementMemory {
  readonly term: number
  readonly waiting: Waiting
  readonly lockedValue: Value | null
  readonly lockedTerm: number
  readonly validValue: Value | null
  readonly validTerm: number
  readonly votes: readonly Vote[]
  /**
   * Votes that others may lack, its own and others'. A value that a voter is locked on must remain provable, and so must its being in its term: those who
   * cast these votes may be gone by then, and nobody else may follow it without them. Absent in what earlier versions wrote.
   */
  readonly heard?: readonly Vote[]
}

export interface AgreementOptions {
  /** This voter's name; a name that is not among the voters only watches. */
  readonly self: string
  /** Every voter once, in the order in which they propose. */
  readonly voters: readonly string[]
  /**
   * Whether this voter is one of the members behind a seat. Its votes are then only shares, and count when the seat's vote comes back through `vote`.
   * And steps also end by time: where the members of a seat are split, it casts no vote at all. Otherwise a voter waits patiently for its quorum.
   */
  readonly behindSeat?: boolean
  /** Whether the precommits of a term are proof of a value for those, too, who have not checked it. By default a quorum is. */
  readonly isProof?: (value: Value, term: number) => boolean
  readonly memory?: AgreementMemory
}
