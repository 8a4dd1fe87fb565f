import { bornCluster, goes, halve, strayedAt } from '../../hierarchy/index.js'
import type { Halves } from '../../hierarchy/index.js'
import { contentId, encodeCanonical } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { MAXIMUM_MEMBERS, MAXIMUM_SPLITS } from '../limits.js'
import type { RoundPolicy } from '../policy.js'

import type { ClusterHeader, Lineage, Stored, StoredRecord } from './cluster-record.js'
import { decodeClusterHeader, encodeClusterHeader } from './record-bytes.js'
import type { SettledEntry } from './settle.js'

/** What growth asks of a policy. */
type Sizes = Pick<RoundPolicy, 'clusterMinimum' | 'clusterMaximum'>

/** Why a delta whose bytes were shown may yet not count: all that is not here was decided without them. */
const JUDGED_BY_BYTES = new Set(['', 'SCORE', 'EMPTY', 'TOKENS', 'REPUTATION', 'WEIGHT'])

/** Where a cluster comes from. */
export function lineageOf({ cluster, lineage }: Pick<ClusterHeader, 'cluster' | 'lineage'>): Readonly<Lineage> {
  return lineage ?? { founded: cluster, splits: [] }
}

/** All names that the chain of a record has had, the present one last: what was signed before a split names the cluster as it was. */
export function namesOf(record: Pick<ClusterHeader, 'cluster' | 'lineage'>): string[] {
  const { founded, splits } = lineageOf(record)
  return [founded, ...splits.filter(({ went }) => went).map(({ cluster }) => cluster)]
}

/**
 * Where a peer has its place instead of in the cluster of a record.
 *
 * @param passed - splits, from the first on, that say nothing of this peer
 * @returns undefined where it has it there; that cluster may have split further
 */
export function placeAfter(peer: PeerId, record: Pick<ClusterHeader, 'cluster' | 'lineage'> | undefined, passed = 0): string | undefined {
  if (record === undefined) return undefined
  const { founded, splits } = lineageOf(record)
  const strayed = strayedAt(peer, splits.slice(passed))
  if (strayed === undefined) return undefined
  const before = splits.slice(0, splits.indexOf(strayed)).findLast(({ went }) => went)?.cluster ?? founded
  return strayed.went ? before : strayed.cluster
}

/** Whether a cluster has more members than the policy allows: until it has split it takes no strangers, and makes no new offer. */
export function isOverfull({ members }: Pick<ClusterHeader, 'members'>, policy: Sizes): boolean {
  return members.length >= splitSize(policy)
}

/** With how many members a cluster splits: one more than it may have, and enough for two clusters that are none too small. */
export function splitSize({ clusterMaximum, clusterMinimum }: Sizes): number {
  return Math.min(MAXIMUM_MEMBERS, Math.max(clusterMaximum + 1, 2 * clusterMinimum, 2))
}

/**
 * Whether the successor of a record may split the cluster: only a full one, whose voters are all the members, so that no other chain can take its place; and
 * not while an offer stands open, of which nobody could say whose it is.
 */
export function maySplit(parent: ClusterHeader, isFull: boolean, policy: Sizes): boolean {
  return isFull && parent.offer === null && isOverfull(parent, policy) && lineageOf(parent).splits.length < MAXIMUM_SPLITS
}

/**
 * What draws who goes: the bytes of this round's deltas. When the set was closed, each stood by its hash, and nobody but its sender had seen them; whoever
 * asks to join, makes a list or chooses lists does so before. A sender can only hold its own back.
 *
 * @param enough - senders among whom one is honest
 * @returns undefined where fewer have shown bytes
 */
export function splitSalt(parent: ContentId, training: number, entries: readonly SettledEntry[], bytes: ReadonlyMap<ContentId, Uint8Array>, enough: number): ContentId | undefined {
  const shown = entries.filter(({ opened: { payload }, outcome, reason }) => payload.training === training && payload.reunion === null
    && (outcome === 'counted' || outcome === 'refused') && JUDGED_BY_BYTES.has(reason))
  if (new Set(shown.map(({ opened }) => opened.peer)).size < enough) return undefined
  const parts = [...new Set(shown.map(({ opened: { payload } }) => payload.content))].sort().map((content) => contentId(encodeCanonical(['meshwright/split/bytes', bytes.get(content)!])))
  return contentId(encodeCanonical(['meshwright/split', parent, ...parts]))
}

/** Who stays and who goes, and the name of those who go. */
export function drawHalves(domain: string, members: readonly PeerId[], salt: ContentId): Halves & { readonly born: string } {
  const born = bornCluster(domain, salt)
  return { born, ...halve(members, born) }
}

/** The lineage after a split, for those who stay. */
export function branched(parent: Pick<ClusterHeader, 'cluster' | 'lineage'>, born: string, from: string): Lineage {
  const { founded, splits } = lineageOf(parent)
  return { founded, splits: [...splits, { cluster: born, from, went: false }] }
}

/** Whether a record is the first of a chain that a split has made. */
export function isBorn({ split, lineage }: Pick<ClusterHeader, 'split' | 'lineage'>): boolean {
  return split !== undefined && lineage?.splits.at(-1)?.went === true
}

/**
 * The same record for the other half. A record with which a cluster splits stands for two: all in it is the same but the name, the roster and the tokens,
 * and each names the other's. So whoever has one has both, and what both halves carry on needs no bytes of its own.
 */
export function twinOf(stored: Stored<ClusterHeader>): Stored<ClusterHeader> {
  // Of a record with its body the header alone.
  const { record } = decodeClusterHeader(stored.bytes)
  const { split, lineage, cluster, members, tokens } = record
  if (split === undefined || lineage === undefined) throw new RangeError(`the record of round ${record.round} of ${cluster} splits nothing`)
  const last = lineage.splits.at(-1)!
  return encodeClusterHeader({
    ...record,
    cluster: split.cluster,
    members: split.members,
    tokens: split.tokens,
    split: { cluster, members, tokens },
    lineage: { ...lineage, splits: [...lineage.splits.slice(0, -1), { ...last, went: !last.went }] },
  })
}

/** The same with the body, which both halves share. */
export function storedTwinOf(stored: StoredRecord): StoredRecord {
  const { lists, entries, audits, joins, leaves, silent, away, cheats, settled, evidence } = stored.record
  const { id, bytes, record } = twinOf(stored)
  return { id, bytes, body: stored.body, record: { ...record, lists, entries, audits, joins, leaves, silent, away, cheats, settled, evidence } }
}

/** The record that was voted on: of a split, that of those who stay. */
export function decidedOf(stored: Stored<ClusterHeader>): Stored<ClusterHeader> {
  if (!isBorn(stored.record)) return stored
  const known = decided.get(stored)
  if (known !== undefined) return known
  const twin = twinOf(stored)
  decided.set(stored, twin)
  return twin
}

const decided = new WeakMap<Stored<ClusterHeader>, Stored<ClusterHeader>>()

/**
 * What is wrong with where a record says that it comes from, seen from its parent; undefined where nothing is.
 *
 * @param next - the record that was voted on
 */
export function strayFrom(parent: ClusterHeader, next: ClusterHeader): string | undefined {
  const before = lineageOf(parent)
  const after = lineageOf(next)
  const fresh = after.splits.slice(before.splits.length)
  const isContinued = after.founded === before.founded && before.splits.every((split, at) => {
    const same = after.splits[at]
    return same?.cluster === split.cluster && same.from === split.from && same.went === split.went
  })
  if (!isContinued || fresh.length !== (next.split === undefined ? 0 : 1)) return 'it comes from other splits'
  const [last] = fresh
  if (next.split === undefined || last === undefined) return undefined
  if (next.base !== null) return 'only a full record splits a cluster'
  if (last.went || last.cluster !== next.split.cluster || last.cluster === next.cluster) return 'it does not name the cluster that it makes'
  const isDrawn = next.members.every(({ peer }) => !goes(peer, last)) && next.split.members.every(({ peer }) => goes(peer, last))
  const earlier = new Set(parent.members.map(({ peer }) => peer))
  const isOfParent = [...next.members, ...next.split.members].every(({ peer }) => earlier.has(peer))
  const difference = next.members.length - next.split.members.length
  return isDrawn && isOfParent && (difference === 0 || difference === 1) ? undefined : 'its halves are not those that the lot draws'
}
