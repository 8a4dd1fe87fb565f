/** Said at each of the first heartbeats, then at each of so many: what others have not heard by then waits for them to come back. */
const OFTEN_AT_FIRST = 4
const RARELY = 4

/** When something that is said each heartbeat, in case it was lost, is due: often while it is new, rarely later. */
export class Fading {
  private last: string | undefined
  private times = 0

  /**
   * Called each heartbeat.
   *
   * @param what - is to be said: another thing than before is new
   */
  isDue(what: string): boolean {
    if (what !== this.last) this.times = 0
    this.last = what
    this.times++
    return this.times <= OFTEN_AT_FIRST || this.times % RARELY === 0
  }
}
