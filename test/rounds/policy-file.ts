import { decodeCanonical, encodeCanonical } from '../../src/identity/index.js'
import type { Policies, RoundPolicy } from '../../src/rounds/index.js'

/** The policies that have come to one peer, as its owners' file would bring them. */
export class PolicyFile implements Policies {
  private readonly known: RoundPolicy[]
  protected last: Partial<RoundPolicy> = {}

  constructor(first: RoundPolicy) {
    this.known = [first]
  }

  newest(): RoundPolicy { return this.known.at(-1)! }

  of(version: number): RoundPolicy | undefined {
    return version < this.known[0]!.version ? this.known[0] : this.known.find((one) => one.version === version)
  }

  /** The owners' next policy arrives. */
  bring(change: Partial<RoundPolicy>): void {
    this.last = change
    this.known.push({ ...this.newest(), version: this.newest().version + 1, ...change })
  }
}

/** What an owner's signature would say. */
const SIGNED = 'signed by the owners'

/** A policy file whose newest policy goes from peer to peer. */
export class TravellingPolicy extends PolicyFile {
  signed(): Uint8Array {
    return encodeCanonical({ by: SIGNED, change: this.last })
  }

  take(bytes: Uint8Array): Promise<boolean> {
    const { by, change } = decodeCanonical(bytes) as { by: string, change: Partial<RoundPolicy> }
    if (by !== SIGNED) return Promise.reject(new Error('this is not what the owners signed'))
    this.bring(change)
    return Promise.resolve(true)
  }
}
