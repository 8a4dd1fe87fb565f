import { founder, founderOrganisation } from '../../hierarchy/index.js'
import type { Cluster, RosterEntry } from '../../hierarchy/index.js'
import type { ContentId } from '../../network/index.js'

import type { RecordState } from './state.js'
import type { Link, StoredRecord } from './cluster-record.js'
import { encodeClusterRecord } from './record-bytes.js'

/** What founding records of all levels name as policy: newcomers make them, too, when the network has long been following a later one. */
export const FOUNDING_POLICY = 1

/** The record of round 0, which every peer makes for itself from genesis and founding roster. */
export function foundingRecord(network: ContentId, cluster: Cluster, roster: readonly RosterEntry[], state: RecordState, upper: Link): StoredRecord {
  return encodeClusterRecord({
    kind: 'cluster',
    version: 1,
    network,
    policy: FOUNDING_POLICY,
    level: 0,
    cluster: cluster.id,
    domain: cluster.domain,
    round: 0,
    parent: null,
    carried: null,
    trainings: 0,
    rollCall: 0,
    starts: [],
    base: null,
    released: [],
    listed: null,
    voters: [],
    upper,
    lists: [],
    entries: [],
    audits: [],
    joins: [],
    leaves: [],
    silent: [],
    away: [],
    cheats: [],
    members: cluster.members.map((peer) => founder(peer, cluster.domain, founderOrganisation(roster, peer))),
    settled: [],
    evidence: [],
    tokens: 0,
    adapter: state.adapter.id,
    velocity: state.velocity.id,
    residual: state.residual.id,
    offer: null,
    rollback: null,
  })
}
