import type { RoundEvents } from '../../src/rounds/index.js'
import type { Store } from '../../src/store/index.js'
import type { Logger } from '../../src/telemetry/index.js'

const LOG = 'rounds'
/** Rounds kept in memory; the log on disk has them all. */
const KEPT = 1000

/** What became of the deltas of a round, as its record says. */
export type RoundNews = RoundEvents['record:committed'] & { readonly time: number }

/** The rounds of this node, so that a peer can say why a delta was refused long after. */
export class History {
  #rounds: RoundNews[] = []

  private constructor(private readonly store: Store, private readonly log: Logger) {}

  static async open(store: Store, log: Logger): Promise<History> {
    const history = new History(store, log)
    const kept = await store.readLog(LOG).catch((error: unknown) => {
      log.warn('the history of rounds could not be read and starts anew', { error })
      return []
    })
    history.#rounds = (kept as RoundNews[]).slice(-KEPT)
    return history
  }

  get rounds(): readonly RoundNews[] { return this.#rounds }

  add(news: RoundNews): void {
    this.#rounds.push(news)
    if (this.#rounds.length > 2 * KEPT) this.#rounds = this.#rounds.slice(-KEPT)
    this.store.appendLog(LOG, news).catch((error: unknown) => this.log.warn('a round could not be written to the history', { error }))
  }
}
