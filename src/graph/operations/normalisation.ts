import type { GraphBuilder } from '../graph-builder.js'
import { knownShape, type Value } from '../value.js'
import { elementwise, sumOver, term } from './elementwise.js'

/**
 * Root-mean-square normalisation over the last axis, then a factor for each of its values.
 *
 * @param x - [..., size]
 * @param weight - [size]
 * @see Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", arXiv 1910.07467
 */
export function rmsNorm(graph: GraphBuilder, x: Value, weight: Value, epsilon: number): Value {
  const last = x.shape.length - 1
  const [result, inverse] = graph.emit('SimplifiedLayerNormalization', [x, weight], [{ shape: x.shape }, { shape: [...x.shape.slice(0, last), 1] }], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
  })
  return graph.record([result!], [x, weight], ([gradient]) => [
    // dx = inverse · (g·w) - x · inverse³ / size · sum(g·w·x)
    term(graph, () => {
      const weighted = elementwise(graph, 'Mul', gradient!, weight)
      const along = sumOver(graph, elementwise(graph, 'Mul', weighted, x), last)
      const squared = elementwise(graph, 'Mul', inverse!, inverse!)
      const correction = elementwise(graph, 'Mul', elementwise(graph, 'Mul', along, squared), graph.scalar(1 / knownShape(weight)[0]!))
      return elementwise(graph, 'Mul', elementwise(graph, 'Sub', weighted, elementwise(graph, 'Mul', x, correction)), inverse!)
    }),
    term(graph, () => {
      const each = elementwise(graph, 'Mul', elementwise(graph, 'Mul', x, inverse!), gradient!)
      const axes = graph.integers(Array.from({ length: last }, (_, axis) => axis))
      return graph.emitOne('ReduceSum', [each, axes], { shape: weight.shape }, { attributes: { keepdims: 0 } })
    }),
  ])[0]!
}
