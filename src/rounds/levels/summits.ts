import type { ContentId } from '../../network/index.js'

/** In units of a peer's patience, the longest time in which nobody tells how far a level is. */
const PAUSES_AT_MOST = 4

/** The topics on which a peer tells how far a level is are its own and the one below; but topics are names that others choose. */
const TOPICS_KEPT = 4

/** How often somebody has told of a record, and when last: milliseconds of this peer's clock. */
interface Telling {
  readonly record: ContentId
  readonly times: number
  readonly at: number
}

/** Remembers who has told how far a level is, on each topic, so that not everybody does. */
export class Summits {
  private readonly tellings = new Map<string, Telling>()

  /**
   * Whether it is for this peer to tell of a record. Whoever has missed the first times hears it by heartbeats, too: the longer a record stands, the more
   * rarely it is told.
   *
   * @param patienceMs - how long this peer waits for others to tell
   */
  isDue(topic: string, record: ContentId, now: number, patienceMs: number): boolean {
    const last = this.tellings.get(topic)
    return last?.record !== record || now - last.at >= patienceMs * Math.min(last.times, PAUSES_AT_MOST)
  }

  /** Somebody has told of a record. */
  note(topic: string, record: ContentId, now: number): void {
    const last = this.tellings.get(topic)
    if (last === undefined && this.tellings.size >= TOPICS_KEPT) return
    this.tellings.set(topic, { record, times: last?.record === record ? last.times + 1 : 1, at: now })
  }
}
