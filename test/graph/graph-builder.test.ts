import test from 'ava'
import fc from 'fast-check'

import { batchedProduct, broadcastShape, GraphBuilder, GraphError, product, productOperations, reshape } from '../../src/graph/index.js'
import { randomValues, runGraph } from './run-graph.js'

test('a graph with a size that is only known at run time runs with any', async (t) => {
  const graph = new GraphBuilder()
  graph.output('sum', graph.emitOne('Add', [graph.input('x', ['tokens', 2]), graph.scalar(1)], { shape: ['tokens', 2] }))
  for (const tokens of [1, 3]) {
    const { sum } = await runGraph(graph, { x: { shape: [tokens, 2], data: new Float32Array(tokens * 2).fill(2) } })
    t.deepEqual(sum, new Float32Array(tokens * 2).fill(3))
  }
})

test('constants of every size, attributes of every kind and optional inputs arrive at the runtime', async (t) => {
  const graph = new GraphBuilder()
  const large = randomValues([64, 64], 5)
  const x = graph.input('x', [64, 64])
  const sum = graph.emitOne('Add', [x, graph.constant('large', [64, 64], large)], { shape: [64, 64] })
  const turned = graph.emitOne('Transpose', [sum], { shape: [64, 64] }, { attributes: { perm: [1, 0] } })
  const bounded = graph.emitOne('Clip', [turned, undefined, graph.scalar(0.5)], { shape: [64, 64] })
  const scaled = graph.emitOne('Gemm', [bounded, graph.constant('ones', [64, 1], new Float32Array(64).fill(1))], { shape: [64, 1] }, { attributes: { alpha: { float: 0.25 } } })
  graph.output('y', graph.emitOne('ReduceSum', [scaled, graph.integers([-1])], { shape: [64] }, { attributes: { keepdims: 0 } }))
  const { y } = await runGraph(graph, { x: { shape: [64, 64], data: new Float32Array(64 * 64) } })
  for (let column = 0; column < 64; column++) {
    let expected = 0
    for (let row = 0; row < 64; row++) expected += Math.min(large[row * 64 + column]!, 0.5) / 4
    t.true(Math.abs(y![column]! - expected) < 1e-4)
  }
})

test('equal lists and numbers are one constant', (t) => {
  const graph = new GraphBuilder()
  t.is(graph.integers([1, -2]), graph.integers([1, -2]))
  t.not(graph.integers([1, 2]), graph.integers([12]))
  t.is(graph.scalar(0.5), graph.scalar(0.5))
})

test('whole numbers beyond 32 bits and below 0 are kept', async (t) => {
  const graph = new GraphBuilder()
  const values = [Number.MAX_SAFE_INTEGER, -1, 0, -(2 ** 40)]
  graph.output('values', graph.emitOne('Cast', [graph.integers(values)], { shape: [4] }, { attributes: { to: 1 } }))
  const { values: found } = await runGraph(graph, {})
  t.deepEqual(found, Float32Array.from(values))
})

test('a name can be given once', (t) => {
  const graph = new GraphBuilder()
  graph.input('x', [1])
  t.throws(() => graph.input('x', [2]), { instanceOf: GraphError, code: 'GRAPH_NAME_TAKEN' })
})

test('factors of different inner sizes are refused', (t) => {
  const graph = new GraphBuilder()
  const a = graph.input('a', [2, 3])
  const b = graph.input('b', [2, 3])
  t.throws(() => product(graph, a, b), { instanceOf: GraphError, code: 'GRAPH_SHAPE_MISMATCH' })
  t.notThrows(() => product(graph, a, b, { transposeB: true }))
})

test('an operation that needs a size refuses one that is only known at run time', (t) => {
  const graph = new GraphBuilder()
  const x = graph.input('x', ['tokens', 2], { needsGradient: true })
  const y = product(graph, reshape(graph, x, [1, 4]), graph.constant('ones', [4, 1], new Float32Array(4).fill(1)))
  t.throws(() => productOperations(graphWithSymbol()), { instanceOf: GraphError, code: 'GRAPH_SHAPE_UNKNOWN' })
  t.deepEqual(y.shape, [1, 1])
})

function graphWithSymbol(): GraphBuilder {
  const graph = new GraphBuilder()
  product(graph, graph.input('a', ['tokens', 3]), graph.input('b', [3, 2]))
  return graph
}

test('operations of matrix products are two for each multiplication and addition', (t) => {
  const graph = new GraphBuilder()
  product(graph, graph.input('a', [3, 5]), graph.input('b', [5, 7]))
  t.is(productOperations(graph), 2 * 3 * 5 * 7)
  product(graph, graph.input('c', [5, 3]), graph.input('d', [7, 5]), { transposeA: true, transposeB: true })
  t.is(productOperations(graph), 4 * 3 * 5 * 7)
  batchedProduct(graph, graph.input('e', [2, 3, 5, 4]), graph.input('f', [2, 3, 5, 6]), { transposeA: true })
  t.is(productOperations(graph), 4 * 3 * 5 * 7 + 2 * 2 * 3 * 4 * 6 * 5)
})

test('shapes broadcast as the runtime does it', async (t) => {
  const shape = fc.array(fc.constantFrom(1, 2, 3), { maxLength: 3 })
  await fc.assert(fc.asyncProperty(shape, shape, async (left, right) => {
    const graph = new GraphBuilder()
    const a = graph.input('a', left)
    const b = graph.input('b', right)
    let expected: readonly (number | string)[]
    try {
      expected = broadcastShape(a, b)
    } catch (error) {
      t.true(error instanceof GraphError && error.code === 'GRAPH_SHAPE_MISMATCH')
      return
    }
    const sum = graph.emitOne('Add', [a, b], { shape: expected })
    graph.output('size', graph.emitOne('Cast', [graph.emitOne('Shape', [sum], { shape: [expected.length], type: 'int64' })], { shape: [expected.length] }, { attributes: { to: 1 } }))
    const { size } = await runGraph(graph, { a: { shape: left, data: randomValues(left, 1) }, b: { shape: right, data: randomValues(right, 2) } })
    t.deepEqual([...size!], expected)
  }), { numRuns: 40 })
})
