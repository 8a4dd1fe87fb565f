import type { ContentId } from '../../network/index.js'
import type { Stored, Trunk } from '../records/cluster-record.js'
import type { RecordState } from '../records/state.js'

/** What a level sees of the chain of its own seat: that of the peer's cluster or, higher up, of the cluster of seats one level down. */
export interface Below {
  readonly tip: Stored<Trunk>
  /** A commit of the tip; null for the founding record. */
  readonly commit: object | null
  readonly state: RecordState
  /** Ids of the chain from the tip back to `stop`, the tip first. */
  backTo(stop: ContentId): ContentId[]
}
