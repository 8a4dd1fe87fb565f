import type { ContentId, PeerId } from '../../network/index.js'
import type { Library } from '../cluster/library.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import { MAXIMUM_COMMIT_BYTES } from '../limits.js'
import type { Stored } from '../records/cluster-record.js'

import { checkLevelCommit, checkLevelSuccessor } from './level-commit.js'
import { decodeLevelCommit, decodeLevelRecord } from '../records/level-record.js'
import type { LevelRecord, Seat } from '../records/level-record.js'
import { seatOf } from './report.js'
import type { Report } from './report.js'
import { LINKS_AT_MOST } from './seat-reader.js'
import type { ReportSource, SeatReader } from './seat-reader.js'

/** Records that stay: the last ones of every seat. */
const RECORDS_KEPT = 128

/** Reads what clusters of seats report. Their records are final, so the chain and the last commit say all. */
export class LevelSeatReader implements SeatReader {
  private readonly records = new Map<ContentId, Stored<LevelRecord>>()

  constructor(
    private readonly context: Context,
    private readonly library: Library,
    /** The founding record of a cluster with a seat here. */
    private readonly foundingOf: (seat: string) => Stored<LevelRecord>,
  ) {}

  async read(parent: Stored<LevelRecord>, { seat, record: id, commit: commitId, holders }: ReportSource): Promise<Report> {
    const { context, library } = this
    const commitBytes = await library.get(commitId, holders, MAXIMUM_COMMIT_BYTES)
    const commit = decodeLevelCommit(commitBytes)
    const last = await this.record(id, holders)
    if (last.record.cluster !== seat || last.record.network !== context.network) throw refusal(last, `it is of ${last.record.cluster}`)
    const listed = seatOf(parent, seat, last.record.round)
    const links = await this.linksTo(this.firstOf(listed), last, holders)
    for (let at = 1; at < links.length; at++) checkLevelSuccessor(links[at - 2], links[at - 1]!, links[at]!, context.verify)
    checkLevelCommit(links.at(-2)!, last, commit, context.verify)
    return { seat, stored: last, commit: commitId, commitBytes, members: last.record.delegates, born: [], asksToClose: false }
  }

  private firstOf({ seat, round, record }: Seat): ContentId {
    if (round > 0) return record
    const founding = this.foundingOf(seat)
    this.records.set(founding.id, founding)
    return founding.id
  }

  private async linksTo(first: ContentId, last: Stored<LevelRecord>, holders: readonly PeerId[]): Promise<Stored<LevelRecord>[]> {
    const links = [last]
    while (links[0]!.id !== first) {
      const { parent } = links[0]!.record
      if (parent === null || links.length > LINKS_AT_MOST) throw refusal(last, 'its chain does not go back to the record that is listed')
      links.unshift(await this.record(parent, holders))
    }
    return links
  }

  private async record(id: ContentId, holders: readonly PeerId[]): Promise<Stored<LevelRecord>> {
    const known = this.records.get(id)
    if (known !== undefined) return known
    const stored = decodeLevelRecord(await this.library.get(id, holders.filter((peer) => peer !== this.context.self)))
    this.records.set(id, stored)
    if (this.records.size > RECORDS_KEPT) this.records.delete(this.records.keys().next().value!)
    return stored
  }
}

function refusal({ record: { cluster, round } }: Stored<LevelRecord>, what: string): RoundsError {
  return new RoundsError('EVIDENCE_REFUSED', `the report of ${cluster} from its round ${round} is refused: ${what}`)
}
