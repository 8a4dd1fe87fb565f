import { aggregate, outerStep } from '../../aggregation/index.js'
import { beginsToAsk, honestMinimum, isPresent, isProved, leastMembers, probationPlaces, quorumOf, smallAfter } from '../../hierarchy/index.js'
import type { Cluster, Member, Placeable, Verify } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { RoundsError } from '../errors.js'
import { LATE_ROUNDS } from '../limits.js'
import type { Opened } from '../messages/wire.js'
import type { RoundPolicy } from '../policy.js'

import { name } from './arrays.js'
import { auditProbes } from './audit-due.js'
import { drawAuditors, findings, isDrawn } from './audits.js'
import type { Closed, RoundPlace } from './closing.js'
import type { Cheat, ClusterRecord, Commit, Stored, StoredRecord } from './cluster-record.js'
import { baseOf } from './commit.js'
import { fullPoint, listedAfter } from './fullness.js'
import { exemptFrom, foundedIn, isKnown, mayJoin, mayLeave, nextRoster } from './members.js'
import { claimOf, organisationOf } from './joiner.js'
import { encodeClusterRecord } from './record-bytes.js'
import { releasedBy } from './released.js'
import { countTrainings, trainingAfter } from './roll-call.js'
import { branched, drawHalves, isOverfull, lineageOf, maySplit, namesOf, splitSalt, splitSize } from './split.js'
import { settle } from './settle.js'
import type { SettledRound } from './settle.js'
import type { RecordState, FromAbove } from './state.js'
import { loweredRollback, restoredValues } from './rollback.js'
import type { Restored } from './rollback.js'
import { firstTop } from './first-top.js'
import { foundingLink, hasLevelAbove, lower, offerOf } from './up-and-down.js'
import { cheatStands } from './votes.js'

/** All that a record follows from. Everything in it is signed evidence or was agreed on before. */
export interface RecordInput {
  /** By which the round is computed. */
  readonly policy: RoundPolicy
  /** By which the next one will be. */
  readonly next: RoundPolicy
  /** The network's clusters, for the places of joiners; with one alone there is no level above. */
  readonly clusters: readonly Cluster[]
  /** Seats that have a vote after the record from above that the parent names, for the places of those whose cluster is silent; undefined where it is not known. */
  readonly seats?: readonly Placeable[] | undefined
  readonly place: RoundPlace
  readonly parent: Stored<ClusterRecord>
  readonly state: RecordState
  /** The commit of the parent; null for the founding record. */
  readonly carried: Commit | null
  /** The members of the last full record up to the parent. */
  readonly base: readonly Member[]
  /** The newest record from above, where it is newer than the parent's. */
  readonly above: FromAbove | undefined
  /** What the owners have the chain go back to, where it is the network's top and has not done so. */
  readonly restored: Restored | undefined
  readonly closed: Closed
  /** The closed manifests, each once. */
  readonly manifests: readonly Opened<'manifest'>[]
  readonly missing: ReadonlySet<ContentId>
  readonly bytes: ReadonlyMap<ContentId, Uint8Array>
  readonly audits: readonly Opened<'audit'>[]
  readonly joins: readonly Opened<'join'>[]
  readonly leaves: readonly Opened<'leave'>[]
  /** Members of whom nobody hears. */
  readonly silent: readonly PeerId[]
  readonly cheats: readonly Cheat[]
  readonly reunions: ReadonlyMap<ContentId, number>
  readonly verify: Verify
}

export interface ComputedRecord {
  readonly stored: StoredRecord
  readonly state: RecordState
  readonly settled: SettledRound
}

/**
 * The record of a round and the values that it names: a pure function, bit for bit the same at every member.
 *
 * @throws RoundsError EVIDENCE_REFUSED where the evidence is not for this round; aggregation's errors where values overflow
 */
export function computeRecord(input: RecordInput): ComputedRecord {
  const { policy, next: nextPolicy, place, parent, carried, closed, above } = input
  const { round } = place
  checkEvidence(input)
  const byPeer = (a: { readonly peer: PeerId }, b: { readonly peer: PeerId }): number => (a.peer < b.peer ? -1 : 1)
  const audited = input.audits.toSorted(byPeer)
  const joins = input.joins.toSorted(byPeer)
  const leaves = input.leaves.toSorted(byPeer)
  const silent = input.silent.toSorted()
  const senders = new Map(input.manifests.map(({ peer, payload }) => [payload.content, peer]))
  const training = trainingAfter(parent.record)
  const found = findings(audited, senders, auditProbes(training, parent.record, senders.values(), policy))
  const length = input.state.adapter.values.length
  const restored = input.restored ?? loweredRollback(parent.record, above)
  const settled = settle({ parent, isRolledBack: restored !== undefined, length, scores: found.scores, manifests: input.manifests, missing: input.missing, bytes: input.bytes, reunions: input.reunions, weighing: policy.weighing })

  const start = restored === undefined ? lower(parent.record, input.state, above) : restoredValues(parent.record, input.state, above, restored)
  // Without deltas a round changes nothing: momentum alone would move the adapter away from where anybody has trained.
  const next = settled.counted.length === 0
    ? start
    : outerStep({ adapter: start.adapter, velocity: start.velocity, aggregate: aggregate(settled.counted, length) }, { rate: policy.learning.outerRate, momentum: policy.learning.outerMomentum })
  const tokens = start.tokens + settled.tokens
  const isOffering = hasLevelAbove(parent.record) && !isOverfull(parent.record, policy)
  const endsTraining = settled.entries.length > 0
  const isDue = training % policy.upperEvery === 0 || beginsToAsk(parent.record.small ?? 0)
  const due = isOffering && endsTraining && isDue && tokens > 0
  const offered = start.open ?? (due ? offerOf(round, next.adapter, next.velocity, start, tokens) : undefined)

  const state: RecordState = {
    adapter: name(next.adapter),
    velocity: name(next.velocity),
    residual: name(start.residual),
    upper: name(start.upperValues),
    offer: offered?.state ?? null,
  }
  const point = fullPoint(parent, carried)
  const base = baseOf(parent, place.voters, point)
  const roster = nextRoster({
    parent: parent.record,
    carried,
    round,
    voters: place.voters,
    base: input.base,
    joiners: joins.map((join) => ({ peer: join.peer, domain: join.payload.domain, organisation: organisationOf(join, policy) })),
    leavers: new Set(leaves.map(({ peer }) => peer)),
    silent: new Set(silent),
    counted: new Set(settled.entries.filter(({ outcome }) => outcome === 'counted' || outcome === 'late').map(({ opened }) => opened.peer)),
    contradicted: new Set([...found.contradicted, ...settled.entries.filter(({ reason }) => reason === 'BINDING').map(({ opened }) => opened.peer)]),
    cheats: new Set(input.cheats.map(({ first }) => first.voter)),
    isExempt: exemptFrom(policy, input.clusters),
  })
  const small = smallAfter(parent.record.small ?? 0, roster.members.length < leastMembers(policy), endsTraining)
  const record: Omit<ClusterRecord, 'body'> = {
    kind: 'cluster',
    version: 1,
    network: place.network,
    policy: nextPolicy.version,
    level: 0,
    cluster: place.cluster,
    domain: parent.record.domain,
    round,
    parent: parent.id,
    carried,
    ...countTrainings(parent, endsTraining),
    base,
    released: base === null ? [] : releasedBy(parent.record, point, place.voters, leaves, input.verify),
    listed: listedAfter(parent, above?.listed),
    voters: [...place.voters],
    upper: start.upper,
    lists: closed.lists.map(({ envelope }) => envelope),
    entries: settled.entries.map(({ manifest, outcome, reason, weight, clip }) => ({ manifest, outcome, reason, weight, clip })),
    audits: audited.map(({ envelope }) => envelope),
    joins: joins.map(({ envelope }) => envelope),
    leaves: leaves.map(({ envelope }) => envelope),
    cheats: input.cheats.toSorted((a, b) => (a.first.voter < b.first.voter ? -1 : 1)),
    silent,
    ...roster,
    settled: settledAfter(parent.record, settled, training),
    evidence: [],
    tokens,
    adapter: state.adapter.id,
    velocity: state.velocity.id,
    residual: state.residual.id,
    offer: offered?.offer ?? null,
    rollback: restored === undefined ? parent.record.rollback : { record: restored.record, round },
    ...parent.record.lineage === undefined ? {} : { lineage: parent.record.lineage },
    ...small === 0 ? {} : { small },
  }
  const here = new Set(record.members.map(({ peer }) => peer))
  const evidence = [...settled.evidence].filter(([peer]) => here.has(peer)).map(([peer, { probes, lead, squares }]) => ({ peer, probes, lead, squares }))
  const whole = { ...record, evidence: evidence.sort((a, b) => (a.peer < b.peer ? -1 : 1)) }
  return { ...splitWhereDue(whole, state, settled, input), settled }
}

/** The record as it is, or that of one half, which names the other. Both have all that the members had: standing, evidence, what is settled, values. */
function splitWhereDue(record: Omit<ClusterRecord, 'body'>, state: RecordState, settled: SettledRound, { policy, parent, place, bytes, clusters }: RecordInput): Omit<ComputedRecord, 'settled'> {
  const asItIs = (): Omit<ComputedRecord, 'settled'> => ({ stored: encodeClusterRecord(record), state })
  if (!maySplit(parent.record, record.base === null, policy) || !isOverfull(record, policy)) return asItIs()
  const salt = splitSalt(parent.id, trainingAfter(parent.record), settled.entries, bytes, honestMinimum(place.voters.length))
  if (salt === undefined) return asItIs()
  const { born, stay, from } = drawHalves(record.domain, record.members.map(({ peer }) => peer), salt)
  const [members, others] = [record.members.filter(({ peer }) => stay.includes(peer)), record.members.filter(({ peer }) => !stay.includes(peer))]
  // A half that is silent for the most part could agree on nothing, and one of strangers on anything: another round draws others.
  const isExempt = exemptFrom(policy, clusters)
  if (![members, others].every((half) => half.filter(isPresent).length >= quorumOf(half.length) && isProved(half, place.round + 1, isExempt))) return asItIs()
  // What has not been offered yet is in both halves' adapters: both offer it, with half of the weight.
  const tokens = Math.ceil(record.tokens / 2)
  const half: Omit<ClusterRecord, 'body'> = { ...record, members, tokens, lineage: branched(record, born, from), split: { cluster: born, members: others, tokens: record.tokens - tokens } }
  if (hasLevelAbove(record)) return { stored: encodeClusterRecord(half), state }
  // The first top starts from the adapter of both, so there is nothing to offer.
  const top = firstTop({ ...half, halves: [{ cluster: half.cluster, members }, half.split!] })
  const split = { ...half.split!, tokens: 0 }
  return { stored: encodeClusterRecord({ ...half, tokens: 0, split, upper: foundingLink(state, top.id) }), state: { ...state, upper: state.adapter } }
}

/** What can count no more, as long as a late delta could still try. A copier's entry settles nothing: the delta is another's, who may only be late. */
function settledAfter(parent: ClusterRecord, { entries }: SettledRound, training: number): ClusterRecord['settled'] {
  const fresh = entries.filter(({ reason }) => reason !== 'SETTLED' && reason !== 'DUPLICATE' && reason !== 'BINDING')
    .map(({ opened, outcome }) => ({ content: opened.payload.content, peer: opened.peer, training: opened.payload.training, missing: outcome === 'missing', reunion: opened.payload.reunion !== null }))
  const replaced = new Set(fresh.map(({ content }) => content))
  return [...parent.settled.filter(({ content }) => !replaced.has(content)), ...fresh]
    .filter((entry) => entry.training + LATE_ROUNDS > training)
    .sort((a, b) => (a.content < b.content ? -1 : a.content > b.content ? 1 : a.peer < b.peer ? -1 : 1))
}

function checkEvidence({ policy, clusters, seats, base, place, parent, closed, manifests, audits, joins, leaves, silent, cheats, verify }: RecordInput): void {
  const refuse = (what: string): never => { throw new RoundsError('EVIDENCE_REFUSED', `the record of round ${place.round} of ${place.cluster} cannot stand on its evidence: ${what}`) }
  const members = new Set(parent.record.members.map(({ peer }) => peer))
  if (manifests.length !== closed.manifests.size || !manifests.every(({ id, payload }) => closed.manifests.has(id) && namesOf(parent.record).includes(payload.cluster))) {
    refuse(`${manifests.length} manifests are not the ${closed.manifests.size} that are closed`)
  }
  once(audits.map(({ peer }) => peer), 'auditor', refuse)
  for (const { peer, payload } of audits) {
    if (!members.has(peer) || payload.cluster !== place.cluster || payload.round !== place.round || payload.seed !== closed.seed) refuse(`the audit of ${peer} is for something else`)
  }
  const auditors = drawAuditors(manifests, parent.record.members, closed.seed, policy.audit.auditorsPerDelta)
  for (const audit of audits) if (!isDrawn(audit, auditors)) refuse(`the audit of ${audit.peer} scores what did not fall to it`)
  if (audits.length > 0 && auditProbes(trainingAfter(parent.record), parent.record, manifests.map(({ peer }) => peer), policy) === 0) refuse('this round has no audits')
  once(joins.map(({ peer }) => peer), 'joiner', refuse)
  for (const join of joins) {
    if (!mayJoin(join, parent.record, clusters, seats)) refuse(`${join.peer} asks to join something else`)
    if (policy.membership === 'credential' && join.payload.credential !== null && claimOf(join)?.peer !== join.peer) refuse(`${join.peer} shows another peer's credential`)
  }
  if (joins.length > admissible(joins, { policy, clusters, base, parent, place }).length) refuse(`${joins.length} join, more than there are places for strangers`)
  once(leaves.map(({ peer }) => peer), 'leaver', refuse)
  for (const leave of leaves) if (!mayLeave(leave, parent.record)) refuse(`${leave.peer} does not leave now`)
  once(silent, 'silent member', refuse)
  for (const peer of silent) if (!members.has(peer) || leaves.some((leave) => leave.peer === peer)) refuse(`${peer} is no member that could be silent`)
  once(cheats.map(({ first }) => first.voter), 'cheat', refuse)
  for (const cheat of cheats) {
    const { voter } = cheat.first
    if (!members.has(voter) || cheat.round + LATE_ROUNDS < place.round || !namesOf(parent.record).some((cluster) => cheatStands(cheat, place.network, cluster, verify))) refuse(`the charge against ${voter} is not proved`)
  }
}

/**
 * Those that a record can add: everybody of whom no probation is asked, and the first of the strangers, as many as there are places for.
 *
 * @param joins - in the order of preference
 */
export function admissible<Join extends { readonly peer: PeerId }>(joins: readonly Join[], { policy, clusters, base, parent, place }: Pick<RecordInput, 'policy' | 'clusters' | 'base' | 'parent' | 'place'>): Join[] {
  const isExempt = exemptFrom(policy, clusters)
  const { founded } = lineageOf(parent.record)
  // Who comes back while a cluster splits has its place in one of the halves, and asks there.
  if (maySplit(parent.record, place.voters.length === parent.record.members.length, policy)) return []
  // One more than it may have makes a cluster split.
  let room = splitSize(policy) - parent.record.members.length
  let places = probationPlaces(parent.record.members, place.round, isExempt)
  return joins.filter(({ peer }) => {
    const isBack = foundedIn(peer, clusters)?.id === founded || isKnown(peer, parent.record, base)
    return isBack || (room-- > 0 && (isExempt(peer) || places-- > 0))
  })
}

function once(names: readonly string[], what: string, refuse: (what: string) => void): void {
  if (new Set(names).size < names.length) refuse(`a ${what} stands twice`)
}
