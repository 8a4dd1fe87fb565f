/**
 * Tells whether a cluster stands still though it need not: whether a quorum of the same peers has been connected for so long without any record. Moments are milliseconds of one clock.
 */
export class WedgeWatch {
  private core: readonly number[] = []
  private since = 0
  private wedges = 0
  private isWedged = false
  private longest = 0

  constructor(private readonly quorum: number, private readonly patienceMs: number) {}

  /** Times at which it stood still for too long. */
  get wedged(): number { return this.wedges }

  /** The longest time that a connected quorum took for a record, milliseconds. */
  get longestWaitMs(): number { return this.longest }

  /**
   * @param connected - who is connected now
   * @param lastRecordAt - when the cluster got its last record
   */
  look(now: number, connected: readonly number[], lastRecordAt: number): void {
    const stayed = this.core.filter((peer) => connected.includes(peer))
    if (stayed.length >= this.quorum) {
      this.core = stayed
    } else {
      // Who comes together now has all the time from now on.
      this.core = connected
      this.since = now
    }
    const waited = this.core.length < this.quorum ? 0 : now - Math.max(this.since, lastRecordAt)
    this.longest = Math.max(this.longest, waited)
    if (waited > this.patienceMs && !this.isWedged) this.wedges++
    this.isWedged = waited > this.patienceMs
  }
}
