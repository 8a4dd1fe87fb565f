import { repairPrompt } from '../../src/inference/index.js'
import type { Candidate } from '../../src/inference/index.js'

import type { BaseInfo } from '../daemon/base-model.js'

/** How a model of this base is shown its design and what is wrong with it; undefined where it has no form for that, or no room to write it again. */
export function repairWith({ tokenizer, config }: BaseInfo, specification: string): (candidate: Candidate) => readonly number[] | undefined {
  return (candidate) => {
    if (!tokenizer.hasChatTemplate) return undefined
    const prompt = repairPrompt(tokenizer, specification, candidate)
    return prompt.length + candidate.generation.tokens < config.maximumPositions ? prompt : undefined
  }
}
