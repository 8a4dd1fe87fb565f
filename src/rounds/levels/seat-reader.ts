import type { ContentId, PeerId } from '../../network/index.js'
import type { Stored } from '../records/cluster-record.js'

import type { LevelRecord } from '../records/level-record.js'
import type { Report } from './report.js'

/** Where a report is to be had. */
export interface ReportSource {
  readonly seat: string
  readonly record: ContentId
  readonly commit: ContentId
  readonly holders: readonly PeerId[]
}

/** Pulls what a seat reports, back to the record that is listed, and checks it link by link. */
export interface SeatReader {
  /**
   * @param parent - the record to whose successor it is reported
   * @throws RoundsError EVIDENCE_REFUSED, CHAIN_REFUSED, COMMIT_REFUSED, RECORD_MALFORMED; the transport's errors
   */
  read(parent: Stored<LevelRecord>, source: ReportSource): Promise<Report>
}

/** Records that are walked back at most from a reported record to the listed one. */
export const LINKS_AT_MOST = 4096
