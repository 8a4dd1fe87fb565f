import type { ContentId } from '../../network/index.js'

/** In units of a peer's patience, the longest time in which nobody tells of a record. */
const PAUSES_AT_MOST = 4

/** What a peer tells of is its own cluster, and topics of its own and the one below; but topics are names that others choose. */
const SUBJECTS_KEPT = 4

/** How often somebody has told of a record, and when last: milliseconds of this peer's clock. */
interface Telling {
  readonly record: ContentId
  readonly times: number
  readonly at: number
}

/** Remembers who has told of the newest record of a cluster or on a topic, so that not everybody does. */
export class Tellings {
  private readonly last = new Map<string, Telling>()

  /**
   * Whether it is for this peer to tell of a record. Whoever has missed the first times hears it later: the longer a record stands, the more rarely it is told.
   *
   * @param patienceMs - how long this peer waits for others to tell
   */
  isDue(subject: string, record: ContentId, now: number, patienceMs: number): boolean {
    const last = this.last.get(subject)
    return last?.record !== record || now - last.at >= patienceMs * Math.min(last.times, PAUSES_AT_MOST)
  }

  /** Somebody has told of a record. */
  note(subject: string, record: ContentId, at: number): void {
    const last = this.last.get(subject)
    if (last === undefined && this.last.size >= SUBJECTS_KEPT) return
    this.last.set(subject, { record, times: last?.record === record ? last.times + 1 : 1, at })
  }
}
