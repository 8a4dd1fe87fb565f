import test from 'ava'
import * as onnx from 'onnxruntime-node'

import {
  add, attention, concatenate, crossEntropy, droppedLora, embedding, gatedSilu, gemm, GraphBuilder, GraphError, mergedLora, multiply, reshape, rmsNorm, rotary, transpose,
  type Value,
} from '../../src/graph/index.js'
import { randomValues, runGraph, runSession, type Feed } from './run-graph.js'

type Inputs = Readonly<Record<string, readonly number[]>>

interface Case {
  /** Names and shapes of the inputs whose gradients are checked. */
  readonly wanted: Inputs
  /** Other inputs of the graph. */
  readonly others?: Readonly<Record<string, Feed>>
  readonly build: (graph: GraphBuilder, inputs: Readonly<Record<string, Value>>) => Value
  /** Whether `build` returns the loss itself instead of a tensor. */
  readonly loss?: boolean
}

/** Wide enough that f32 rounding does not drown the difference, narrow enough that curvature does not either. */
const STEP = 1e-2

/** Of the largest gradient of the same input. */
const TOLERANCE = 5e-3

const tensor = (shape: readonly number[], seed: number): Feed => ({ shape, data: randomValues(shape, seed) })

/** sum(output · fixed random numbers): a single number that every value of the output changes differently. */
function weightedSum(graph: GraphBuilder, value: Value): Value {
  const shape = value.shape.map(Number)
  const size = shape.reduce((product, each) => product * each, 1)
  const factors = graph.constant('factors', [size, 1], randomValues(shape, 99))
  return gemm(graph, reshape(graph, value, [1, size]), factors)
}

async function checkGradients({ wanted, others = {}, build, loss = false }: Case): Promise<string[]> {
  const graph = new GraphBuilder()
  const inputs: Record<string, Value> = {}
  const feeds: Record<string, Feed> = { ...others }
  Object.entries(wanted).forEach(([name, shape], i) => {
    inputs[name] = graph.input(name, shape, { needsGradient: true })
    feeds[name] = tensor(shape, i + 1)
  })
  for (const [name, { shape, type = 'float32' }] of Object.entries(others)) inputs[name] = graph.input(name, shape, { type })
  const result = build(graph, inputs)
  const total = loss ? result : weightedSum(graph, result)
  const names = Object.keys(wanted)
  graph.gradients(total, names.map((name) => inputs[name]!)).forEach((gradient, i) => {
    graph.output(`gradient.${names[i]!}`, gradient)
  })
  graph.output('total', total)

  const session = await onnx.InferenceSession.create(graph.serialise(), { intraOpNumThreads: 1, logSeverityLevel: 3 })
  const outputs = await runSession(session, feeds)
  const wrong: string[] = []
  for (const name of names) {
    const values = feeds[name]!.data as Float32Array
    const gradient = outputs[`gradient.${name}`]!
    const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    if (largest === 0 || gradient.length !== values.length) wrong.push(`${name}: no gradient`)
    for (let i = 0; i < values.length; i++) {
      const original = values[i]!
      const totalAt = async (value: number): Promise<number> => {
        values[i] = value
        return (await runSession(session, feeds)).total![0]!
      }
      const difference = (await totalAt(original + STEP) - await totalAt(original - STEP)) / (2 * STEP)
      values[i] = original
      if (Math.abs(difference - gradient[i]!) > TOLERANCE * largest) wrong.push(`${name}[${i}]: ${gradient[i]} instead of ${difference}`)
    }
  }
  await session.release()
  return wrong
}

const keep: Feed = { shape: [3, 4], type: 'bool', data: Uint8Array.of(1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0) }
const tables = (graph: GraphBuilder) => {
  const angles = randomValues([5, 2], 7)
  const constant = (name: string, of: (angle: number) => number): Value => graph.constant(name, [5, 2], angles.map(of))
  return { cosine: constant('cosine', Math.cos), sine: constant('sine', Math.sin), negativeSine: constant('negativeSine', (angle) => -Math.sin(angle)) }
}

const cases: Readonly<Record<string, Case>> = {
  'an addition that broadcasts': { wanted: { a: [2, 3, 4], b: [3, 1] }, build: (graph, { a, b }) => add(graph, a!, b!) },
  'a multiplication that broadcasts': { wanted: { a: [2, 1, 4], b: [3, 4] }, build: (graph, { a, b }) => multiply(graph, a!, b!) },
  'a value that is used twice': { wanted: { a: [2, 3] }, build: (graph, { a }) => multiply(graph, add(graph, a!, a!), a!) },
  'a reshape and a transpose': { wanted: { a: [2, 3, 4] }, build: (graph, { a }) => multiply(graph, transpose(graph, reshape(graph, a!, [4, 3, 2]), [2, 0, 1]), transpose(graph, a!, [0, 2, 1])) },
  'tensors joined along an axis': {
    wanted: { a: [2, 3, 4], b: [2, 1, 4] },
    build: (graph, { a, b }) => multiply(graph, concatenate(graph, [a!, b!, a!], 1), concatenate(graph, [b!, a!, a!], 1)),
  },
  ...Object.fromEntries([[false, false], [false, true], [true, false], [true, true]].map(([transposeA, transposeB]): [string, Case] => [
    `a matrix product${transposeA ? ', left side transposed' : ''}${transposeB ? ', right side transposed' : ''}`,
    {
      wanted: { a: transposeA ? [4, 3] : [3, 4], b: transposeB ? [2, 4] : [4, 2], c: [3, 2] },
      build: (graph, { a, b, c }) => gemm(graph, a!, b!, { transposeA: transposeA!, transposeB: transposeB!, scale: 0.7, addend: c! }),
    },
  ])),
  'a merged LoRA layer': {
    wanted: { x: [3, 4], a: [4, 2], b: [2, 5], rest: [3, 5] },
    others: { weight: tensor([5, 4], 11) },
    build: (graph, { x, a, b, rest, weight }) => mergedLora(graph, x!, weight!, a!, b!, { scale: 2, addend: rest! }),
  },
  'a LoRA layer with dropped inputs': {
    wanted: { x: [3, 4], a: [4, 2], b: [2, 5], rest: [3, 5] },
    others: { weight: tensor([5, 4], 11), keep, keptScale: { shape: [], data: Float32Array.of(1.25) } },
    build: (graph, { x, a, b, rest, weight, keep: kept, keptScale }) =>
      droppedLora(graph, x!, weight!, a!, b!, { scale: 2, addend: rest!, keep: kept!, keptScale: keptScale! }),
  },
  'layers that share an input': {
    wanted: { x: [3, 4], a: [4, 2], b: [2, 4] },
    others: { weight: tensor([4, 4], 11) },
    build: (graph, { x, a, b, weight }) => mergedLora(graph, x!, weight!, a!, b!, { scale: 1, addend: gemm(graph, x!, weight!, { addend: x! }) }),
  },
  'a root-mean-square norm': { wanted: { x: [2, 3, 4], weight: [4] }, build: (graph, { x, weight }) => rmsNorm(graph, x!, weight!, 1e-5) },
  'rotary positions': {
    wanted: { x: [2, 3, 2, 4] },
    others: { positions: { shape: [2, 2], type: 'int64', data: BigInt64Array.of(0n, 3n, 2n, 4n) } },
    build: (graph, { x, positions }) => rotary(graph, x!, positions!, tables(graph)),
  },
  'attention with two query heads a key-value head': {
    wanted: { q: [2, 1, 6, 4], k: [2, 1, 3, 4], v: [2, 1, 3, 4] },
    others: { mask: { shape: [1, 1, 6, 3], data: Float32Array.of(0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0, 0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0) } },
    build: (graph, { q, k, v, mask }) => attention(graph, q!, k!, v!, mask!),
  },
  'a gated activation': { wanted: { gate: [3, 4], up: [3, 4] }, build: (graph, { gate, up }) => gatedSilu(graph, gate!, up!) },
  'an embedding whose ids repeat': {
    wanted: { table: [5, 3] },
    others: { ids: { shape: [4], type: 'int64', data: BigInt64Array.of(1n, 4n, 1n, 0n) } },
    build: (graph, { table, ids }) => embedding(graph, table!, ids!),
  },
  'a weighted cross-entropy': {
    wanted: { hidden: [3, 4], outputWeight: [5, 4] },
    others: { labels: { shape: [3], type: 'int64', data: BigInt64Array.of(2n, 0n, 2n) }, weights: { shape: [3, 1], data: Float32Array.of(0.5, 0, 0.5) } },
    build: (graph, { hidden, outputWeight, labels, weights }) => crossEntropy(graph, { hidden: hidden!, outputWeight: outputWeight!, labels: labels!, weights: weights! }),
    loss: true,
  },
  'tied embeddings, used at both ends': {
    wanted: { table: [5, 4] },
    others: { labels: { shape: [3], type: 'int64', data: BigInt64Array.of(2n, 0n, 2n) }, weights: { shape: [3, 1], data: Float32Array.of(0.5, 0.2, 0.3) } },
    build: (graph, { table, labels, weights }) => crossEntropy(graph, { hidden: embedding(graph, table!, labels!), outputWeight: table!, labels: labels!, weights: weights! }),
    loss: true,
  },
}

for (const [what, each] of Object.entries(cases)) {
  test(`the gradient of ${what} is that of finite differences`, async (t) => {
    t.deepEqual(await checkGradients(each), [])
  })
}

test('the merged LoRA layer computes what the plain one does', async (t) => {
  const graph = new GraphBuilder()
  const shapes = { x: [3, 4], weight: [5, 4], a: [4, 2], b: [2, 5] }
  const [x, weight, a, b] = Object.entries(shapes).map(([name, shape]) => graph.input(name, shape))
  graph.output('merged', mergedLora(graph, x!, weight!, a!, b!, { scale: 3 }))
  graph.output('plain', gemm(graph, gemm(graph, x!, a!), b!, { scale: 3, addend: gemm(graph, x!, weight!, { transposeB: true }) }))
  const { merged, plain } = await runGraph(graph, Object.fromEntries(Object.entries(shapes).map(([name, shape], i) => [name, tensor(shape, i)])))
  merged!.forEach((value, i) => t.true(Math.abs(value - plain![i]!) < 1e-5))
})

test('a loss that does not depend on an input has no gradient for it', (t) => {
  const graph = new GraphBuilder()
  const a = graph.input('a', [1, 2], { needsGradient: true })
  const b = graph.input('b', [1, 2], { needsGradient: true })
  const loss = gemm(graph, a, a, { transposeB: true })
  t.throws(() => graph.gradients(loss, [b]), { instanceOf: GraphError, code: 'GRAPH_NO_GRADIENT' })
})

test('what no gradient reaches is not computed', (t) => {
  const graph = new GraphBuilder()
  const frozen = graph.input('frozen', [2, 2])
  const wanted = graph.input('wanted', [2, 2], { needsGradient: true })
  const x = gemm(graph, frozen, frozen)
  const loss = gemm(graph, graph.constant('row', [1, 2], Float32Array.of(1, 1)), gemm(graph, gemm(graph, x, wanted), graph.constant('column', [2, 1], Float32Array.of(1, 1))))
  const before = graph.nodes.length
  graph.gradients(loss, [wanted])
  // One product for the gradient of each layer above, and none for the two frozen factors.
  t.is(graph.nodes.length - before, 3)
})
