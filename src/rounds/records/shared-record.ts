import { contentId, hashCanonical } from '../../identity/index.js'
import { numberOf, SharedResults } from '../shared-results.js'

import type { ClusterRecord } from './cluster-record.js'
import { computeRecord } from './compute-record.js'
import type { ComputedRecord, RecordInput } from './compute-record.js'
import { keyOfAbove, keyOfRestored, keyOfState } from './input-keys.js'
import { commitIdOf } from './record-bytes.js'

const results = new SharedResults<ClusterRecord, ComputedRecord>()

/** The same as `computeRecord`, computed once for all peers of this process that ask for it with equal input. @throws what that throws */
export function sharedRecord(input: RecordInput): ComputedRecord {
  return results.of(input.parent.record, keyOf(input), () => computeRecord(input))
}

/** Names all that a record follows from, but for the parent: evidence by its hashes, what is no evidence by its object. */
function keyOf(input: RecordInput): string {
  const { place, closed, manifests, missing, bytes, reunions, carried, cheats } = input
  const ids = (items: readonly { readonly id: string }[]): string => items.map(({ id }) => id).join()
  const parts: Record<keyof Omit<RecordInput, 'parent'>, string | number> = {
    policy: numberOf(input.policy),
    next: numberOf(input.next),
    clusters: numberOf(input.clusters),
    seats: input.seats === undefined ? '' : numberOf(input.seats),
    verify: numberOf(input.verify),
    place: `${place.network} ${place.cluster} ${place.round} ${place.instance} ${place.voters.join()}`,
    state: keyOfState(input.state),
    carried: carried === null ? '' : commitIdOf(carried),
    base: numberOf(input.base),
    above: keyOfAbove(input.above),
    restored: keyOfRestored(input.restored),
    closed: `${closed.seed} ${ids(closed.lists)} ${[...closed.manifests].join()}`,
    manifests: ids(manifests),
    missing: [...missing].join(),
    bytes: manifests.map(({ payload }) => (bytes.has(payload.content) ? 1 : 0)).join(''),
    reunions: manifests.map(({ id }) => reunions.get(id) ?? '').join(),
    audits: ids(input.audits),
    joins: ids(input.joins),
    leaves: ids(input.leaves),
    silent: input.silent.join(),
    cheats: cheats.length === 0 ? '' : hashCanonical(cheats),
  }
  return contentId(Buffer.from(Object.values(parts).join('|'), 'latin1'))
}
