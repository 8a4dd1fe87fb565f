import { readFileSync } from 'node:fs'
import path from 'node:path'

import * as z from 'zod'

import { findPackageRoot } from '../../../src/config/index.js'
import type { Commit, StoredRecord } from '../../../src/rounds/records/cluster-record.js'
import { decodeClusterHeader, decodeClusterRecord, encodeClusterHeader } from '../../../src/rounds/records/record-bytes.js'
import { ballotOf, signVote } from '../../../src/rounds/records/votes.js'
import type { LevelCommit, LevelRecord } from '../../../src/rounds/records/level-record.js'

import { idOf, NETWORK, PEERS, SIGNATURE } from './identities.js'

const published = z.object({ header: z.string(), body: z.string() })
const vectors = z.object({ foundingRecord: published, record: published })
  .parse(JSON.parse(readFileSync(path.join(findPackageRoot(), 'docs', 'reference', 'vectors', 'protocol.json'), 'utf8')))
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

/** The published vectors' records; the members of the second are `PEERS`. */
export const FOUNDING_RECORD = recordOf(vectors.foundingRecord)
export const FIRST_RECORD = recordOf(vectors.record)

const FIRST_HEADER = decodeClusterHeader(FIRST_RECORD.bytes).record
/** The first record as one that splits the cluster. */
export const SPLIT_HEADER = encodeClusterHeader({
  ...FIRST_HEADER,
  members: FIRST_HEADER.members.slice(0, 2),
  lineage: { founded: FIRST_HEADER.cluster, splits: [{ cluster: 'verilog.0123456789abcdef', from: idOf('lowest lot that goes'), went: false }] },
  split: { cluster: 'verilog.0123456789abcdef', members: FIRST_HEADER.members.slice(2), tokens: 0 },
})

/** The same as one of a cluster that has been too small for a while. */
export const SMALL_HEADER = encodeClusterHeader({ ...FIRST_HEADER, members: FIRST_HEADER.members.slice(0, 2), small: 3 })

/** A commit of the first record by all of its voters. */
export const COMMIT: Commit = {
  term: 0,
  precommits: PEERS.map((identity) => {
    const vote = { step: 'precommit' as const, term: 0, value: FIRST_RECORD.id, voter: identity.peerId }
    return { peer: identity.peerId, free: true, signature: signVote(identity, ballotOf(FIRST_RECORD.record), vote, true).signature }
  }),
}

const members = PEERS.map(({ peerId }) => peerId)

export const LEVEL_COMMIT: LevelCommit = { term: 2, seats: [{ seat: 'verilog.0', signatures: members.map((peer) => ({ peer, signature: SIGNATURE })) }] }

export const LEVEL_RECORD: LevelRecord = {
  kind: 'level',
  version: 1,
  network: NETWORK,
  policy: 1,
  level: 1,
  cluster: 'root',
  round: 3,
  parent: idOf('parent'),
  carried: LEVEL_COMMIT,
  ancestors: [idOf('before')],
  voters: ['verilog.0', 'qasm.0'],
  entries: [{
    seat: 'verilog.0', record: idOf('record'), commit: idOf('commit'), round: 9, content: idOf('content'), outcome: 'counted', reason: '', weight: 65_536, clip: 65_536,
  }],
  seats: [{ seat: 'verilog.0', domain: 'verilog', record: idOf('record'), round: 9, members, policy: 1, offered: 9, seen: 3, reputation: 65_536, misses: 0, presence: 0xffff }],
  closed: { seat: 'verilog.1', round: 2 },
  delegates: members,
  upper: { round: 2, record: idOf('above'), adapter: idOf('adapter above'), velocity: idOf('velocity above') },
  tokens: 40_000,
  adapter: idOf('adapter'),
  velocity: idOf('outer velocity'),
  residual: idOf('residual'),
  offer: {
    base: idOf('above'), baseRound: 2, content: idOf('change'), size: 1000, velocity: idOf('velocity of the change'), tokens: 40_000,
    adapter: idOf('adapter'), residual: idOf('left out'), round: 3,
  },
  rollback: { record: idOf('rollback'), round: 2 },
}

function recordOf({ header, body }: z.infer<typeof published>): StoredRecord {
  return decodeClusterRecord(decodeClusterHeader(bytesOf(header)), bytesOf(body))
}
