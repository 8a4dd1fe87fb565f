import { openGenerator } from '../../src/inference/index.js'
import type { Generator, Precedent } from '../../src/inference/index.js'

import type { BaseInfo } from '../daemon/base-model.js'
import type { KeptCorpusIndex } from './kept-corpus-index.js'
import type { KeptHistory } from './kept-history.js'

/** Memory for what texts share at their beginning: some dozen conversations of a small model. With more, a node's memory grows for hours before it stays. */
const PREFIX_CACHE_BYTES = 64 * 2 ** 20

/** Texts that are written side by side; others wait. */
export const TEXTS_AT_ONCE = 16

export interface WriterOptions {
  readonly base: BaseInfo
  readonly threads: number
  /** The house's own designs as token ids. */
  readonly precedents: readonly Precedent[]
  /** Where the index of these designs is kept; it is made anew for each start of the thread where absent. */
  readonly corpusIndex?: Pick<KeptCorpusIndex, 'read' | 'keep'>
  /** What was written for users, for drafts; nothing is remembered where absent. */
  readonly history?: Pick<KeptHistory, 'texts' | 'add'>
}

/** Starts the thread that writes, with all that its drafts are made of. */
export async function openWriter({ base, threads, precedents, corpusIndex, history }: WriterOptions): Promise<Generator> {
  const generator = await openGenerator({ checkpoint: base.folder, quantization: 'q8', threads, maximumLength: base.config.maximumPositions, maximumTexts: TEXTS_AT_ONCE, prefixCacheBytes: PREFIX_CACHE_BYTES })
  const index = await generator.useCorpus(precedents, await corpusIndex?.read())
  if (index.isChanged) corpusIndex?.keep(index.segments)
  generator.remember(history?.texts ?? [])
  return generator
}
