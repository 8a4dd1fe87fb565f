import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'

import { initialAdapter } from '../../../src/adapter/index.js'
import { adapterLayout, openModelWorker, TARGETS } from '../../../src/model/index.js'
import type { Checkpoint } from '../../../src/model/index.js'
import type { NamedAdapter } from '../../../src/inference/index.js'
import { writeAtomically } from '../../../src/store/index.js'
import { createLearner, encodeExample } from '../../../src/training/index.js'
import type { EncodedExample, Pair } from '../../../src/training/index.js'
import { say } from '../report.js'

const RANK = 16
const ALPHA = 32
const ROW_LENGTH = 512
/** Tokens before a window that it is read with, and that are not learnt again. */
const CONTEXT = 64
const WINDOWS_PER_STEP = 4
const EPOCHS = 1
const RATE = 1e-3
const WARMUP_STEPS = 10
const SEED = 1

/** An adapter trained on a house's modules: from `folder` where they have been trained on before. */
export async function coreAdapter(checkpoint: Checkpoint, modules: readonly Pair[], folder: string, threads: number): Promise<NamedAdapter> {
  const { config, tokenizer } = checkpoint
  const layout = adapterLayout(config, { rank: RANK, alpha: ALPHA, targets: TARGETS })
  const windows = modules.flatMap((pair) => windowsOf(encodeExample(tokenizer, pair)))
  const recipe = JSON.stringify({ RANK, ALPHA, ROW_LENGTH, CONTEXT, WINDOWS_PER_STEP, EPOCHS, RATE, WARMUP_STEPS, SEED, modules })
  const file = path.join(folder, `core-${createHash('sha256').update(recipe).digest('hex').slice(0, 16)}.f32`)
  if (existsSync(file)) {
    const bytes = await readFile(file)
    return { settings: layout.settings, values: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)) }
  }
  const steps = Math.ceil(EPOCHS * windows.length / WINDOWS_PER_STEP)
  say(`training on ${windows.length} windows of ${modules.length} modules: ${steps} steps`)
  const worker = await openModelWorker(checkpoint, layout, { threads })
  try {
    const learner = createLearner({
      worker, layout, examples: windows, replay: [], replayShare: 0, seed: SEED,
      batch: { rows: 1, rowLength: ROW_LENGTH }, microBatches: WINDOWS_PER_STEP,
      schedule: { rate: RATE, campaignRounds: 1, warmupSteps: WARMUP_STEPS, floorShare: 0.1 },
      onProgress: ({ step, loss }) => { if (step % 10 === 0) say(`step ${step} of ${steps}: loss ${loss.toFixed(3)}`) },
    })
    const { adapter } = await learner.train({ adapter: initialAdapter(layout, SEED), campaignRound: 0, steps })
    await mkdir(folder, { recursive: true })
    await writeAtomically(file, new Uint8Array(adapter.buffer, adapter.byteOffset, adapter.byteLength))
    return { settings: layout.settings, values: adapter }
  } finally {
    await worker.close()
  }
}

/** A module as rows that hold it: each but the first begins with the last tokens of the one before. */
function windowsOf({ prompt, completion }: EncodedExample): EncodedExample[] {
  const text = [...prompt, ...completion]
  const windows: EncodedExample[] = []
  for (let from = Math.min(prompt.length, ROW_LENGTH / 2), before = from; from < text.length;) {
    const to = Math.min(text.length, from + ROW_LENGTH - before)
    windows.push({ prompt: Int32Array.from(text.slice(from - before, from)), completion: Int32Array.from(text.slice(from, to)) })
    from = to
    before = CONTEXT
  }
  return windows
}
