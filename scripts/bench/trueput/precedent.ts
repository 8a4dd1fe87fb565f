import type { Precedent } from '../../../src/inference/index.js'
import type { Tokenizer } from '../../../src/model/index.js'
import { encodeExample } from '../../../src/training/index.js'
import type { Pair } from '../../../src/training/index.js'

/** What drafts are to know of a house's design. */
export function precedentOf(tokenizer: Tokenizer, pair: Pair): Precedent {
  const { prompt, completion } = encodeExample(tokenizer, pair)
  return { prompt: [...prompt], design: [...completion] }
}
