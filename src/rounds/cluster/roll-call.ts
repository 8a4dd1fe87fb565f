import { quorumOf } from '../../hierarchy/index.js'

import type { Gathering } from './gathering.js'
import type { Silence } from './silence.js'

/** Roll calls within one training: what comes and goes more often than that is not worth an agreement each time. */
const CALLS_AT_MOST = 16

/**
 * Whether the roster is to be renewed while all still train: half of those whom a quorum can do without have gone, and a record would take some of them off
 * or add others. In a network where peers stay there is none; where they come and go, a quorum never has to outlive a whole training.
 *
 * @param before - roll calls that this training has had
 */
export function isRollCallDue(members: number, before: number, { leaves, joins }: Pick<Gathering, 'leaves' | 'joins'>, silence: Silence): boolean {
  if (before >= CALLS_AT_MOST) return false
  const dropped = silence.membersToDrop(joins.size).length
  if (dropped > 0) return true
  const lost = leaves.size + silence.longGone().length
  return lost > 0 && 2 * lost >= members - quorumOf(members) && leaves.size + joins.size > 0
}
