import { honestMinimum, quorumOf } from '../../hierarchy/index.js'
import type { Verify } from '../../hierarchy/index.js'
import { contentId, encodeCanonical } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { RoundsError } from '../errors.js'
import { openMessage } from '../messages/wire.js'
import type { Opened } from '../messages/wire.js'

/** Where a round's messages belong. */
export interface RoundPlace {
  readonly network: ContentId
  readonly cluster: string
  readonly round: number
  readonly instance: ContentId
  readonly voters: readonly PeerId[]
}

/** A closed set of manifests. Before it is there nobody shows bytes; after it nothing can be added. */
export interface Closed {
  /** Signed lists of a quorum, by peer. */
  readonly lists: readonly Opened<'list'>[]
  /** Ids of the manifests that stand on enough of the lists: see `listingsNeeded`. */
  readonly manifests: ReadonlySet<ContentId>
  /** Hash of the lists' signatures: nobody knew it while training, so it draws probes and auditors. */
  readonly seed: ContentId
}

/** Reads a voter's list of this round. @throws RoundsError MESSAGE_REFUSED, EVIDENCE_REFUSED */
export function openList(envelope: Uint8Array, { network, cluster, round, instance, voters }: RoundPlace, verify: Verify): Opened<'list'> {
  const list = openMessage(envelope, 'list', { network, verify })
  const { payload } = list
  if (payload.cluster !== cluster || payload.round !== round || payload.instance !== instance || !voters.includes(list.peer)) {
    throw new RoundsError('EVIDENCE_REFUSED', `the list of ${list.peer} is for round ${payload.round} of ${payload.cluster}, not for this round ${round} of ${cluster} and its voters`)
  }
  return list
}

/**
 * How many lists a manifest must stand on to be closed: a quorum less those that may lie. Whoever makes the closing chooses the lists, and could else add
 * one that leaves out what it wants left out: what all honest voters have seen is then still on enough of them. What liars alone have seen is not.
 */
export function listingsNeeded(voters: number): number {
  return quorumOf(voters) - (honestMinimum(voters) - 1)
}

/**
 * What lists of different voters close.
 *
 * @returns undefined where they are no quorum
 */
export function closeWith(lists: readonly Opened<'list'>[], voters: readonly PeerId[]): Closed | undefined {
  const quorum = quorumOf(voters.length)
  const byPeer = [...new Map(lists.map((list) => [list.peer, list])).values()].sort((a, b) => (a.peer < b.peer ? -1 : 1))
  if (byPeer.length < quorum) return undefined
  const needed = listingsNeeded(voters.length)
  const seen = new Map<ContentId, number>()
  for (const { payload } of byPeer) {
    for (const manifest of payload.manifests) seen.set(manifest, (seen.get(manifest) ?? 0) + 1)
  }
  return {
    lists: byPeer,
    manifests: new Set([...seen].filter(([, count]) => count >= needed).map(([manifest]) => manifest)),
    seed: contentId(encodeCanonical(byPeer.map(({ signature }) => signature))),
  }
}
