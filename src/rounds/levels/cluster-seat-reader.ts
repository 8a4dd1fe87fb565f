import { asksToClose, releasedQuorum } from '../../hierarchy/index.js'
import type { ContentId } from '../../network/index.js'
import type { Library } from '../cluster/library.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import { MAXIMUM_COMMIT_BYTES } from '../limits.js'
import type { ClusterHeader, Commit, FullPoint, Stored } from '../records/cluster-record.js'
import { checkCommit, checkSuccessor } from '../records/commit.js'
import { fullPoint } from '../records/fullness.js'
import { decodeClusterHeader, decodeCommit } from '../records/record-bytes.js'
import { twinOf } from '../records/split.js'

import type { LevelChain } from './level-chain.js'
import type { LevelRecord, Seat } from '../records/level-record.js'
import { NOT_LISTED, speakersOf } from '../records/level-record.js'
import { seatOf } from './report.js'
import type { Report } from './report.js'
import { LINKS_AT_MOST } from './seat-reader.js'
import type { ReportSource, SeatReader } from './seat-reader.js'

/** Headers that stay: the last ones of every seat. */
const HEADERS_KEPT = 256

/** Reads what clusters of peers report. Listing a record makes it full, so a provisional one must be fit for that. */
export class ClusterSeatReader implements SeatReader {
  private readonly headers = new Map<ContentId, Stored<ClusterHeader>>()

  constructor(
    private readonly context: Context,
    private readonly library: Library,
    private readonly level: LevelChain,
    /** The record from which a seat of the founding record starts. */
    private readonly foundingOf: (seat: string) => Stored<ClusterHeader>,
  ) {}

  async read(parent: Stored<LevelRecord>, { seat, record: id, commit: commitId, holders }: ReportSource): Promise<Report> {
    const { library, context } = this
    const [commitBytes, last] = await Promise.all([library.get(commitId, holders, MAXIMUM_COMMIT_BYTES), this.header(id, holders)])
    const commit = decodeCommit(commitBytes)
    if (last.record.cluster !== seat || last.record.network !== context.network) throw refusal(last, `it is of ${last.record.cluster}`)
    const listed = seatOf(parent, seat, last.record.round)
    const links = await this.linksTo(this.firstOf(listed), last, [...holders, ...commit.precommits.map(({ peer }) => peer)])
    for (const [at, next] of links.slice(1).entries()) {
      const before = links[at]!
      checkSuccessor(before, next, await this.listedBetween(before.record, next.record, seat), context.verify)
    }
    checkCommit(last, commit, context.verify)
    checkStanding(links.at(-2)!, last, commit, listed)
    return {
      seat, stored: last, commit: commitId, commitBytes,
      members: speakersOf(last.record, commit),
      born: links.slice(1).filter(({ record }) => record.split !== undefined).map(twinOf),
      asksToClose: asksToClose(last.record.small ?? 0),
    }
  }

  /** The listed record's id; the founding one's is known to all. */
  private firstOf({ seat, record }: Seat): ContentId {
    if (record !== NOT_LISTED) return record
    const founding = this.foundingOf(seat)
    this.headers.set(founding.id, founding)
    return founding.id
  }

  /** From the record `first` to `last`, both included. */
  private async linksTo(first: ContentId, last: Stored<ClusterHeader>, holders: readonly string[]): Promise<Stored<ClusterHeader>[]> {
    const links = [last]
    while (links[0]!.id !== first) {
      const { parent } = links[0]!.record
      if (parent === null || links.length > LINKS_AT_MOST) throw refusal(last, 'its chain does not go back to the record that is listed')
      links.unshift(await this.header(parent, holders))
    }
    return links
  }

  private async header(id: ContentId, holders: readonly string[]): Promise<Stored<ClusterHeader>> {
    const known = this.headers.get(id)
    if (known !== undefined) return known
    const header = decodeClusterHeader(await this.library.get(id, holders.filter((peer) => peer !== this.context.self)))
    this.headers.set(id, header)
    if (this.headers.size > HEADERS_KEPT) this.headers.delete(this.headers.keys().next().value!)
    return header
  }

  /** What this level has made full of a chain between what two of its records have taken over. */
  private async listedBetween({ upper: before }: ClusterHeader, { upper, round }: ClusterHeader, seat: string): Promise<FullPoint | null> {
    if (before.record === upper.record) return null
    // Every listing of a seat is an ancestor of the next one, so all of them are of this chain.
    const news = await this.level.newsOf(seat, before.record, upper.record, () => true)
    if (news === undefined) throw new RoundsError('EVIDENCE_REFUSED', `round ${round} of ${seat} has taken over round ${upper.round} of ${this.level.cluster}, which is not known here`)
    return news.listed
  }
}

/**
 * A full record stands by its chain. A provisional one needs more than half of the last full record's members, free of any other record that could have
 * become full: listing makes it so.
 */
function checkStanding(parent: Stored<ClusterHeader>, last: Stored<ClusterHeader>, commit: Commit, listed: Seat): void {
  if (last.record.base === null) return
  const own = fullPoint(parent, last.record.carried)
  const members = own.round >= listed.round ? own.members : listed.members
  const isOwn = own.record === last.record.base.record && own.round >= listed.round
  const released = isOwn ? last.record.released.length : 0
  const free = commit.precommits.filter((one) => one.free && members.includes(one.peer)).length
  if (2 * free <= members.length - released && free < releasedQuorum(members.length, released)) throw refusal(last, `${free} of ${members.length} members of the last full record signed it and are free to, which is not more than half`)
}

function refusal({ record: { cluster, round } }: Stored<ClusterHeader>, what: string): RoundsError {
  return new RoundsError('EVIDENCE_REFUSED', `the report of ${cluster} from its round ${round} is refused: ${what}`)
}
