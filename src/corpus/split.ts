import type { Example } from './example.js'

export interface Split {
  readonly training: readonly Example[]
  /** Never trained on: what personal models are chosen by. */
  readonly validation: readonly Example[]
}

/** A design keeps its side for ever, since its own hash decides. @param share - of validation, in (0, 1) */
export function splitExamples(examples: readonly Example[], share = 0.1): Split {
  const limit = Math.round(share * 0x10000)
  const held = (example: Example): boolean => parseInt(example.id.slice(0, 4), 16) < limit
  return { training: examples.filter((example) => !held(example)), validation: examples.filter(held) }
}
