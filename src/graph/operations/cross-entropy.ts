import { GraphError } from '../errors.js'
import type { GraphBuilder } from '../graph-builder.js'
import { knownShape, type Value } from '../value.js'
import { elementwise, term } from './elementwise.js'
import { product } from './products.js'

/** A probability below this counts as this: log 0 has no value. The gradient does not need it. */
const SMALLEST_PROBABILITY = 1e-37

export interface CrossEntropyInputs {
  /** [tokens, size] */
  readonly hidden: Value
  /** [vocabulary, size] */
  readonly outputWeight: Value
  /** int64 [tokens] */
  readonly labels: Value
  /** [tokens, 1] */
  readonly weights: Value
}

/**
 * sum over tokens of weight · -log softmax(hidden · outputWeightᵀ)[label]: the last layer and the loss in one,
 * so that the logits' gradient, which is as wide as the vocabulary, is never formed for `hidden`.
 *
 * Only the end of a graph: the loss's own gradient is taken as 1.
 *
 * @returns one number
 */
export function crossEntropy(graph: GraphBuilder, { hidden, outputWeight, labels, weights }: CrossEntropyInputs): Value {
  const tokens = knownShape(labels)[0]!
  if (hidden.shape[0] !== tokens || weights.shape[0] !== tokens) {
    throw new GraphError('GRAPH_SHAPE_MISMATCH', `${hidden.shape[0]} hidden rows, ${tokens} labels and ${weights.shape[0]} weights: there must be one of each for every token`)
  }
  const logits = product(graph, hidden, outputWeight, { transposeB: true })
  const probabilities = graph.emitOne('Softmax', [logits], { shape: logits.shape }, { attributes: { axis: -1 } })
  const column = graph.emitOne('Reshape', [labels, graph.integers([tokens, 1])], { shape: [tokens, 1], type: 'int64' })
  const ofLabel = graph.emitOne('GatherElements', [probabilities, column], { shape: [tokens, 1] }, { attributes: { axis: 1 } })
  const logarithm = graph.emitOne('Log', [elementwise(graph, 'Max', ofLabel, graph.scalar(SMALLEST_PROBABILITY))], { shape: [tokens, 1] })
  const negative = graph.emitOne('Neg', [elementwise(graph, 'Mul', logarithm, weights)], { shape: [tokens, 1] })
  const loss = graph.emitOne('ReduceSum', [negative], { shape: [] }, { attributes: { keepdims: 0 } })
  return graph.record([loss], [hidden, outputWeight], () => [
    term(graph, () => {
      const expected = product(graph, probabilities, outputWeight)
      const actual = graph.emitOne('Gather', [outputWeight, labels], { shape: hidden.shape })
      return elementwise(graph, 'Mul', elementwise(graph, 'Sub', expected, actual), weights)
    }),
    (sum) => {
      // Each row has a place of its own here. ScatterND would add rows of equal labels to one row of the gradient, in several threads without a lock.
      const ofLabelLess = elementwise(graph, 'Sub', ofLabel, graph.scalar(1))
      const excess = graph.emitOne('ScatterElements', [probabilities, column, ofLabelLess], { shape: probabilities.shape }, { attributes: { axis: 1 } })
      return product(graph, excess, elementwise(graph, 'Mul', hidden, weights), { transposeA: true, addend: sum })
    },
  ])[0]!
}
