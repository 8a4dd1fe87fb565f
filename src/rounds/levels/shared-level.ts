import { contentId } from '../../identity/index.js'
import { numberOf, SharedResults } from '../shared-results.js'
import { keyOfAbove, keyOfRestored, keyOfState } from '../records/input-keys.js'
import type { LevelRecord } from '../records/level-record.js'
import { commitIdOf } from '../records/record-bytes.js'

import { computeLevel } from './compute-level.js'
import type { ComputedLevel, LevelInput } from './compute-level.js'

const results = new SharedResults<LevelRecord, ComputedLevel>()

/** The same as `computeLevel`, computed once for all peers of this process that ask for it with equal input. @throws what that throws */
export function sharedLevel(input: LevelInput): ComputedLevel {
  return results.of(input.parent.record, keyOf(input), () => computeLevel(input))
}

/** Names all that a record of seats follows from, but for the parent. */
function keyOf(input: LevelInput): string {
  const parts: Record<keyof Omit<LevelInput, 'parent'>, string | number> = {
    policy: numberOf(input.policy),
    next: numberOf(input.next),
    carried: input.carried === null ? '' : commitIdOf(input.carried),
    state: keyOfState(input.state),
    reports: input.reports.map(({ seat, stored, commit, members, born, offer }) => [seat, stored.id, commit, members.join(' '), born.map(({ id }) => id).join(' '), offer === null ? '' : `${offer.offer.content} ${offer.offer.velocity}`].join(' ')).join(),
    above: keyOfAbove(input.above),
    restored: keyOfRestored(input.restored),
    isTop: String(input.isTop),
  }
  return contentId(Buffer.from(Object.values(parts).join('|'), 'latin1'))
}
