import { missedTurns, proposerOf } from '../../hierarchy/index.js'
import type { Verify } from '../../hierarchy/index.js'
import type { PeerId } from '../../network/index.js'
import type { Contribution, RoundEvents } from '../events.js'
import { openMessage } from '../messages/wire.js'
import { findings } from '../records/audits.js'
import type { ClusterRecord, Commit, Stored } from '../records/cluster-record.js'
import { isHealed } from '../records/fullness.js'
import { isBorn } from '../records/split.js'

/** What a record says of each delta, in words and fractions for people. */
export function contributionsOf(record: ClusterRecord, verify: Verify): Contribution[] {
  const reading = { network: record.network, verify }
  const opened = record.entries.map((entry) => ({ entry, manifest: openMessage(entry.manifest, 'manifest', reading) }))
  const senders = new Map(opened.map(({ manifest }) => [manifest.payload.content, manifest.peer]))
  const audits = record.audits.map((audit) => openMessage(audit, 'audit', reading))
  const { scores } = findings(audits, senders, audits[0]?.payload.scores[0]?.scores.length ?? 0)
  return opened.map(({ entry, manifest: { peer, payload } }) => {
    const given = scores.get(payload.content)
    return {
      peer,
      content: payload.content,
      outcome: entry.outcome,
      reason: entry.reason,
      weight: entry.weight / 65_536,
      tokens: payload.tokens,
      staleness: record.trainings - payload.training,
      ...given === undefined || given.length === 0 ? {} : { score: given.reduce((sum, score) => sum + score, 0) / given.length / 65_536 },
    }
  })
}

export function committedEvent({ id, record }: Stored<ClusterRecord>, commit: Commit, verify: Verify): RoundEvents['record:committed'] {
  return {
    cluster: record.cluster,
    round: record.round,
    training: record.trainings,
    isRollCall: record.rollCall > 0,
    record: id,
    provisional: record.base !== null && !isHealed(record.base, record.released.length, commit),
    term: commit.term,
    head: proposerOf(record.voters, commit.term),
    signers: commit.precommits.length,
    voters: record.voters.length,
    contributions: contributionsOf(record, verify),
    adapter: record.adapter,
    members: record.members.map(({ peer }) => peer),
    ...record.split === undefined ? {} : { split: { other: record.split.cluster, isOtherNew: !isBorn(record), members: record.split.members.map(({ peer }) => peer) } },
  }
}

/** Those who had their turn to propose a record and let it pass. */
export function missedBy({ record }: Stored<ClusterRecord>, commit: Commit): PeerId[] {
  return missedTurns(record.voters, commit.term)
}
