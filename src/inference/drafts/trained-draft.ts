import type { RecurrentSession } from '../../model/index.js'
import { expectedAgreement } from './combined-draft.js'
import type { TrainedDraft } from './draft.js'

/** A draft is never quite sure of itself, nor quite unsure. */
const [LEAST_CONFIDENT, MOST_CONFIDENT] = [0.01, 0.99]

/** A small model that was distilled from the target. What it expects to be accepted, in half tokens, stands for the length of its match. */
export function trainedDraft(session: Pick<RecurrentSession, 'propose'>): TrainedDraft {
  return {
    name: 'trained',
    async propose(hidden, token) {
      const { tokens, confidence } = await session.propose(hidden, token)
      const proposal = { tokens: [...tokens], confidence: Array.from(confidence, (one) => Math.min(MOST_CONFIDENT, Math.max(LEAST_CONFIDENT, one))) }
      return { by: 'trained', ...proposal, matched: Math.max(1, Math.round(2 * expectedAgreement({ by: 'trained', matched: 1, ...proposal }))) }
    },
  }
}
