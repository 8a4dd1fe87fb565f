import type { LaterRoster, Through } from '../../hierarchy/index.js'
import type { ContentId } from '../../network/index.js'
import type { Stored } from '../records/cluster-record.js'
import type { LevelRecord } from '../records/level-record.js'

import type { Report } from './report.js'

/** Reports of a seat whose rosters stay: an agreement that takes longer than so many records of its clusters needs the newest ones. */
const KEPT = 8

/** Who speaks for the seats by the reports that were proved here, of which the newest may not be listed yet. */
export class LaterRosters {
  /** By seat, the newest first. */
  private readonly bySeat = new Map<string, readonly Report[]>()
  /** Those that commits name, by the commit that a certificate names: of the last record, and of the one before it. */
  private named = new Map<ContentId, Report>()
  private namedBefore = new Map<ContentId, Report>()

  add(report: Report): void {
    const before = this.bySeat.get(report.seat) ?? []
    if (before.some(({ commit }) => commit === report.commit)) return
    this.bySeat.set(report.seat, [report, ...before].slice(0, KEPT))
  }

  /** A commit names it: it stays until another record follows the one that is agreed on next. */
  hold(report: Report): void {
    this.named.set(report.commit, report)
  }

  /** There is another record. */
  turn(): void {
    this.namedBefore = this.named
    this.named = new Map()
  }

  /** Those after the record that `parent` lists. */
  since(parent: Stored<LevelRecord>, seat: string): readonly LaterRoster[] {
    const listed = listedRound(parent, seat)
    return (this.bySeat.get(seat) ?? []).filter(({ stored }) => stored.record.round > listed).map(({ stored, commit, members }) => ({ through: { record: stored.id, commit }, members }))
  }

  /** One of them, as a certificate names it. */
  get(parent: Stored<LevelRecord>, seat: string, { record, commit }: Through): Report | undefined {
    const known = this.named.get(commit) ?? this.namedBefore.get(commit) ?? this.bySeat.get(seat)?.find((one) => one.commit === commit)
    return known?.seat === seat && known.stored.id === record && known.stored.record.round > listedRound(parent, seat) ? known : undefined
  }
}

function listedRound(parent: Stored<LevelRecord>, seat: string): number {
  return parent.record.seats.find((one) => one.seat === seat)?.round ?? Infinity
}
