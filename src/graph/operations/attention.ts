import type { GraphBuilder } from '../graph-builder.js'
import { knownShape, type Value } from '../value.js'
import { elementwise, sumOver, term } from './elementwise.js'
import { batchedProduct } from './products.js'

/**
 * Scaled dot-product attention. Query heads that share a key-value head stand one after the other along the length.
 *
 * @param queries - [batch, keyValueHeads, group · length, headSize]
 * @param keys - [batch, keyValueHeads, length, headSize]
 * @param values - like keys
 * @param mask - added to the scores, [batch, 1, group · length, length]
 * @returns like queries
 * @see Vaswani et al. 2017, "Attention Is All You Need", section 3.2.1
 */
export function attention(graph: GraphBuilder, queries: Value, keys: Value, values: Value, mask: Value): Value {
  const scale = 1 / Math.sqrt(knownShape(queries)[3]!)
  const scores = elementwise(graph, 'Add', batchedProduct(graph, queries, keys, { transposeB: true, scale }), mask)
  const shares = graph.emitOne('Softmax', [scores], { shape: scores.shape }, { attributes: { axis: -1 } })
  const result = batchedProduct(graph, shares, values)
  return graph.record([result], [queries, keys, values], ([gradient]) => {
    let scoresGradient: Value | undefined
    // d scores = shares · (d shares - sum(shares · d shares)), and that sum is sum(gradient · result).
    const ofScores = (): Value => scoresGradient ??= elementwise(graph, 'Mul', shares, elementwise(graph, 'Sub',
      batchedProduct(graph, gradient!, values, { transposeB: true }),
      sumOver(graph, elementwise(graph, 'Mul', gradient!, result), 3)))
    return [
      term(graph, () => batchedProduct(graph, ofScores(), keys, { scale })),
      term(graph, () => batchedProduct(graph, ofScores(), queries, { transposeA: true, scale })),
      term(graph, () => batchedProduct(graph, shares, gradient!, { transposeA: true })),
    ]
  })[0]!
}
