import type { z } from 'zod'

import { contentId, decodeCanonical, encodeCanonical } from '../../identity/index.js'
import type { ContentId } from '../../network/index.js'
import { messageOf, RoundsError } from '../errors.js'
import { MAXIMUM_RECORD_BYTES } from '../limits.js'

import { clusterBodySchema, clusterHeaderSchema, commitSchema } from './cluster-record.js'
import type { ClusterBody, ClusterHeader, ClusterRecord, Commit, Stored, StoredRecord } from './cluster-record.js'

/** Record and body in their canonical bytes. */
export function encodeClusterRecord(record: Omit<ClusterRecord, 'body'>): StoredRecord {
  const { lists, entries, audits, joins, leaves, silent, away, cheats, settled, evidence, ...rest } = record
  const body = encodeCanonical({ kind: 'body', version: 1, lists, entries, audits, joins, leaves, silent, away, cheats, settled, evidence } satisfies ClusterBody)
  const header = encodeClusterHeader({ ...rest, body: contentId(body) })
  const stored: StoredRecord = { id: header.id, bytes: header.bytes, body, record: { ...record, body: header.record.body } }
  // Whoever reads these very bytes again has it, too.
  records.set(header.bytes, stored)
  return stored
}

export function encodeClusterHeader(record: ClusterHeader): Stored<ClusterHeader> {
  const bytes = encodeCanonical(record)
  return { id: contentId(bytes), bytes, record }
}

/** @throws RoundsError RECORD_MALFORMED */
export function decodeClusterHeader(bytes: Uint8Array): Stored<ClusterHeader> {
  return once(headers, bytes, () => ({ id: contentId(bytes), bytes, record: decodeWith(clusterHeaderSchema, bytes, 'record of a cluster') }))
}

/**
 * Puts a header and its body together.
 *
 * @throws RoundsError RECORD_MALFORMED where either cannot be read, or the body is that of another header
 */
export function decodeClusterRecord(header: Stored<ClusterHeader>, body: Uint8Array): StoredRecord {
  return once(records, header.bytes, () => {
    if (contentId(body) !== header.record.body) throw new RoundsError('RECORD_MALFORMED', `the body of the record ${header.id.slice(0, 12)} is another than it names`)
    const { lists, entries, audits, joins, leaves, silent, away, cheats, settled, evidence } = decodeClusterBody(body)
    return { ...header, body, record: { ...header.record, lists, entries, audits, joins, leaves, silent, away, cheats, settled, evidence } }
  })
}

/** @throws RoundsError RECORD_MALFORMED */
export function decodeClusterBody(bytes: Uint8Array): ClusterBody {
  return once(bodies, bytes, () => decodeWith(clusterBodySchema, bytes, 'body of a record'))
}

/** @throws RoundsError RECORD_MALFORMED */
export function decodeCommit(bytes: Uint8Array): Commit {
  return once(commits, bytes, () => knownBy(bytes, decodeWith(commitSchema, bytes, 'commit')))
}

/** The canonical bytes of a commit, also of one of seats: encoded once, since it is asked for at every heartbeat. */
export function encodeCommit(commit: object): Uint8Array {
  return encoded.get(commit)?.bytes ?? encodedAs(commit, encodeCanonical(commit)).bytes
}

export function commitIdOf(commit: object): ContentId {
  return (encoded.get(commit) ?? encodedAs(commit, encodeCanonical(commit))).id
}

/** Notes the bytes that a commit was read from. @returns the commit */
export function knownBy<Value extends object>(bytes: Uint8Array, commit: Value): Value {
  encodedAs(commit, bytes)
  return commit
}

function encodedAs(commit: object, bytes: Uint8Array): { readonly id: ContentId, readonly bytes: Uint8Array } {
  const named = { id: contentId(bytes), bytes }
  encoded.set(commit, named)
  return named
}

/** @throws RoundsError RECORD_MALFORMED */
export function decodeWith<Schema extends z.ZodType>(schema: Schema, encoded: Uint8Array, what: string): z.infer<Schema> {
  if (encoded.length > MAXIMUM_RECORD_BYTES) throw new RoundsError('RECORD_MALFORMED', `${encoded.length} bytes are above the limit of ${MAXIMUM_RECORD_BYTES} for a ${what}`)
  try {
    return schema.parse(decodeCanonical(encoded))
  } catch (error) {
    throw new RoundsError('RECORD_MALFORMED', `${encoded.length} bytes are no ${what}: ${messageOf(error).replaceAll(/\s+/g, ' ').slice(0, 300)}`, { cause: error })
  }
}

/** What has been read from bytes that are still at hand: neither ever changes. */
const headers = new WeakMap<Uint8Array, Stored<ClusterHeader>>()
const bodies = new WeakMap<Uint8Array, ClusterBody>()
const records = new WeakMap<Uint8Array, StoredRecord>()
const commits = new WeakMap<Uint8Array, Commit>()
const encoded = new WeakMap<object, { readonly id: ContentId, readonly bytes: Uint8Array }>()

function once<Value>(known: WeakMap<Uint8Array, Value>, bytes: Uint8Array, read: () => Value): Value {
  const before = known.get(bytes)
  if (before !== undefined) return before
  const value = read()
  known.set(bytes, value)
  return value
}
