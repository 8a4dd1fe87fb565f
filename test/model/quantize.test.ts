import test from 'ava'

import { GraphBuilder, MICROSOFT_DOMAIN } from '../../src/graph/index.js'
import { areSignedColumnsExact } from '../../src/model/decode/integer-products.js'
import { BLOCK_LENGTH, quantizeMatrix, quantizeRows, ROW_STEPS, UNSIGNED_ZERO } from '../../src/model/decode/quantize.js'
import { rowProduct } from '../../src/model/decode/row-product.js'
import { randomValues, runGraph } from '../graph/run-graph.js'
import { relativeError } from './fixtures.js'

const ROWS = 3
const OUTPUTS = 20

/** x · weightᵀ as the runtime computes it with a quantised weight. */
async function quantizedProduct(x: Float32Array, weight: Float32Array, inputs: number, bits: 4 | 8): Promise<Float32Array> {
  const graph = new GraphBuilder()
  const { bytes, scales, blocks } = quantizeMatrix(weight, OUTPUTS, inputs, bits)
  graph.output('y', graph.emitOne('MatMulNBits', [
    graph.input('x', [ROWS, inputs]),
    graph.constant('bytes', [OUTPUTS, blocks, BLOCK_LENGTH * bits / 8], bytes, 'uint8'),
    graph.constant('scales', [OUTPUTS * blocks], scales),
  ], { shape: [ROWS, OUTPUTS] }, { attributes: { K: inputs, N: OUTPUTS, bits, block_size: BLOCK_LENGTH, accuracy_level: 4 }, domain: MICROSOFT_DOMAIN }))
  return (await runGraph(graph, { x: { shape: [ROWS, inputs], data: x } })).y!
}

function exactProduct(x: Float32Array, weight: Float32Array, inputs: number): Float32Array {
  return Float32Array.from({ length: ROWS * OUTPUTS }, (_, at) => {
    const [row, output] = [Math.floor(at / OUTPUTS), at % OUTPUTS]
    let sum = 0
    for (let i = 0; i < inputs; i++) sum += x[row * inputs + i]! * weight[output * inputs + i]!
    return sum
  })
}

for (const inputs of [7, 24, 32, 40, 64, 97, 200]) {
  test(`products with ${inputs} inputs are close with 8 bits and less so with 4`, async (t) => {
    const x = randomValues([ROWS, inputs], 1)
    const weight = randomValues([OUTPUTS, inputs], 2)
    const exact = exactProduct(x, weight, inputs)
    const q8 = relativeError(await quantizedProduct(x, weight, inputs, 8), exact)
    const q4 = relativeError(await quantizedProduct(x, weight, inputs, 4), exact)
    t.true(q8 < 0.01, `8 bits: ${q8}`)
    t.true(q4 < 0.12, `4 bits: ${q4}`)
    t.true(q8 < q4)
  })
}

for (const bits of [8, 4] as const) {
  test(`a value stored with ${bits} bits is within half a step`, (t) => {
    const weight = Float32Array.from({ length: 64 }, (_, i) => i - 31.5)
    const { bytes, scales } = quantizeMatrix(weight, 2, 32, bits)
    weight.forEach((value, i) => {
      const stored = bits === 8 ? bytes[i]! : (bytes[i >> 1]! >> (4 * (i & 1))) & 15
      const scale = scales[i >> 5]!
      t.true(Math.abs(scale * (stored - 2 ** (bits - 1)) - value) <= scale * 0.5001)
    })
  })
}

test('a matrix of zeros stays one', async (t) => {
  const x = randomValues([ROWS, 40], 1)
  t.deepEqual(await quantizedProduct(x, new Float32Array(OUTPUTS * 40), 40, 8), new Float32Array(ROWS * OUTPUTS))
})

async function productInRows(x: Float32Array, weight: Float32Array, inputs: number, isSigned: boolean, rows = ROWS): Promise<Float32Array> {
  const graph = new GraphBuilder()
  graph.output('y', rowProduct(graph, graph.input('x', [rows, inputs]), { name: 'w', weight, outputs: OUTPUTS, inputs }, isSigned))
  return (await runGraph(graph, { x: { shape: [rows, inputs], data: x } })).y!
}

for (const inputs of [7, 64, 200]) {
  test(`products of whole rows of ${inputs} inputs are close, and the same with signed columns and unsigned ones, for one row and for several`, async (t) => {
    const x = randomValues([ROWS, inputs], 1)
    const weight = randomValues([OUTPUTS, inputs], 2)
    const found = await productInRows(x, weight, inputs, false)
    t.true(relativeError(found, exactProduct(x, weight, inputs)) < 0.015)
    if (await areSignedColumnsExact()) t.deepEqual(await productInRows(x, weight, inputs, true), found)
    const single = await Promise.all(Array.from({ length: ROWS }, (_, row) => productInRows(x.slice(row * inputs, (row + 1) * inputs), weight, inputs, false, 1)))
    t.deepEqual(single.flatMap((row) => [...row]), [...found])
  })
}

test('the largest values are multiplied exactly: no sum is cut off', async (t) => {
  const [inputs, isSigned] = [256, await areSignedColumnsExact()]
  const found = await productInRows(new Float32Array(ROWS * inputs).fill(3), new Float32Array(OUTPUTS * inputs).fill(-2), inputs, isSigned)
  t.true(relativeError(found, new Float32Array(ROWS * OUTPUTS).fill(-6 * inputs)) < 1e-6)
})

test('rows of zeros give zeros, beside others', async (t) => {
  const x = randomValues([ROWS, 40], 1).fill(0, 40, 80)
  const found = await productInRows(x, randomValues([OUTPUTS, 40], 2), 40, await areSignedColumnsExact())
  t.deepEqual([...found.subarray(OUTPUTS, 2 * OUTPUTS)].map(Math.abs), Array.from({ length: OUTPUTS }, () => 0))
  t.true(found.subarray(0, OUTPUTS).every((value) => Number.isFinite(value) && value !== 0))
})

for (const isSigned of [true, false]) {
  test(`a value in ${isSigned ? 'signed' : 'unsigned'} steps of its row is within half a step`, (t) => {
    const weight = Float32Array.from({ length: 64 }, (_, i) => (i - 20.5) ** 3)
    const { steps, scales } = quantizeRows(weight, 2, 32, isSigned)
    weight.forEach((value, at) => {
      const [output, input] = [Math.floor(at / 32), at % 32]
      t.true(Math.abs(scales[output]! * (steps[input * 2 + output]! - (isSigned ? 0 : UNSIGNED_ZERO)) - value) <= scales[output]! * 0.5001)
    })
    t.is(Math.max(...steps) - (isSigned ? 0 : UNSIGNED_ZERO), ROW_STEPS)
    t.deepEqual([...quantizeRows(new Float32Array(8), 2, 4, isSigned).scales], [0, 0])
  })
}
