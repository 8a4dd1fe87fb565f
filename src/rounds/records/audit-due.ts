import { DEFAULT_WEIGH_OPTIONS } from '../../aggregation/index.js'
import type { PeerId } from '../../network/index.js'
import type { RoundPolicy } from '../policy.js'

import type { ClusterRecord } from './cluster-record.js'

/** How many times the usual number of probes judge a round with a newcomer, of whom there is no earlier evidence to add to. */
const NEWCOMER_FACTOR = 2

/**
 * On how many probes a round's deltas are audited; 0 where what earlier audits have shown stands. Audited is every `everyRounds`-th training, and any in
 * which a delta comes from a peer of whom no audit has shown anything yet, as long as there are enough to compare it with. Momentum carries on for rounds
 * what a stranger's first delta does: it is judged before it counts (measured: docs/decisions/0013-learning-recipe.md).
 *
 * @param parent - the record whose evidence stands
 * @param senders - of the closed manifests
 */
export function auditProbes(training: number, parent: ClusterRecord, senders: Iterable<PeerId>, { audit, weighing = DEFAULT_WEIGH_OPTIONS }: RoundPolicy): number {
  const peers = new Set(senders)
  const known = new Set(parent.evidence.map(({ peer }) => peer))
  const hasNewcomer = peers.size >= weighing.gate.minimumPeers && [...peers].some((peer) => !known.has(peer))
  if (hasNewcomer) return NEWCOMER_FACTOR * audit.probesPerRound
  return training % audit.everyRounds === 0 ? audit.probesPerRound : 0
}
