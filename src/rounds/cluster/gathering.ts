import { encodedLength } from '../../adapter/index.js'
import type { Cluster, Placeable, Verify } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { RoundsError } from '../errors.js'
import { LATE_ROUNDS } from '../limits.js'
import { openMessage } from '../messages/wire.js'
import type { Opened } from '../messages/wire.js'
import type { Cheat, ClusterRecord, Stored } from '../records/cluster-record.js'
import { mayJoin, mayLeave } from '../records/members.js'
import { startsAfter, trainingAfter } from '../records/roll-call.js'
import { namesOf } from '../records/split.js'

/** Joins and charges that a proposer carries at most, so that a record stays small. */
export const CARRIED_AT_MOST = 16

/** Joins that are remembered in a round, of which a record takes those that have asked longest: a crowd must not keep others out. */
const JOINS_AT_MOST = 256

/**
 * What has come in for one round: manifests, marks, requests to join, farewells, charges. Nothing gets in that a record could not carry, and everything
 * that is refused says why.
 */
export class Gathering {
  readonly manifests = new Map<ContentId, Opened<'manifest'>>()
  readonly joins = new Map<PeerId, Opened<'join'>>()
  readonly leaves = new Map<PeerId, Opened<'leave'>>()
  readonly cheats = new Map<PeerId, Cheat>()
  /** What the manifests announce. */
  private readonly contents = new Set<ContentId>()
  /** Who holds what, and since when this peer knows. */
  private readonly marks = new Map<ContentId, Map<PeerId, number>>()
  private readonly turns = new Map<string, ContentId>()

  constructor(private readonly parent: Stored<ClusterRecord>, private readonly length: number, private readonly clusters: readonly Cluster[], private readonly activeSeats: () => readonly Placeable[] | undefined) {}

  /** The number of the training under way. */
  get training(): number { return trainingAfter(this.parent.record) }

  isMember(peer: PeerId): boolean {
    return this.parent.record.members.some((member) => member.peer === peer)
  }

  /** @throws RoundsError EVIDENCE_REFUSED */
  addManifest(manifest: Opened<'manifest'>): boolean {
    const { id, peer, payload } = manifest
    if (this.manifests.has(id)) return false
    const { record } = this.parent
    const staleness = this.training - payload.training
    const refuse = (what: string): never => { throw new RoundsError('EVIDENCE_REFUSED', `the manifest of ${peer} for training ${payload.training} is refused in training ${this.training}: ${what}`) }
    if (!namesOf(record).includes(payload.cluster)) refuse('it is of another cluster')
    if (!this.isMember(peer)) refuse('its sender is not on the roster')
    if (staleness > LATE_ROUNDS) refuse(`it is ${staleness} trainings late, and ${LATE_ROUNDS} are allowed`)
    if (staleness < 0 || payload.parent !== startsAfter(this.parent)[staleness]?.record) refuse('it was not trained from a record of this chain')
    const size = encodedLength(this.length)
    if (payload.size !== size) refuse(`it announces ${payload.size} bytes, and a delta of this network has ${size}`)
    if (record.settled.some(({ content, missing }) => content === payload.content && !missing)) refuse('its delta has been settled')
    const turn = payload.reunion === null ? `${peer} ${payload.training}` : `${peer} reunion`
    if (this.turns.has(turn)) refuse('its sender has announced another delta for that training')
    if (payload.reunion === null && record.settled.some((one) => one.peer === peer && !one.reunion && one.training === payload.training && one.content !== payload.content)) refuse('another delta of its sender for that training has been settled')
    this.turns.set(turn, id)
    this.keep(manifest)
    return true
  }

  /** Takes a closed manifest that enough voters have seen, whatever this peer would have thought of it. */
  adopt(manifest: Opened<'manifest'>): void {
    this.keep(manifest)
  }

  private keep(manifest: Opened<'manifest'>): void {
    this.manifests.set(manifest.id, manifest)
    this.contents.add(manifest.payload.content)
  }

  /** @param now - by this peer's clock, milliseconds */
  addMark(peer: PeerId, contents: readonly ContentId[], now: number): void {
    if (!this.isMember(peer)) return
    for (const content of contents) {
      if (!this.contents.has(content)) continue
      const holders = this.marks.get(content) ?? new Map<PeerId, number>()
      if (!holders.has(peer)) this.marks.set(content, holders.set(peer, now))
    }
  }

  /** Members that say that they hold all bytes of a delta. */
  holdersOf(content: ContentId): PeerId[] {
    return [...this.marks.get(content)?.keys() ?? []]
  }

  /** Since when this peer knows of `enough` of the voters that they hold a delta; undefined where it does not. */
  heldSince(content: ContentId, voters: readonly PeerId[], enough: number): number | undefined {
    const marks = this.marks.get(content)
    return voters.flatMap((voter) => marks?.get(voter) ?? []).sort((a, b) => a - b)[enough - 1]
  }

  addJoin(join: Opened<'join'>): void {
    if (this.joins.size < JOINS_AT_MOST && mayJoin(join, this.parent.record, this.clusters, this.activeSeats())) this.joins.set(join.peer, join)
  }

  addLeave(leave: Opened<'leave'>): boolean {
    if (this.leaves.has(leave.peer) || !mayLeave(leave, this.parent.record)) return false
    this.leaves.set(leave.peer, leave)
    return true
  }

  addCheat(cheat: Cheat): boolean {
    const { voter } = cheat.first
    if (this.cheats.has(voter) || this.cheats.size >= CARRIED_AT_MOST || !this.isMember(voter)) return false
    this.cheats.set(voter, cheat)
    return true
  }

  /** Those of `wanted` that are here. */
  take(wanted: ReadonlySet<ContentId>): Opened<'manifest'>[] {
    return [...wanted].flatMap((id) => this.manifests.get(id) ?? [])
  }
}

/** Reads the evidence that a record carries. @throws RoundsError MESSAGE_REFUSED */
export function evidenceOf(record: ClusterRecord, verify: Verify): {
  readonly manifests: Opened<'manifest'>[]
  readonly audits: Opened<'audit'>[]
  readonly joins: Opened<'join'>[]
  readonly leaves: Opened<'leave'>[]
} {
  const reading = { network: record.network, verify }
  return {
    manifests: record.entries.map(({ manifest }) => openMessage(manifest, 'manifest', reading)),
    audits: record.audits.map((audit) => openMessage(audit, 'audit', reading)),
    joins: record.joins.map((join) => openMessage(join, 'join', reading)),
    leaves: record.leaves.map((leave) => openMessage(leave, 'leave', reading)),
  }
}
