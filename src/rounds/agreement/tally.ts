import type { Step, Value, Vote } from './types.js'

/** Votes for terms further ahead are only counted as a sign that their voter is there: a hostile voter must not fill the memory. */
const TERMS_KEPT_AHEAD = 64

/** The votes of one agreement, one per voter, step and term. */
export class Tally {
  private readonly votes = new Map<string, Vote>()
  private readonly furthest = new Map<string, number>()

  constructor(private readonly voters: ReadonlySet<string>) {}

  /** @returns the earlier vote where this one contradicts it; 'new', 'known', or 'ignored' otherwise */
  add(vote: Vote, currentTerm: number): Vote | 'new' | 'known' | 'ignored' {
    if (!this.voters.has(vote.voter)) return 'ignored'
    this.furthest.set(vote.voter, Math.max(vote.term, this.furthest.get(vote.voter) ?? 0))
    if (vote.term > currentTerm + TERMS_KEPT_AHEAD) return 'ignored'
    const key = `${vote.term}/${vote.step}/${vote.voter}`
    const earlier = this.votes.get(key)
    if (earlier !== undefined) return earlier.value === vote.value ? 'known' : earlier
    this.votes.set(key, vote)
    return 'new'
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

  count(step: Step, term: number, value: Value | null): number {
    return this.of(step, term).filter((vote) => vote.value === value).length
  }

  countAny(step: Step, term: number): number {
    return this.of(step, term).length
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

  of(step: Step, term: number): Vote[] {
    const found: Vote[] = []
    for (const voter of this.voters) {
      const vote = this.votes.get(`${term}/${step}/${voter}`)
      if (vote !== undefined) found.push(vote)
    }
    return found
  }
}
