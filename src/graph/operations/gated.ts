import type { GraphBuilder } from '../graph-builder.js'
import type { Value } from '../value.js'
import { elementwise, term } from './elementwise.js'

/**
 * silu(gate) · up, the gated activation of Llama's feed-forward block.
 *
 * @see Shazeer 2020, "GLU Variants Improve Transformer", arXiv 2002.05202
 */
export function gatedSilu(graph: GraphBuilder, gate: Value, up: Value): Value {
  const sigmoid = graph.emitOne('Sigmoid', [gate], { shape: gate.shape })
  const silu = elementwise(graph, 'Mul', gate, sigmoid)
  return graph.record([elementwise(graph, 'Mul', silu, up)], [gate, up], ([gradient]) => {
    let upGradient: Value | undefined
    const ofUp = (): Value => upGradient ??= elementwise(graph, 'Mul', gradient!, silu)
    return [
      // silu' = sigmoid + silu · (1 - sigmoid), hence d gate = g·silu·up + sigmoid · (g·up - g·silu·up).
      term(graph, () => {
        const through = elementwise(graph, 'Mul', ofUp(), up)
        const rest = elementwise(graph, 'Sub', elementwise(graph, 'Mul', gradient!, up), through)
        return elementwise(graph, 'Add', through, elementwise(graph, 'Mul', sigmoid, rest))
      }),
      term(graph, ofUp),
    ]
  })[0]!
}
