import { decodeCanonical, encodeCanonical, verifySignature } from '../../../src/identity/index.js'
import { valuesOf } from '../../../src/rounds/records/arrays.js'
import { checkCommit } from '../../../src/rounds/records/commit.js'
import { decodeClusterBody, decodeClusterHeader, decodeCommit } from '../../../src/rounds/records/record-bytes.js'
import { decodeLevelCommit, decodeLevelRecord, encodeLevelRecord } from '../../../src/rounds/records/level-record.js'

import { COMMIT, FIRST_RECORD, FOUNDING_RECORD, LEVEL_COMMIT, LEVEL_RECORD, SMALL_HEADER, SPLIT_HEADER } from '../examples/records.js'
import { PEERS } from '../examples/identities.js'
import { encodeAnyhow } from '../loose-cbor.js'
import { foreignBytes } from '../mutate-bytes.js'
import { foreignValue, mutateValue } from '../mutate-values.js'
import { must, mustBeSame, surface } from '../surface.js'
import type { Surface } from '../surface.js'

/** Content that was pulled: whoever holds it may have made it up. */
function pulled(name: string, examples: readonly Uint8Array[], again: (bytes: Uint8Array) => Uint8Array): Surface {
  const values = examples.map((bytes) => decodeCanonical(bytes))
  for (const bytes of examples) again(bytes)
  return surface({
    name,
    from: 'a peer',
    make: (draw) => draw.chance(0.7) ? encodeAnyhow(foreignValue(draw.pick(values), draw), draw) : foreignBytes(draw.pick(examples), draw),
    feed: (bytes) => { mustBeSame(again(bytes), bytes) },
  })
}

const commitCheck = surface({
  name: 'commit-signatures',
  from: 'a peer',
  make: (draw) => encodeAnyhow(mutateValue(COMMIT, draw), draw),
  feed: (bytes) => {
    const commit = decodeCommit(bytes)
    checkCommit(FIRST_RECORD, commit, verifySignature)
    must(new Set(commit.precommits.map(({ peer }) => peer)).size >= 3, 'a commit without a quorum stands')
    for (const precommit of commit.precommits) {
      const genuine = COMMIT.precommits.find(({ peer }) => peer === precommit.peer)
      must(genuine !== undefined && commit.term === COMMIT.term, 'a precommit stands that its voter never signed')
      mustBeSame(encodeCanonical(precommit), encodeCanonical(genuine!))
    }
  },
})

const checkpoint = surface({
  name: 'checkpoint-values',
  from: 'a peer',
  make: (draw) => foreignBytes(new Uint8Array(4 * 130), draw),
  feed: (bytes) => { must(valuesOf(bytes, 130).length === 130, 'values of another number') },
})

export const recordSurfaces: readonly Surface[] = [
  pulled('cluster-header', [FOUNDING_RECORD.bytes, FIRST_RECORD.bytes, SPLIT_HEADER.bytes, SMALL_HEADER.bytes], (bytes) => encodeCanonical(decodeClusterHeader(bytes).record)),
  pulled('cluster-body', [FOUNDING_RECORD.body, FIRST_RECORD.body], (bytes) => encodeCanonical(decodeClusterBody(bytes))),
  pulled('cluster-commit', [encodeCanonical(COMMIT)], (bytes) => encodeCanonical(decodeCommit(bytes))),
  pulled('level-record', [encodeLevelRecord(LEVEL_RECORD).bytes], (bytes) => encodeLevelRecord(decodeLevelRecord(bytes).record).bytes),
  pulled('level-commit', [encodeCanonical(LEVEL_COMMIT)], (bytes) => encodeCanonical(decodeLevelCommit(bytes))),
  commitCheck,
  checkpoint,
]
must(FIRST_RECORD.record.voters.length === PEERS.length, 'the vectors name other members')
