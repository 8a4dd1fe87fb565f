import type { Clock } from '../../telemetry/index.js'

/** Keys that are remembered; those that have been quiet longest are forgotten first, and begin anew with a full allowance. */
const REMEMBERED = 4096

interface Bucket { allowance: number, at: number }

/** Lets each key do so much at once, and so much a second on average: a token bucket a key. */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>()

  /**
   * @param perSecond - what comes back each second; Infinity for no limit
   * @param burst - what may be taken at once
   */
  constructor(private readonly clock: Clock, private readonly perSecond: number, private readonly burst: number) {}

  /** Takes one, or `amount`; false, and nothing is taken, where the key has had its share. */
  take(key: string, amount = 1): boolean {
    if (this.perSecond === Infinity) return true
    const bucket = this.bucketOf(key)
    if (bucket.allowance < amount) return false
    bucket.allowance -= amount
    return true
  }

  /** Takes an amount in any case, also on credit. @returns milliseconds to wait until it is paid for */
  owe(key: string, amount: number): number {
    if (this.perSecond === Infinity) return 0
    const bucket = this.bucketOf(key)
    bucket.allowance -= amount
    return bucket.allowance >= 0 ? 0 : -bucket.allowance / this.perSecond * 1000
  }

  private bucketOf(key: string): Bucket {
    const now = this.clock.now()
    const known = this.buckets.get(key)
    const bucket = known === undefined
      ? { allowance: this.burst, at: now }
      : { allowance: Math.min(this.burst, known.allowance + (now - known.at) / 1000 * this.perSecond), at: now }
    this.buckets.delete(key)
    this.buckets.set(key, bucket)
    if (this.buckets.size > REMEMBERED) this.buckets.delete(this.buckets.keys().next().value!)
    return bucket
  }
}
