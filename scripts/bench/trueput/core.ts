import path from 'node:path'

import { GREEDY, openGenerator, PersonalDrafts } from '../../../src/inference/index.js'
import type { Generator } from '../../../src/inference/index.js'
import { loadCheckpoint } from '../../../src/model/index.js'
import type { Checker } from '../../../src/quality/index.js'
import { say } from '../report.js'
import { acceptanceOnTruth, beforeRepetition, openingsOf } from './completions.js'
import { coreAdapter } from './core-adapter.js'
import { coreDraft } from './core-draft.js'
import { precedentOf } from './precedent.js'
import { openRealCore } from './real-core.js'
import { compareDrafts, threadsToTry } from './speculation.js'
import type { Comparison } from './speculation.js'

/** A fifth of its modules is held out. */
const CORE = 'ibex'
const COMPLETION_TOKENS = 256
const LONGEST_TEXT = 2048
/** Openings of modules that were trained on, completed for the draft to learn from. */
const LEARNT_COMPLETIONS = 200
const FOLDER = path.join('build', 'trueput')
/** Tokens that are proposed at each place of the true text. */
const TRUE_DRAFT_LENGTH = 8

export interface CoreComparison extends Comparison {
  /** Tokens a call if the model wrote what the core's authors have. */
  readonly acceptanceLengthOnTruth: number
  readonly details: Readonly<Record<string, unknown>>
}

/** A public model, a real house's adapter, and modules of that house that neither has seen. @param most - prompts */
export async function compareOnCore(checker: Checker, most: number, threads: number): Promise<CoreComparison> {
  const { model, modules: { training, validation } } = await openRealCore(CORE, checker)
  const checkpoint = await loadCheckpoint(model)
  const { tokenizer, config } = checkpoint
  const adapter = await coreAdapter(checkpoint, training, FOLDER, threads)
  const precedents = training.map((pair) => precedentOf(tokenizer, pair))
  const drafts = new PersonalDrafts(tokenizer)
  drafts.useCorpus(precedents, [])
  const acceptanceLengthOnTruth = acceptanceOnTruth(tokenizer, validation, (prompt) => drafts.for(prompt), TRUE_DRAFT_LENGTH)

  const generators = new Map<number, Generator>()
  try {
    for (const one of threadsToTry(threads)) {
      const generator = await openGenerator({ checkpoint: model, quantization: 'q8', threads: one, maximumLength: Math.min(LONGEST_TEXT, config.maximumPositions) })
      generators.set(one, generator)
      await generator.useCorpus(precedents)
      await generator.load('personal', adapter)
    }
    const generator = generators.get(threads)!
    const trained = await coreDraft({
      checkpoint, adapter, generator, name: 'personal', modules: precedents, openings: openingsOf(tokenizer, training), completions: LEARNT_COMPLETIONS, completionTokens: COMPLETION_TOKENS, folder: FOLDER, threads,
    })
    for (const one of generators.values()) await one.useDraft('personal', trained)
    const prompts = openingsOf(tokenizer, validation).map(({ prompt }) => prompt).slice(0, most)
    const limits: number[] = []
    for (const prompt of prompts) {
      const { text } = await generator.generate({ prompt, maximumTokens: COMPLETION_TOKENS, stop: [], draft: 'personal', sampling: GREEDY, adapter: 'personal' })
      limits.push(Math.max(1, beforeRepetition(tokenizer.encode(text))))
      if (limits.length % 20 === 0) say(`core: ${limits.length} of ${prompts.length} completed once`)
    }
    const compared = await compareDrafts(generators, prompts, {
      adapter: 'personal', maximumTokens: (at) => limits[at]!, onProgress: (done) => { if (done % 10 === 0) say(`core: ${done} of ${prompts.length}`) },
    })
    return {
      ...compared,
      acceptanceLengthOnTruth,
      details: {
        core: CORE, trained: training.map(({ source }) => source), heldOut: validation.map(({ source }) => source),
        prompts: prompts.length, cut: limits.filter((limit) => limit < COMPLETION_TOKENS).length, ...compared.counts, ways: compared.ways,
      },
    }
  } finally {
    for (const generator of generators.values()) await generator.close()
  }
}
