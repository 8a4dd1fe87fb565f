import type { Policies, RoundPolicy } from '../../src/rounds/index.js'

/** The policies that have come to one peer, as its owners' file would bring them. */
export class PolicyFile implements Policies {
  private readonly known: RoundPolicy[]

  constructor(first: RoundPolicy) {
    this.known = [first]
  }

  newest(): RoundPolicy { return this.known.at(-1)! }

  of(version: number): RoundPolicy | undefined {
    return version < this.known[0]!.version ? this.known[0] : this.known.find((one) => one.version === version)
  }

  /** The owners' next policy arrives. */
  bring(change: Partial<RoundPolicy>): void {
    this.known.push({ ...this.newest(), version: this.newest().version + 1, ...change })
  }
}
