import { ROOT } from '../../hierarchy/index.js'
import type { Member } from '../../hierarchy/index.js'
import type { ContentId } from '../../network/index.js'
import type { ClusterHeader, Rollback, Stored } from './cluster-record.js'
import { hasLevelAbove, noLink } from './up-and-down.js'

import { bornSeat, encodeLevelRecord, firstOfLevel, NOT_LISTED } from './level-record.js'
import type { LevelRecord } from './level-record.js'

/** One of the two seats of a first top. */
interface Half {
  readonly cluster: string
  readonly members: readonly Member[]
}

/** What a first top is made of. */
export interface TopOf {
  readonly network: ContentId
  readonly policy: number
  readonly domain: string
  /** Of the record that splits the only cluster. */
  readonly round: number
  readonly adapter: ContentId
  readonly velocity: ContentId
  readonly residual: ContentId
  readonly rollback: Rollback | null
  readonly halves: readonly [Half, Half]
}

/**
 * Round 0 of the first level above what was the only cluster: its seats are the two halves, its values those that both start from. It follows from the record
 * that splits the cluster, which names it by hash as the record above; that is why it cannot name that record, and its seats name none.
 */
export function firstTop({ network, policy, domain, round, adapter, velocity, residual, rollback, halves }: TopOf): Stored<LevelRecord> {
  const seats = halves.map((half) => bornSeat({ ...half, domain, round, policy }, NOT_LISTED, 0))
  return encodeLevelRecord({
    ...firstOfLevel(),
    network,
    policy,
    level: 1,
    cluster: ROOT,
    seats: seats.sort((a, b) => (a.seat < b.seat ? -1 : 1)),
    delegates: [],
    upper: noLink({ adapter, velocity }),
    adapter,
    velocity,
    residual,
    // What the only cluster has gone back to, the top has.
    rollback: rollback === null ? null : { record: rollback.record, round: 0 },
  })
}

/**
 * The first top that a record has made.
 *
 * @returns undefined where it splits nothing, or there was a level above already
 */
export function topMadeBy(parent: Pick<ClusterHeader, 'upper'>, { record }: Pick<Stored<ClusterHeader>, 'record'>): Stored<LevelRecord> | undefined {
  return record.split !== undefined && !hasLevelAbove(parent) && hasLevelAbove(record) ? topOf(record) : undefined
}

/** The first top of a record that is known to have made one. */
export function topOf(record: ClusterHeader): Stored<LevelRecord> {
  const { network, policy, domain, round, adapter, velocity, residual, rollback, cluster, members, split } = record
  return firstTop({ network, policy, domain, round, adapter, velocity, residual, rollback, halves: [{ cluster, members }, split!] })
}
