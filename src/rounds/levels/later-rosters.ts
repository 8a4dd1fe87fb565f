import type { LaterRoster, Through } from '../../hierarchy/index.js'
import type { PeerId } from '../../network/index.js'
import type { Stored } from '../records/cluster-record.js'
import type { LevelRecord } from '../records/level-record.js'

import type { Report } from './report.js'

/** Reports of a seat whose rosters stay: an agreement that takes longer than so many records of its clusters needs the newest ones. */
const KEPT = 8

/** Who speaks for the seats by the reports that were proved here, of which the newest may not be listed yet. */
export class LaterRosters {
  /** By seat, the newest first. */
  private readonly bySeat = new Map<string, readonly { readonly round: number, readonly roster: LaterRoster }[]>()

  add({ seat, stored: { id: record, record: { round } }, commit, members }: Report): void {
    const before = this.bySeat.get(seat) ?? []
    if (before.some(({ roster }) => roster.through.commit === commit)) return
    this.bySeat.set(seat, [{ round, roster: { through: { record, commit }, members } }, ...before].slice(0, KEPT))
  }

  /** Those after the record that `parent` lists. */
  since(parent: Stored<LevelRecord>, seat: string): readonly LaterRoster[] {
    const listed = parent.record.seats.find((one) => one.seat === seat)?.round ?? Infinity
    return (this.bySeat.get(seat) ?? []).filter(({ round }) => round > listed).map(({ roster }) => roster)
  }

  get(parent: Stored<LevelRecord>, seat: string, { record, commit }: Through): readonly PeerId[] | undefined {
    return this.since(parent, seat).find(({ through }) => through.commit === commit && through.record === record)?.members
  }
}
