import { existsSync } from 'node:fs'
import path from 'node:path'

import { findPackageRoot } from '../../src/config/index.js'
import { loadCheckpoint, randomModel, type BaseModel, type LlamaConfig } from '../../src/model/index.js'
import type { Option } from '../command/kinds.js'

/** hidden size, layers, heads, key-value heads, intermediate size, vocabulary; heads of 64 values. */
const DEFAULT_SHAPE = '320,4,5,5,864,2048'

/** For the command lines of benchmarks. */
export const shapeOption: Option<string | undefined> = {
  placeholder: 'sizes',
  help: 'random weights of this shape instead of the embedded base',
  allowed: `hidden size, layers, heads, key-value heads, intermediate size and vocabulary, such as ${DEFAULT_SHAPE}`,
  read: ([word]) => (word === undefined || sizesOf(word) !== undefined ? { value: word } : undefined),
}

/** A repeatable source of uniform numbers in [0, 1). */
export function repeatableRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/**
 * What a benchmark runs on: the embedded base, or random weights of a given shape.
 *
 * @param shape - six numbers, see DEFAULT_SHAPE; without it, the embedded base where it is there
 */
export async function benchModel(shape: string | undefined): Promise<{ readonly name: string, readonly model: BaseModel }> {
  const embedded = path.join(findPackageRoot(), 'models', 'embedded')
  if (shape === undefined && existsSync(path.join(embedded, 'config.json'))) return { name: 'embedded', model: await loadCheckpoint(embedded) }
  const config = parseShape(shape ?? DEFAULT_SHAPE)
  return { name: `random ${shape ?? DEFAULT_SHAPE}`, model: randomModel(config, repeatableRandom(1)) }
}

export function countParameters({ weights }: BaseModel): number {
  return [...weights.values()].reduce((count, values) => count + values.length, 0)
}

function sizesOf(shape: string): readonly [number, number, number, number, number, number] | undefined {
  const [hiddenSize, layers, heads, keyValueHeads, intermediateSize, vocabularySize, ...more] = shape.split(',').map(Number)
  const sizes = [hiddenSize!, layers!, heads!, keyValueHeads!, intermediateSize!, vocabularySize!] as const
  return more.length === 0 && sizes.every((size) => Number.isSafeInteger(size) && size > 0) ? sizes : undefined
}

function parseShape(shape: string): LlamaConfig {
  const sizes = sizesOf(shape)
  if (sizes === undefined) throw new RangeError(`the shape is ${shape}: give ${shapeOption.allowed}`)
  const [hiddenSize, layers, heads, keyValueHeads, intermediateSize, vocabularySize] = sizes
  return {
    hiddenSize,
    layers,
    heads,
    keyValueHeads,
    headSize: 64,
    intermediateSize,
    vocabularySize,
    ropeTheta: 10_000,
    ropeScaling: { kind: 'none' },
    normEpsilon: 1e-5,
    maximumPositions: 1024,
    tiedEmbeddings: true,
    beginId: undefined,
    endIds: [],
  }
}
