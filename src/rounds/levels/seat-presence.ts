import type { ContentId } from '../../network/index.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { CarriedPayload } from '../messages/wire.js'
import type { LevelCommit, LevelRecord } from '../records/level-record.js'

import type { LevelChain } from './level-chain.js'
import type { Reports } from './reports.js'
import type { SeatVoting } from './seat-voting.js'
import { silencedBy } from './silenced.js'

/** Which seats are there, as far as this peer knows, so that no proposer takes the vote of one that is. */
export class SeatPresence {
  /** The agreement on the tip: its late votes still show which seats are there. */
  private ended: SeatVoting | undefined
  /** Seats that signed the tip, and since when this peer has known: milliseconds of its clock. */
  private readonly signed = new Map<string, number>()
  /** When this peer first looked at each proposed record. */
  private readonly seen = new Map<ContentId, number>()

  constructor(private readonly context: Context, private readonly chain: LevelChain, private readonly reports: Reports) {}

  /** There is a new tip. @param ended - the agreement that was under way, whether or not this peer saw how it ended */
  begin(ended: SeatVoting | undefined): void {
    this.ended = ended
    this.signed.clear()
    this.seen.clear()
    this.noteSigned()
  }

  receiveShares({ instance, shares }: CarriedPayload<'shares'>): void {
    if (instance === this.ended?.instance) this.ended.receiveShares(shares)
  }

  receiveCertificates({ instance, certificates }: CarriedPayload<'certificates'>): void {
    if (instance === this.ended?.instance) this.ended.receiveCertificates(certificates)
  }

  /** Which seats have signed the tip by now: the next record shows it. */
  noteSigned(): void {
    const { chain } = this
    const agreed = this.agreed()
    if (agreed !== undefined) chain.improve(chain.tip.id, agreed.voting.grown(chain.tip.id, agreed.commit))
    const now = this.context.clock.now()
    for (const { seat } of chain.carried?.seats ?? []) if (!this.signed.has(seat)) this.signed.set(seat, now)
  }

  /** A record is proposed. */
  look(record: ContentId): void {
    if (!this.seen.has(record)) this.seen.set(record, this.context.clock.now())
  }

  /** @throws RoundsError EVIDENCE_REFUSED where a proposed record passes over a seat that its proposer must have heard of */
  check(id: ContentId, record: LevelRecord, term: number): void {
    this.noteSigned()
    const { context: { policy: { heartbeatMs }, clock }, chain, reports, signed } = this
    const due = new Map(reports.due().map(({ seat }) => [seat, reports.sinceOf(seat)!]))
    const wrong = silencedBy(record, chain.tip.record, { due, signed, seen: this.seen.get(id) ?? clock.now(), term, heartbeatMs })
    if (wrong === undefined) return
    // An honest proposer does not know who has signed since: the next one shall.
    const agreed = this.agreed()
    agreed?.voting.retell(chain.tip.id, agreed.commit)
    throw new RoundsError('EVIDENCE_REFUSED', `the record of seats proposed for round ${record.round} of ${record.cluster} cannot be agreed on: ${wrong}`)
  }

  private agreed(): { readonly voting: SeatVoting, readonly commit: LevelCommit } | undefined {
    const { chain: { tip, carried: commit }, ended: voting } = this
    return voting === undefined || commit === null || voting.round !== tip.record.round ? undefined : { voting, commit }
  }
}
