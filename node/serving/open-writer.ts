import { openTeam } from '../../src/inference/index.js'
import type { Generator, Precedent } from '../../src/inference/index.js'

import { parametersOf } from '../daemon/base-model.js'
import type { BaseInfo } from '../daemon/base-model.js'
import type { KeptCorpusIndex } from './kept-corpus-index.js'
import type { KeptHistory } from './kept-history.js'

/** Memory for what texts share at their beginning: some dozen conversations of a small model. With more, a node's memory grows for hours before it stays. */
const PREFIX_CACHE_BYTES = 64 * 2 ** 20

/** Texts that are written side by side; others wait. */
export const TEXTS_AT_ONCE = 16

/** Further threads that write have the weights in memory once more: not with a larger model than this. */
const LARGEST_TWICE = 64e6

export interface WriterOptions {
  readonly base: BaseInfo
  readonly threads: number
  /** Threads that write side by side where many texts are asked for. Default 1. */
  readonly writers?: number
  /** The house's own designs as token ids. */
  readonly precedents: readonly Precedent[]
  /** Where the index of these designs is kept; it is made anew for each start of the thread where absent. */
  readonly corpusIndex?: Pick<KeptCorpusIndex, 'read' | 'keep'>
  /** What was written for users, for drafts; nothing is remembered where absent. */
  readonly history?: Pick<KeptHistory, 'texts' | 'add'>
}

/** Starts the thread that writes, with all that its drafts are made of; further ones follow where they are needed. */
export async function openWriter({ base, threads, writers = 1, precedents, corpusIndex, history }: WriterOptions): Promise<Generator> {
  const generator = await openTeam({
    checkpoint: base.folder, quantization: 'q8', threads, maximumLength: base.config.maximumPositions, maximumTexts: TEXTS_AT_ONCE, prefixCacheBytes: PREFIX_CACHE_BYTES,
  }, parametersOf(base.config) > LARGEST_TWICE ? 1 : writers)
  const index = await generator.useCorpus(precedents, await corpusIndex?.read())
  if (index.isChanged) corpusIndex?.keep(index.segments)
  generator.remember(history?.texts ?? [])
  return generator
}
