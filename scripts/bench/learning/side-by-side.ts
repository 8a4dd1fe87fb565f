import { isDeepStrictEqual } from 'node:util'

import type { Learner, TrainInput, TrainResult } from '../../../src/training/index.js'

type Training = Pick<Learner, 'train'>

/**
 * Learners that all train a round as soon as the first is asked to: virtual time stands still for real work, so that peers, which begin milliseconds
 * apart, would otherwise train one after the other. Only for peers that have the same shared adapter.
 */
export function sideBySide(learners: readonly Training[]): Training[] {
  let under: { readonly asked: TrainInput, readonly results: readonly Promise<TrainResult>[] } | undefined
  return learners.map((_, at) => ({
    train: (asked) => {
      if (under?.asked.campaignRound !== asked.campaignRound) under = { asked, results: learners.map((learner) => learner.train(asked)) }
      if (under.asked.steps !== asked.steps || !isDeepStrictEqual(under.asked.adapter, asked.adapter)) {
        throw new Error(`round ${asked.campaignRound} of peer ${at} does not begin where the others begin`)
      }
      return under.results[at]!
    },
  }))
}
