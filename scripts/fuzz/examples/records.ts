import { readFileSync } from 'node:fs'
import path from 'node:path'

import * as z from 'zod'

import { findPackageRoot } from '../../../src/config/index.js'
import type { Commit, StoredRecord } from '../../../src/rounds/records/cluster-record.js'
import { decodeClusterHeader, decodeClusterRecord } from '../../../src/rounds/records/record-bytes.js'
import { ballotOf, signVote } from '../../../src/rounds/records/votes.js'
import type { UpperCommit, UpperRecord } from '../../../src/rounds/upper/upper-record.js'

import { idOf, NETWORK, PEERS, SIGNATURE } from './identities.js'

const published = z.object({ header: z.string(), body: z.string() })
const vectors = z.object({ foundingRecord: published, record: published })
  .parse(JSON.parse(readFileSync(path.join(findPackageRoot(), 'docs', 'reference', 'vectors', 'protocol.json'), 'utf8')))
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

/** The published vectors' records; the members of the second are `PEERS`. */
export const FOUNDING_RECORD = recordOf(vectors.foundingRecord)
export const FIRST_RECORD = recordOf(vectors.record)

/** A commit of the first record by all of its voters. */
export const COMMIT: Commit = {
  term: 0,
  precommits: PEERS.map((identity) => {
    const vote = { step: 'precommit' as const, term: 0, value: FIRST_RECORD.id, voter: identity.peerId }
    return { peer: identity.peerId, free: true, signature: signVote(identity, ballotOf(FIRST_RECORD.record), vote, true).signature }
  }),
}

const members = PEERS.map(({ peerId }) => peerId)

export const UPPER_COMMIT: UpperCommit = { term: 2, seats: [{ seat: 'verilog.0', roster: members, signatures: members.map((peer) => ({ peer, signature: SIGNATURE })) }] }

export const UPPER_RECORD: UpperRecord = {
  kind: 'upper',
  version: 1,
  network: NETWORK,
  policy: 1,
  level: 1,
  cluster: 'root',
  round: 3,
  parent: idOf('parent'),
  carried: UPPER_COMMIT,
  ancestors: [idOf('before')],
  voters: ['verilog.0', 'qasm.0'],
  entries: [{
    seat: 'verilog.0', record: idOf('record'), commit: idOf('commit'), round: 9, content: idOf('content'), velocity: idOf('velocity'),
    tokens: 40_000, outcome: 'counted', reason: '', weight: 65_536, clip: 65_536,
  }],
  seats: [{ seat: 'verilog.0', domain: 'verilog', record: idOf('record'), round: 9, members, reputation: 65_536, misses: 0, presence: 0xffff }],
  adapter: idOf('adapter'),
  velocity: idOf('outer velocity'),
}

function recordOf({ header, body }: z.infer<typeof published>): StoredRecord {
  return decodeClusterRecord(decodeClusterHeader(bytesOf(header)), bytesOf(body))
}
