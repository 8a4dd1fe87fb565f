import type { Learner as RoundLearner, TrainRequest, Trained } from '../../src/rounds/index.js'
import type { Store } from '../../src/store/index.js'
import type { Logger } from '../../src/telemetry/index.js'
import type { Progress } from '../../src/training/index.js'

import type { Workshop } from './workshop.js'

const STATE = 'optimiser'
const STATE_VERSION = 1

/**
 * Training as rounds ask for it: the optimiser's moments live on through a campaign, also across restarts, and start afresh with the next one.
 */
export async function createRoundLearner(workshop: Workshop, store: Store, log: Logger, onProgress: (progress: Progress) => void): Promise<RoundLearner> {
  const learner = workshop.learner({ onProgress })
  const saved = await store.readState(STATE, { version: STATE_VERSION }).catch((error: unknown) => {
    log.warn('the optimiser starts afresh', { error })
    return undefined
  })
  if (saved instanceof Uint8Array) {
    try {
      learner.restore(saved)
    } catch (error) {
      log.warn('the optimiser starts afresh', { error })
    }
  }
  return {
    async train({ adapter, campaignRound, steps, signal }: TrainRequest): Promise<Trained> {
      if (campaignRound === 0) learner.resetMoments()
      const trained = await learner.train({ adapter, campaignRound, steps, signal })
      await store.writeState(STATE, STATE_VERSION, learner.state())
      return trained
    },
  }
}
