import type { GenerationResult, Served } from '../../src/inference/index.js'

import type { GenerateAnswer } from './request.js'

/** Of the design itself. */
export function writtenOf({ tokens, drafted, accepted }: Pick<GenerationResult, 'tokens' | 'drafted' | 'accepted'>): GenerateAnswer['written'] {
  return { tokens, drafted, accepted }
}

/** Of all that was written for it. */
export function figures(served: Served): Pick<GenerateAnswer, 'served' | 'tokensPerSecond' | 'acceptanceLength'> {
  return {
    served,
    tokensPerSecond: served.generationMilliseconds > 0 ? served.tokens * 1000 / served.generationMilliseconds : 0,
    acceptanceLength: served.targetCalls > 0 ? served.tokens / served.targetCalls : 0,
  }
}
