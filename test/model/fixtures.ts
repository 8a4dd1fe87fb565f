import { readFileSync } from 'node:fs'
import path from 'node:path'

import { findPackageRoot } from '../../src/config/index.js'
import type { AdapterLayout, ChatMessage, LlamaConfig, PackedBatch, Target } from '../../src/model/index.js'
import { ModelFiles, type Tensor } from '../../src/model/files/model-files.js'

/** Made by scripts/parity/make_fixtures.py. */
export const FIXTURES = ['grouped-untied-sharded-bf16', 'tied-f32', 'linear-f16'] as const

export function fixtureFolder(name: typeof FIXTURES[number]): string {
  return path.join(findPackageRoot(), 'test', 'fixtures', 'model', name)
}

export interface Expected {
  readonly messages: readonly ChatMessage[]
  readonly chat: string
  readonly prompt: string
  readonly ids: readonly number[]
  readonly promptIds: readonly number[]
  /** 64 tokens after the prompt. */
  readonly greedy: readonly number[]
  readonly rank: number
  readonly alpha: number
  readonly targets: readonly Target[]
  readonly loss: number
  /** The most likely token at each position of the batch. */
  readonly best: readonly number[]
  readonly batch: Readonly<Record<'ids' | 'labels' | 'positions' | 'documents', readonly number[]>> & { readonly rows: number, readonly rowLength: number }
}

/** What transformers and PEFT computed with a fixture. */
export function readExpected(folder: string): Expected {
  return JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected
}

export function readExpectedTensors(folder: string): Promise<Map<string, Tensor>> {
  return new ModelFiles(folder).tensors('expected.safetensors', () => true)
}

export function batchOf({ batch }: Expected, weights: Float32Array): PackedBatch {
  const { rows, rowLength } = batch
  return {
    rows,
    rowLength,
    weights,
    ids: Int32Array.from(batch.ids),
    labels: Int32Array.from(batch.labels),
    positions: Int32Array.from(batch.positions),
    documents: Int32Array.from(batch.documents),
  }
}

/** The flat adapter of tensors that are named `prefix` and the layout's names. */
export function flatten(layout: AdapterLayout, tensors: ReadonlyMap<string, Tensor>, prefix: string): Float32Array {
  const flat = new Float32Array(layout.length)
  for (const { name, offset } of layout.tensors) flat.set(tensors.get(prefix + name)!.values, offset)
  return flat
}

/** The largest difference, as a share of the largest expected magnitude. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  let difference = actual.length === expected.length ? 0 : Infinity
  let magnitude = 0
  expected.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - actual[i]!))
    magnitude = Math.max(magnitude, Math.abs(value))
  })
  return difference / magnitude
}

/** A repeatable source of uniform numbers in [0, 1). */
export function repeatable(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A small model whose inner sizes fill no block of 32. */
export const SMALL_CONFIG: LlamaConfig = {
  hiddenSize: 24,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 8,
  intermediateSize: 40,
  vocabularySize: 61,
  ropeTheta: 10_000,
  ropeScaling: { kind: 'none' },
  normEpsilon: 1e-5,
  maximumPositions: 512,
  tiedEmbeddings: true,
  beginId: undefined,
  endIds: [0],
}

/** One document a row, each token the label of the one before it. */
export function plainBatch(texts: readonly (readonly number[])[]): PackedBatch {
  const rowLength = Math.max(...texts.map(({ length }) => length))
  const fill = (value: (text: readonly number[], i: number) => number): number[] =>
    texts.flatMap((text) => Array.from({ length: rowLength }, (_, i) => value(text, i)))
  return {
    rows: texts.length,
    rowLength,
    ids: Int32Array.from(fill((text, i) => text[i] ?? 0)),
    labels: Int32Array.from(fill((text, i) => text[i + 1] ?? 0)),
    weights: Float32Array.from(fill((text, i) => i + 1 < text.length ? 1 : 0)),
    positions: Int32Array.from(fill((_, i) => i)),
    documents: Int32Array.from(fill((text, i) => i < text.length ? 0 : -1)),
  }
}
