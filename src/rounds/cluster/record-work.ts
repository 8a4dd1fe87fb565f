import { encodedLength } from '../../adapter/index.js'
import { honestMinimum, quorumOf } from '../../hierarchy/index.js'
import type { Member, Placeable } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import type { Opened } from '../messages/wire.js'
import { closeWith, openList } from '../records/closing.js'
import type { Closed, RoundPlace } from '../records/closing.js'
import type { ClusterRecord, Commit, Entry, Stored } from '../records/cluster-record.js'
import { checkCommit } from '../records/commit.js'
import { LATE_ROUNDS } from '../limits.js'
import { policyFor } from '../policies.js'
import type { RoundPolicy } from '../policy.js'
import { admissible } from '../records/compute-record.js'
import type { ComputedRecord, RecordInput } from '../records/compute-record.js'
import { dueRollback } from '../records/rollback.js'
import { sharedRecord } from '../records/shared-record.js'
import type { RecordState, FromAbove } from '../records/state.js'
import { hasLevelAbove } from '../records/up-and-down.js'

import { CARRIED_AT_MOST, evidenceOf } from './gathering.js'
import type { Gathering } from './gathering.js'
import type { Chain } from './chain.js'
import type { Library } from './library.js'
import type { Silence } from './silence.js'

export interface RecordPorts {
  /** The newest record from above that has come after the parent's. */
  above(): FromAbove | undefined
  /** A record from above by its id, if it is known or can be had. */
  findAbove(record: ContentId, holders: readonly PeerId[]): Promise<FromAbove | undefined>
  /** Seats that have a vote after a record from above; undefined where it is not known here. */
  activeSeats(record: ContentId): readonly Placeable[] | undefined
  /** The version by which this peer would have the next round computed. */
  nextPolicy(): number
  /** Whether a peer has asked for long enough to be added, and shows what the owners ask for. */
  mayBeAdded(join: Opened<'join'>): boolean
  /** Since when a stranger has been asking: who has asked longest is added first. Milliseconds of this peer's clock. */
  askingSince(peer: PeerId): number
  /** How many peers stand behind a reunion's manifest; undefined where its proof does not hold, or cannot be had. */
  checkReunion(manifest: Opened<'manifest'>): Promise<number | undefined>
}

/** Outcomes that follow without a look at the bytes. */
const WITHOUT_BYTES = new Set(['PARENT', 'SETTLED', 'DUPLICATE', 'REUNION', 'ROLLBACK'])

/** The bytes of a round's deltas, and the records computed from them: our own, and those that others propose. */
export class RecordWork {
  readonly bytes = new Map<ContentId, Uint8Array>()
  private readonly computed = new Map<ContentId, ComputedRecord>()
  private readonly reunions = new Map<ContentId, number>()
  /** Where the round started: the chain may have moved on by the time that something has been pulled. */
  private readonly parent: Stored<ClusterRecord>
  private readonly state: RecordState
  private readonly base: readonly Member[]
  /** The policy to which a quorum could have gone on when the round began. */
  private readonly duePolicy: number
  private carried: Commit | null
  /** When this peer began to agree, and when it first looked at each record: milliseconds of its clock. */
  private agreeingSince: number | undefined
  private readonly seen = new Map<ContentId, number>()

  constructor(
    private readonly context: Context,
    private readonly library: Library,
    private readonly chain: Chain,
    private readonly gathering: Gathering,
    private readonly silence: Silence,
    private readonly ports: RecordPorts,
  ) {
    this.parent = chain.tip
    this.state = chain.state
    this.base = chain.membersAt(chain.full)
    this.carried = chain.commit
    this.duePolicy = ports.nextPolicy()
  }

  /** From now on the proposer, too, knows all that it will wait for. */
  beginAgreeing(): void { this.agreeingSince = this.context.clock.now() }

  /** What was computed for a record, if it was. */
  of(record: ContentId): ComputedRecord | undefined {
    return this.computed.get(record)
  }

  /** Pulls the bytes of a delta; keeps trying nobody. @returns whether they are here */
  async fetch(manifest: Opened<'manifest'>, more: readonly PeerId[] = []): Promise<boolean> {
    const { peer, payload: { content } } = manifest
    if (this.bytes.has(content)) return true
    const holders = [...new Set([peer, ...this.gathering.holdersOf(content), ...more])].filter((holder) => holder !== this.context.self)
    try {
      const bytes = await this.library.get(content, holders, encodedLength(this.context.length))
      if (!this.bytes.has(content)) {
        this.bytes.set(content, bytes)
        this.library.offer(bytes)
        this.context.events.emit('delta:pulled', { round: this.parent.record.round + 1, peer, content, bytes: bytes.length })
      }
      return true
    } catch {
      return false
    }
  }

  /** Adds bytes of this peer's own delta, to be shown from now on. */
  reveal(content: ContentId, bytes: Uint8Array): void {
    if (this.bytes.has(content)) return
    this.bytes.set(content, bytes)
    this.library.offer(bytes)
  }

  /** Computes the record that this peer would propose. */
  async build(place: RoundPlace, closed: Closed, audits: readonly Opened<'audit'>[]): Promise<{ readonly id: ContentId, readonly size: number }> {
    const manifests = this.gathering.take(closed.manifests)
    const missing = new Set<ContentId>()
    for (const manifest of manifests) {
      if (!this.isAvailable(manifest, place) || !await this.reunionKnown(manifest)) missing.add(manifest.id)
    }
    // Signatures that came in after the decision show who was there.
    if (this.chain.tip.id === this.parent.id) this.carried = this.chain.commit
    const common = this.common(place)
    const members = this.parent.record.members.map(({ peer }) => peer)
    const askedSince = ({ peer }: Opened<'join'>): number => this.ports.askingSince(peer)
    const joins = [...this.gathering.joins.values()].sort((a, b) => askedSince(a) - askedSince(b))
    const added = admissible(joins, common).slice(0, CARRIED_AT_MOST)
    const input: RecordInput = {
      ...common,
      ...await this.following(this.ports.nextPolicy(), members),
      carried: this.carried,
      above: this.ports.above(),
      closed,
      manifests,
      missing,
      audits,
      joins: added,
      leaves: [...this.gathering.leaves.values()],
      silent: this.silence.membersToDrop(added.length),
      cheats: [...this.gathering.cheats.values()],
    }
    const computed = sharedRecord(input)
    await this.remember(computed)
    return { id: computed.stored.id, size: computed.stored.bytes.length }
  }

  /**
   * Recomputes a proposed record from its own evidence.
   *
   * @param ownAudit - what this peer has signed in this round: it must be there unaltered
   * @param term - of the agreement, by now
   * @throws RoundsError and the transport's errors where it cannot be checked now
   */
  async verify(place: RoundPlace, id: ContentId, holders: readonly PeerId[], ownAudit: Opened<'audit'> | undefined, term: number): Promise<boolean> {
    if (this.computed.has(id)) return true
    const seen = this.seen.get(id) ?? this.context.clock.now()
    this.seen.set(id, seen)
    const { record } = await this.library.record(id, holders)
    this.checkPlace(place, record)
    // As what is wrongly missing: asked again, since in later terms the record's word stands.
    if (record.policy < this.duePolicy && term < honestMinimum(place.voters.length)) throw refusal(record, `it stays with policy ${record.policy}, although a quorum has had policy ${this.duePolicy} since the round began`)
    const closed = closeWith(record.lists.map((list) => openList(list, place, this.context.verify)), place.voters)
    if (closed === undefined) throw refusal(record, `${record.lists.length} lists close nothing`)
    const { manifests, audits, joins, leaves } = evidenceOf(record, this.context.verify)
    if (ownAudit !== undefined && ownAudit.payload.seed === closed.seed && !audits.some((audit) => audit.id === ownAudit.id)) throw refusal(record, 'it leaves out what I have audited')
    for (const join of joins) if (!this.ports.mayBeAdded(join)) throw refusal(record, `it adds ${join.peer}, who has not asked for long enough, or shows no credential that holds`)
    if (term !== Infinity) for (const peer of record.silent) if (!this.silence.isSilent(peer)) throw refusal(record, `it takes ${peer} off the roster, of whom I have heard`)
    const missing = new Set(record.entries.flatMap((entry, at) => (isMissing(entry, manifests[at]!, record) ? [manifests[at]!.id] : [])))
    for (const [at, entry] of record.entries.entries()) {
      const manifest = manifests[at]!
      if (missing.has(manifest.id) || WITHOUT_BYTES.has(entry.reason) || entry.outcome === 'expired') continue
      if (!await this.fetch(manifest, holders)) throw refusal(record, `the bytes of ${manifest.payload.content.slice(0, 12)} cannot be had`)
      await this.reunionKnown(manifest)
    }
    for (const manifest of manifests) {
      if (missing.has(manifest.id) && this.isWronglyMissing(manifest, place, seen, term)) throw refusal(record, `it calls ${manifest.payload.content.slice(0, 12)} missing, which a quorum holds`)
    }
    const above = await this.aboveOf(record, holders)
    const following = await this.following(record.policy, holders)
    const computed = sharedRecord({ ...this.common(place), ...following, carried: record.carried, above, closed, manifests, missing, audits, joins, leaves, silent: record.silent, cheats: record.cheats })
    if (computed.stored.id !== id) throw new RoundsError('RECORD_NOT_RECOMPUTED', `the record ${id.slice(0, 12)} of round ${place.round} is not what follows from its evidence (${difference(record, computed.stored.record)} differ)`)
    await this.remember(computed)
    return true
  }

  /**
   * Whether a proposer calls a delta missing that it must have known to be there: this peer holds its bytes, and when it first saw the record it knew of a
   * quorum that did. An honest proposer may know less, where marks were lost or came that moment: it has then waited for them (see `Agreeing.build`), and
   * what this peer knows is not older than a heartbeat, after which marks are said again. Of the proposers of the first terms one is honest; after them the
   * record's word stands, so that nothing waits for ever.
   */
  private isWronglyMissing({ payload: { content, reunion } }: Opened<'manifest'>, { voters }: RoundPlace, seen: number, term: number): boolean {
    if (reunion !== null || term >= honestMinimum(voters.length) || !this.bytes.has(content)) return false
    const since = this.gathering.heldSince(content, voters, quorumOf(voters.length))
    if (since === undefined || since > seen) return false
    const { heartbeatMs, deadlines } = this.context.policy
    const isHasty = this.agreeingSince === undefined || seen - this.agreeingSince < deadlines.propose / 4
    return isHasty || seen - since > heartbeatMs
  }

  private common(place: RoundPlace): Pick<RecordInput, 'policy' | 'clusters' | 'seats' | 'place' | 'parent' | 'state' | 'base' | 'bytes' | 'reunions' | 'verify'> {
    const { context } = this
    return {
      policy: this.policyOf(this.parent.record.policy),
      clusters: context.clusters,
      seats: this.ports.activeSeats(this.parent.record.upper.record),
      verify: context.verify,
      place,
      parent: this.parent,
      state: this.state,
      base: this.base,
      bytes: this.bytes,
      reunions: this.reunions,
    }
  }

  /** What the next record goes by, and what its owners have it go back to. */
  private async following(version: number, holders: readonly PeerId[]): Promise<Pick<RecordInput, 'next' | 'restored'>> {
    const next = this.policyOf(version)
    const rollback = dueRollback(this.parent.record, next, !hasLevelAbove(this.parent.record))
    return { next, restored: rollback === undefined ? undefined : await this.library.restored(rollback, holders) }
  }

  private policyOf(version: number): RoundPolicy {
    return policyFor(`round ${this.parent.record.round + 1}`, version, this.context.policies)
  }

  private checkPlace(place: RoundPlace, record: ClusterRecord): void {
    const { parent } = this
    if (record.round !== place.round || record.parent !== parent.id || record.voters.join() !== place.voters.join()) throw refusal(record, 'it is of another round, parent or roster')
    if ((record.carried === null) !== (this.carried === null)) throw refusal(record, 'the commit that it carries')
    if (record.carried !== null) checkCommit(parent, record.carried, this.context.verify)
  }

  private async aboveOf(record: ClusterRecord, holders: readonly PeerId[]): Promise<FromAbove | undefined> {
    const known = this.parent.record.upper
    if (record.upper.record === known.record) return undefined
    const above = await this.ports.findAbove(record.upper.record, holders)
    if (above === undefined || above.round <= known.round) throw refusal(record, `the record ${record.upper.record.slice(0, 12)} from above is not known here`)
    return above
  }

  private async reunionKnown(manifest: Opened<'manifest'>): Promise<boolean> {
    if (manifest.payload.reunion === null || this.reunions.has(manifest.id)) return true
    const peers = await this.ports.checkReunion(manifest)
    if (peers !== undefined) this.reunions.set(manifest.id, peers)
    return peers !== undefined
  }

  /** Whether every closed delta is available to a quorum. */
  isAllAvailable(closed: Closed, place: RoundPlace): boolean {
    return this.gathering.take(closed.manifests).every((manifest) => this.isAvailable(manifest, place))
  }

  /** Whether enough voters hold the bytes for a record that counts them to be agreed on. */
  private isAvailable({ payload: { content } }: Opened<'manifest'>, { voters }: RoundPlace): boolean {
    if (!this.bytes.has(content)) return false
    const holders = new Set([this.context.self, ...this.gathering.holdersOf(content)])
    return voters.filter((voter) => holders.has(voter)).length >= quorumOf(voters.length)
  }

  /**
   * Keeps a record and the deltas that it follows from on disk: once a member is bound to it, it must be able to show and to recompute it even if all
   * members restart.
   */
  private async remember(computed: ComputedRecord): Promise<void> {
    const { store } = this.context
    this.library.offerRecord(computed.stored)
    await store.putBlob(computed.stored.body)
    await store.putBlob(computed.stored.bytes)
    for (const { opened } of computed.settled.entries) {
      const bytes = this.bytes.get(opened.payload.content)
      if (bytes !== undefined) await store.putBlob(bytes)
    }
    this.computed.set(computed.stored.id, computed)
  }
}

function isMissing({ outcome }: Entry, manifest: Opened<'manifest'>, record: ClusterRecord): boolean {
  return outcome === 'missing' || (outcome === 'expired' && record.trainings - manifest.payload.training <= LATE_ROUNDS)
}

function refusal({ round, cluster }: ClusterRecord, what: string): RoundsError {
  return new RoundsError('EVIDENCE_REFUSED', `the record proposed for round ${round} of ${cluster} cannot be agreed on: ${what}`)
}

function difference(a: ClusterRecord, b: ClusterRecord): string {
  const fields = Object.keys(a) as (keyof ClusterRecord)[]
  return fields.filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field])).join(', ')
}
