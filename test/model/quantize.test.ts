import test from 'ava'

import { GraphBuilder, MICROSOFT_DOMAIN } from '../../src/graph/index.js'
import { BLOCK_LENGTH, quantizeMatrix } from '../../src/model/decode/quantize.js'
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
