import { MICROSOFT_DOMAIN, type GraphBuilder, type Value } from '../../graph/index.js'
import { quantizeRows, ROW_STEPS, UNSIGNED_ZERO } from './quantize.js'

export interface RowWeight {
  /** Of its constants. */
  readonly name: string
  /** [outputs, inputs], row-major */
  readonly weight: Float32Array
  readonly outputs: number
  readonly inputs: number
}

/**
 * x · weightᵀ in whole numbers: each token's values in 8-bit steps of its own largest one, each output's weights in steps of theirs. Such sums are exact however
 * they are grouped, and a further token costs a third of what it does in blocks. A token that is zero throughout is divided by zero, and multiplied by it after.
 *
 * @param x - [..., inputs]
 * @param hasSignedColumns - whether products of unsigned rows with signed columns are exact (`areSignedColumnsExact`); the result is the same either way
 * @returns [..., outputs]
 */
export function rowProduct(graph: GraphBuilder, x: Value, { name, weight, outputs, inputs }: RowWeight, hasSignedColumns: boolean): Value {
  const tokens = x.shape.slice(0, -1)
  const magnitudes = graph.emitOne('Abs', [x], { shape: x.shape })
  const largest = graph.emitOne('ReduceMax', [magnitudes, graph.integers([tokens.length])], { shape: [...tokens, 1] }, { attributes: { keepdims: 1 } })
  const shares = graph.emitOne('Div', [x, largest], { shape: x.shape })
  const zero = graph.constant(`${name}.zero`, [], Uint8Array.of(UNSIGNED_ZERO), 'uint8')
  const stepped = graph.emitOne('QuantizeLinear', [shares, graph.scalar(1 / ROW_STEPS), zero], { shape: x.shape, type: 'uint8' })
  const { steps, scales } = quantizeRows(weight, outputs, inputs, hasSignedColumns)
  return graph.emitOne('MatMulIntegerToFloat', [
    stepped,
    graph.constant(`${name}.steps`, [inputs, outputs], steps, hasSignedColumns ? 'int8' : 'uint8'),
    largest,
    graph.constant(`${name}.scales`, [outputs], scales.map((scale) => scale / ROW_STEPS)),
    zero,
    hasSignedColumns ? undefined : zero,
  ], { shape: [...tokens, outputs] }, { domain: MICROSOFT_DOMAIN })
}
