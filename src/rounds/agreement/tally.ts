import type { Step, Value, Vote } from './types.js'

/** Votes for terms further ahead are only counted as a sign that their voter is there: a hostile voter must not fill the memory. */
const TERMS_KEPT_AHEAD = 64

/** What became of a vote. */
export interface Added {
  readonly isNew: boolean
  /** The first vote of this voter in this step, where this one contradicts it. */
  readonly contradicts?: Vote
}

/**
 * The votes of one agreement.
 *
 * A voter that says different things to different peers counts for each of them: peers that heard different halves must still come to see the same
 * quorums, or a value that one of them is locked on could never be proved to the others. An honest voter says one thing in a step, so two quorums still
 * share one. To bound the memory, a contradicting vote is kept only for nothing, or for a value that another voter named first.
 */
export class Tally {
  /** By term and step, then by voter: the vote heard first, and what contradicts it. */
  private readonly votes = new Map<string, Map<string, Vote[]>>()
  private readonly furthest = new Map<string, number>()

  constructor(private readonly voters: ReadonlySet<string>) {}

  add(vote: Vote, currentTerm: number): Added {
    const { voter, step, term, value } = vote
    if (!this.voters.has(voter)) return { isNew: false }
    this.reached(voter, term)
    if (term > currentTerm + TERMS_KEPT_AHEAD) return { isNew: false }
    const heard = this.step(step, term)
    const earlier = heard.get(voter)
    if (earlier === undefined) {
      heard.set(voter, [vote])
      return { isNew: true }
    }
    if (earlier.some((one) => one.value === value)) return { isNew: false }
    const isBacked = value === null || [...heard.values()].some(([first]) => first!.voter !== voter && first!.value === value)
    if (isBacked) earlier.push(vote)
    return { isNew: isBacked, contradicts: earlier[0]! }
  }

  has({ voter, step, term, value }: Vote): boolean {
    return this.step(step, term).get(voter)?.some((one) => one.value === value) ?? false
  }

  /** Notes that a voter has reached a term, by whatever message. */
  reached(voter: string, term: number): void {
    if (this.voters.has(voter)) this.furthest.set(voter, Math.max(term, this.furthest.get(voter) ?? 0))
  }

  /** The highest term that at least so many voters have reached. */
  termReachedBy(count: number): number {
    const terms = [...this.furthest.values()].sort((a, b) => b - a)
    return terms[count - 1] ?? 0
  }

  /** Voters for a value, or for nothing. */
  count(step: Step, term: number, value: Value | null): number {
    return this.of(step, term).filter((vote) => vote.value === value).length
  }

  /** Voters for whatever. */
  countAny(step: Step, term: number): number {
    return this.step(step, term).size
  }

  /** The value other than nothing with at least `quorum` votes in a step. */
  valueWith(quorum: number, step: Step, term: number): Value | undefined {
    const counts = new Map<Value, number>()
    for (const { value } of this.of(step, term)) {
      if (value === null) continue
      const count = (counts.get(value) ?? 0) + 1
      if (count >= quorum) return value
      counts.set(value, count)
    }
    return undefined
  }

  /** All votes of a step in the order of the voters, each voter's first one first. */
  of(step: Step, term: number): Vote[] {
    const heard = this.step(step, term)
    return [...this.voters].flatMap((voter) => heard.get(voter) ?? [])
  }

  private step(step: Step, term: number): Map<string, Vote[]> {
    const key = `${term}/${step}`
    const known = this.votes.get(key)
    if (known !== undefined) return known
    const fresh = new Map<string, Vote[]>()
    this.votes.set(key, fresh)
    return fresh
  }
}
