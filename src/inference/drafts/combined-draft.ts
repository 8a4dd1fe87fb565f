import { NOTHING } from './draft.js'
import type { Draft, Proposal } from './draft.js'

/** A match of so many tokens is as sure as matches are, and where so many follow it, what the other drafts would say is not worth the time to ask. */
const SURE = { matched: 16, tokens: 4 } as const

/**
 * Several drafts, of which the one with the longest expected agreement is taken for each call.
 * Of equals the first wins; those behind one that is sure are not asked.
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
        if (proposal.matched >= SURE.matched && proposal.tokens.length >= Math.min(SURE.tokens, maximum)) return proposal
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
