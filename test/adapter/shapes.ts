import { adapterLayout } from '../../src/model/index.js'
import type { AdapterLayout, LlamaConfig } from '../../src/model/index.js'

/** A decoder small enough for a property test, with unequal sizes so that a swapped shape shows. */
export const TINY: LlamaConfig = {
  hiddenSize: 12, layers: 2, heads: 3, keyValueHeads: 1, headSize: 4, intermediateSize: 20, vocabularySize: 64,
  ropeTheta: 10_000, ropeScaling: { kind: 'none' }, normEpsilon: 1e-6, maximumPositions: 128, tiedEmbeddings: true, beginId: undefined, endIds: [0],
}

export const TINY_LAYOUT: AdapterLayout = adapterLayout(TINY, { rank: 2, alpha: 4, targets: ['q_proj', 'k_proj', 'down_proj'] })
