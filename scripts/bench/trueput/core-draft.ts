import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'

import { GREEDY } from '../../../src/inference/index.js'
import type { Generator, NamedAdapter, Precedent } from '../../../src/inference/index.js'
import { decodeDraft, encodeDraft } from '../../../src/model/index.js'
import type { Checkpoint, RecurrentDraft } from '../../../src/model/index.js'
import { writeAtomically } from '../../../src/store/index.js'
import { createRandom, shuffled } from '../../../src/telemetry/index.js'
import { distilDraft } from '../../../src/training/index.js'
import type { DistilText } from '../../../src/training/index.js'
import { say } from '../report.js'
import { beforeRepetition } from './completions.js'
import type { Opening } from './completions.js'

const SEED = 1
const LONGEST_TEXT = 2048

export interface CoreDraftOptions {
  readonly checkpoint: Checkpoint
  readonly adapter: NamedAdapter
  /** Has the adapter under this name. */
  readonly generator: Generator
  readonly name: string
  readonly modules: readonly Precedent[]
  /** Of modules that were trained on: what users of the house might have asked for before. */
  readonly openings: readonly Opening[]
  /** Of these, so many are completed. */
  readonly completions: number
  readonly completionTokens: number
  readonly folder: string
  readonly threads: number
}

/** A draft distilled from a house's model, as a node's would be after some weeks of use: from `folder` where there is one of the same making. */
export async function coreDraft({ checkpoint, adapter, generator, name, modules, openings, completions, completionTokens, folder, threads }: CoreDraftOptions): Promise<RecurrentDraft> {
  const chosen = shuffled(openings, createRandom(SEED)).slice(0, completions)
  const { contentId: base, config } = checkpoint
  const recipe = createHash('sha256').update(JSON.stringify({ base, SEED, LONGEST_TEXT, modules, chosen, completionTokens, hasCalmRows: checkpoint.hasCalmRows ?? false })).update(adapter.values)
  const file = path.join(folder, `core-draft-${recipe.digest('hex').slice(0, 16)}.bin`)
  if (existsSync(file)) return decodeDraft(await readFile(file)).draft
  const texts: DistilText[] = modules.map(({ prompt, design }) => ({ tokens: [...prompt, ...design], from: prompt.length }))
  for (const [at, { prompt }] of chosen.entries()) {
    const { ids } = await generator.generate({ prompt, maximumTokens: completionTokens, stop: [], draft: 'personal', sampling: GREEDY, adapter: name })
    texts.push({ tokens: [...prompt, ...ids.slice(0, beforeRepetition(ids))], from: prompt.length })
    if ((at + 1) % 20 === 0) say(`draft: ${at + 1} of ${chosen.length} openings completed`)
  }
  let told = 0
  const draft = await distilDraft({
    checkpoint: checkpoint.directory, adapter, quantization: 'q8', threads, texts, seed: SEED, maximumLength: LONGEST_TEXT,
    onProgress: ({ done, all, what }) => {
      if (done < told) told = 0
      if (done - told < all / 10) return
      told = done
      say(`draft: ${what}, ${Math.round(100 * done / all)} %`)
    },
  })
  await mkdir(folder, { recursive: true })
  await writeAtomically(file, encodeDraft(draft, { base, hiddenSize: config.hiddenSize }))
  return draft
}
