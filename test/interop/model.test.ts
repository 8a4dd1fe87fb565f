/**
 * Against transformers and PEFT themselves, with SmolLM2-135M-Instruct; see scripts/interop. Not part of `npm test`.
 * MESHWRIGHT_PYTHON names the Python; without it, that of scripts/interop/setup.sh is used.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

import test from 'ava'

import { findPackageRoot } from '../../src/config/index.js'
import {
  adapterLayout, DecodeSession, loadCheckpoint, openModelWorker, type ChatMessage, type PackedBatch, type Target,
} from '../../src/model/index.js'
import { ModelFiles, type Tensor } from '../../src/model/files/model-files.js'
import { flatten, relativeError } from '../model/fixtures.js'

interface Reference {
  readonly messages: readonly ChatMessage[]
  readonly prompt: string
  readonly promptIds: readonly number[]
  readonly completion: string
  readonly completionIds: readonly number[]
  readonly greedy: readonly number[]
  readonly greedyText: string
  readonly rank: number
  readonly alpha: number
  readonly targets: readonly Target[]
  readonly rate: number
  readonly losses: readonly number[]
}

const root = findPackageRoot()
const folder = path.join(root, 'build', 'interop', 'smollm2')
const model = path.join(folder, 'model')
let reference: Reference
let tensors: Map<string, Tensor>

test.before(async (t) => {
  t.timeout(600_000, 'transformers and PEFT compute the reference')
  const script = path.join(root, 'scripts', 'interop', 'reference.py')
  const python = process.env.MESHWRIGHT_PYTHON ?? path.join(root, 'build', 'interop', 'venv', 'bin', 'python')
  // Minutes of PyTorch: once computed, it holds until the script changes or build/ is removed.
  if (!isNewer(path.join(folder, 'reference.json'), script)) execFileSync(python, [script, folder], { stdio: ['ignore', 'ignore', 'pipe'] })
  reference = JSON.parse(readFileSync(path.join(folder, 'reference.json'), 'utf8')) as Reference
  tensors = await new ModelFiles(folder).tensors('reference.safetensors', () => true)
})

test.serial('SmolLM2: chat, tokens, next-token logits and greedy text are those of transformers', async (t) => {
  t.timeout(300_000)
  const checkpoint = await loadCheckpoint(model)
  const { tokenizer } = checkpoint
  t.is(tokenizer.renderChat(reference.messages, { addGenerationPrompt: true }), reference.prompt)
  t.deepEqual(tokenizer.encode(reference.prompt), reference.promptIds)
  t.deepEqual(tokenizer.encode(reference.completion), reference.completionIds)

  const session = await DecodeSession.create(checkpoint, { quantization: 'f32', threads: 2, maximumLength: 256 })
  const logits = await session.forward(reference.promptIds, { last: 1 })
  t.true(relativeError(logits, tensors.get('logits')!.values) < 1e-4)
  const written = [logits.indexOf(logits.reduce((most, value) => Math.max(most, value)))]
  while (written.length < reference.greedy.length) written.push((await session.forwardGreedy([written.at(-1)!]))[0]!)
  t.deepEqual(written, reference.greedy)
  t.is(tokenizer.decode(written), reference.greedyText)
  await session.release()
})

test.serial('SmolLM2: the losses of ten LoRA steps with AdamW are those of PEFT', async (t) => {
  t.timeout(300_000)
  const { config } = await loadCheckpoint(model)
  const layout = adapterLayout(config, reference)
  const adapter = flatten(layout, tensors, 'adapter.')
  const worker = await openModelWorker(model, layout, { threads: 2 })
  const optimise = adamW(adapter.length, reference.rate)
  const batch = completionBatch(reference.promptIds, reference.completionIds)
  for (const expected of reference.losses) {
    const { loss, gradient } = await worker.step(batch, adapter)
    t.true(Math.abs(loss - expected) < 2e-3 * Math.abs(expected), `${loss} instead of ${expected}`)
    optimise(adapter, gradient)
  }
  await worker.close()
})

function isNewer(file: string, than: string): boolean {
  return existsSync(file) && statSync(file).mtimeMs > statSync(than).mtimeMs
}

function completionBatch(prompt: readonly number[], completion: readonly number[]): PackedBatch {
  const ids = Int32Array.from([...prompt, ...completion])
  const rowLength = ids.length
  return {
    rows: 1,
    rowLength,
    ids,
    labels: Int32Array.from(ids, (_, i) => ids[i + 1] ?? 0),
    weights: Float32Array.from(ids, (_, i) => i >= prompt.length - 1 && i + 1 < rowLength ? 1 : 0),
    positions: Int32Array.from(ids, (_, i) => i),
    documents: new Int32Array(rowLength),
  }
}

/** AdamW as torch.optim.AdamW does it, with betas 0.9 and 0.999, epsilon 1e-8 and weight decay 0.01. */
function adamW(length: number, rate: number): (values: Float32Array, gradient: Float32Array) => void {
  const mean = new Float64Array(length)
  const square = new Float64Array(length)
  let step = 0
  return (values, gradient) => {
    step++
    const [meanScale, squareScale] = [1 / (1 - 0.9 ** step), 1 / (1 - 0.999 ** step)]
    gradient.forEach((slope, i) => {
      mean[i] = 0.9 * mean[i]! + 0.1 * slope
      square[i] = 0.999 * square[i]! + 0.001 * slope * slope
      values[i] = values[i]! * (1 - rate * 0.01) - rate * mean[i] * meanScale / (Math.sqrt(square[i] * squareScale) + 1e-8)
    })
  }
}
