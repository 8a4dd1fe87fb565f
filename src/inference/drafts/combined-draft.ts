import { NOTHING } from './draft.js'
import type { Draft, Proposal } from './draft.js'

/**
 * Several drafts, of which the one with the longest expected agreement is taken for each call.
 * Of equals the first wins.
 */
export function combinedDraft(drafts: readonly Draft[]): Draft {
  return {
    name: drafts.map((draft) => draft.name).join('+'),
    prepare() { for (const draft of drafts) draft.prepare?.() },
    propose(tokens, maximum): Proposal {
      let best = NOTHING
      let bestExpected = 0
      for (const draft of drafts) {
        const proposal = draft.propose(tokens, maximum)
        const expected = expectedAgreement(proposal)
        if (expected > bestExpected) {
          best = proposal
          bestExpected = expected
        }
      }
      return best
    },
  }
}

/** Expected number of tokens that the target accepts, by the draft's own confidence. */
export function expectedAgreement({ confidence }: Proposal): number {
  let expected = 0
  let all = 1
  for (const one of confidence) {
    all *= one
    expected += all
  }
  return expected
}
