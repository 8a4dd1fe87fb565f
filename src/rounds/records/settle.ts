import { decodeDelta, deltaSquaredNorm, encodedLength } from '../../adapter/index.js'
import { apportion, weigh } from '../../aggregation/index.js'
import type { Candidate, EvidenceByPeer, WeighOptions, WeightedDelta } from '../../aggregation/index.js'
import type { Member } from '../../hierarchy/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import type { Opened } from '../messages/wire.js'
import { LATE_ROUNDS } from '../limits.js'

import type { ClusterRecord, Entry, EntryOutcome, Reason, Stored, TrainingStart } from './cluster-record.js'
import { bindingOf } from './manifest.js'
import { startsAfter, trainingAfter } from './roll-call.js'

/** All that decides what becomes of the closed manifests of a round. */
export interface SettleInput {
  readonly parent: Stored<ClusterRecord>
  readonly manifests: readonly Opened<'manifest'>[]
  /** Closed manifests whose bytes too few members hold, or whose reunion cannot be proved: the record's word counts, since members may differ in what they could get. */
  readonly missing: ReadonlySet<ContentId>
  readonly bytes: ReadonlyMap<ContentId, Uint8Array>
  /** For each audited content the scores that its auditors agree on. */
  readonly scores: ReadonlyMap<ContentId, readonly number[]>
  /** How many peers stand behind a manifest of a reunion that has been checked; others count as one. */
  readonly reunions: ReadonlyMap<ContentId, number>
  /** Whether the record goes back to an earlier one: then nothing counts that was trained meanwhile. */
  readonly isRolledBack: boolean
  /** Values of an adapter. */
  readonly length: number
  readonly weighing?: WeighOptions | undefined
}

export interface SettledEntry extends Entry {
  readonly opened: Opened<'manifest'>
}

export interface SettledRound {
  /** By content id, then by manifest. */
  readonly entries: readonly SettledEntry[]
  readonly counted: readonly WeightedDelta[]
  readonly evidence: EvidenceByPeer
  readonly medianSquaredNorm: bigint
  /** Tokens of all that counted, after the cap. */
  readonly tokens: number
}

type Verdict = readonly [outcome: EntryOutcome, reason: Reason]

/** Decides what becomes of each closed manifest: a pure function of signed evidence, so that all members find the same. */
export function settle(input: SettleInput): SettledRound {
  const { manifests, bytes, scores, length } = input
  const training = trainingAfter(input.parent.record)
  const starts = startsAfter(input.parent)
  const ordered = manifests.toSorted((a, b) => compare(a.payload.content, b.payload.content) || compare(a.id, b.id))
  const verdicts = new Map<ContentId, Verdict>()
  const candidates = new Map<ContentId, { readonly manifest: Opened<'manifest'>, readonly candidate: Candidate, readonly values: Float32Array }>()
  const turns = new Set<string>()

  for (const manifest of ordered) {
    const { peer, payload } = manifest
    const early = beforeBytes(input, starts, manifest, turns)
    if (early !== undefined) {
      verdicts.set(manifest.id, early)
      continue
    }
    const content = bytes.get(payload.content)
    const decoded = content === undefined ? 'UNDECODABLE' : decodeFor(peer, payload.binding, payload.size, content, length)
    if (typeof decoded === 'string') {
      verdicts.set(manifest.id, ['refused', decoded])
      continue
    }
    // Only now: whoever copies a content id from gossip has a false binding and must not take its maker's place.
    if (candidates.has(payload.content)) {
      verdicts.set(manifest.id, ['refused', 'DUPLICATE'])
      continue
    }
    const member = input.parent.record.members.find((one) => one.peer === peer)!
    const rounds = BigInt(payload.reunion?.rounds ?? 1)
    const audited = scores.get(payload.content)
    candidates.set(payload.content, {
      manifest,
      values: decoded,
      candidate: {
        id: payload.content,
        peer,
        organisation: member.organisation,
        tokens: payload.tokens,
        reputation: member.reputation,
        firstRound: isFirstTraining(member, starts),
        staleness: training - payload.training,
        // The change of several rounds may be that much longer than a delta of one.
        squaredNorm: deltaSquaredNorm(content!, length) / (rounds * rounds),
        ...audited === undefined ? {} : { scores: audited },
      },
    })
  }

  const earlier = new Map(input.parent.record.evidence.map(({ peer, ...evidence }) => [peer, evidence]))
  const weighing = weigh([...candidates.values()].map(({ candidate }) => candidate), earlier, input.weighing)
  const passed = weighing.outcomes.filter((outcome) => outcome.outcome === 'counted')
  const weights = apportion(passed.map(({ id, weight }) => ({ id, weight: BigInt(weight * (input.reunions.get(candidates.get(id)!.manifest.id) ?? 1)) })))
  const counts = new Map(passed.map(({ id, clip }, at) => [id, { weight: weights[at]!, clip }]))
  const tokens = passed.reduce((sum, outcome) => sum + outcome.tokens, 0)
  for (const outcome of weighing.outcomes) {
    const { manifest } = candidates.get(outcome.id)!
    const late = manifest.payload.training < training
    verdicts.set(manifest.id, outcome.outcome === 'counted' ? [late ? 'late' : 'counted', ''] : ['refused', outcome.reason])
  }

  return {
    entries: ordered.map((opened) => {
      const [outcome, reason] = verdicts.get(opened.id)!
      const { weight, clip } = (outcome === 'counted' || outcome === 'late' ? counts.get(opened.payload.content) : undefined) ?? { weight: 0, clip: 0 }
      return { opened, manifest: opened.envelope, outcome, reason, weight, clip }
    }),
    counted: [...counts].map(([id, { weight, clip }]) => ({ id, weight, clip, values: candidates.get(id)!.values })),
    evidence: weighing.evidence,
    medianSquaredNorm: weighing.medianSquaredNorm,
    tokens,
  }
}

/** What is decided without a look at the bytes. */
function beforeBytes({ parent, missing, reunions, isRolledBack }: SettleInput, starts: readonly TrainingStart[], manifest: Opened<'manifest'>, turns: Set<string>): Verdict | undefined {
  const { id, peer, payload } = manifest
  const { record } = parent
  const staleness = trainingAfter(record) - payload.training
  const start = starts[staleness]
  // Trained from what is no more; here also so that its sender forgets it.
  if (isRolledBack || (start !== undefined && start.round < (record.rollback?.round ?? 0))) return ['refused', 'ROLLBACK']
  if (staleness > LATE_ROUNDS) return ['expired', '']
  if (start === undefined || payload.parent !== start.record || !isFromHere(record, start, manifest)) return ['refused', 'PARENT']
  const before = record.settled.find(({ content, peer: sender, training: then, reunion }) => content === payload.content || (sender === peer && then === payload.training && !reunion && payload.reunion === null))
  if (before?.missing === false) return ['refused', 'SETTLED']
  const turn = payload.reunion === null ? `${peer} ${payload.training}` : `${peer} reunion`
  if (turns.has(turn)) return ['refused', 'DUPLICATE']
  turns.add(turn)
  const isReunion = payload.reunion !== null
  if (missing.has(id)) return before === undefined ? ['missing', isReunion ? 'REUNION' : ''] : ['expired', '']
  return isReunion && !reunions.has(id) ? ['refused', 'REUNION'] : undefined
}

/** Whether the training that ends now is the first one of which a member has seen the beginning. */
function isFirstTraining({ since }: Member, [, before]: readonly TrainingStart[]): boolean {
  return before === undefined || since > before.round + 1
}

/** Whether the sender is a member, and was one of this chain when it trained: before a split the chain had another name, and the other half's goes on with that. */
function isFromHere({ members, cluster }: ClusterRecord, start: TrainingStart, { peer, payload }: Opened<'manifest'>): boolean {
  return members.some((member) => member.peer === peer && (payload.cluster === cluster || member.since <= start.round + 1))
}

function decodeFor(peer: PeerId, binding: ContentId, size: number, content: Uint8Array, length: number): Float32Array | 'SIZE' | 'BINDING' | 'UNDECODABLE' {
  if (content.length !== size || size !== encodedLength(length)) return 'SIZE'
  if (bindingOf(peer, content) !== binding) return 'BINDING'
  try {
    return decodeDelta(content, length)
  } catch {
    return 'UNDECODABLE'
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
