import type { ContentId } from '../../network/index.js'
import type { Library } from '../cluster/library.js'

import type { CompleteReport, Report } from './report.js'

/**
 * What a level's records follow from, on disk and shown to others: who has not had it must be able to get it here as long as an agreement goes on, though the
 * clusters that it came from may have long forgotten it. What the record before the last one followed from is let go: whoever catches up starts later.
 */
export class Evidence {
  private kept: ContentId[] = []
  private leaving: ContentId[] = []
  /** Commits that prove rosters and are among what is kept. */
  private readonly proofs = new Set<ContentId>()

  /** @param ownSeat - whose records belong to its own chain, and are not this one's to let go */
  constructor(private readonly library: Library, private readonly ownSeat: () => string) {}

  /** A record that may be agreed on, and the reports that it follows from. */
  async keepRecord(bytes: Uint8Array, reports: readonly CompleteReport[]): Promise<void> {
    const offers = reports.flatMap(({ offer }) => offer === null ? [] : [offer.content, offer.velocity])
    for (const each of [bytes, ...offers]) await this.keep(each)
    for (const report of reports) await this.keepReport(report)
  }

  /** What proves a roster: votes that name it stand wherever it is proved, so that whoever counts them must be able to show it. */
  async keepProof(report: Report): Promise<void> {
    if (this.proofs.has(report.commit)) return
    this.proofs.add(report.commit)
    try {
      await this.keepReport(report)
    } catch (error) {
      this.proofs.delete(report.commit)
      throw error
    }
  }

  /** There is another record of the level. */
  async turn(): Promise<void> {
    const settled = this.leaving
    this.leaving = this.kept
    this.kept = []
    this.proofs.clear()
    for (const id of settled) await this.library.release(id)
  }

  private async keepReport({ seat, stored, commitBytes }: Report): Promise<void> {
    await this.keep(commitBytes)
    if (seat !== this.ownSeat()) await this.keep(stored.bytes)
  }

  private async keep(bytes: Uint8Array): Promise<void> {
    this.kept.push(await this.library.keep(bytes))
  }
}
