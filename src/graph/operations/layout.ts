import type { GraphBuilder } from '../graph-builder.js'
import { knownShape, type Value } from '../value.js'
import { term } from './elementwise.js'

/** The same values in another shape. */
export function reshape(graph: GraphBuilder, value: Value, shape: readonly number[]): Value {
  const to = (from: Value, sizes: readonly number[]): Value =>
    graph.emitOne('Reshape', [from, graph.integers(sizes)], { shape: sizes, type: value.type })
  return graph.record([to(value, shape)], [value], ([gradient]) => [
    term(graph, () => to(gradient!, knownShape(value))),
  ])[0]!
}

/** Axis i of the result is axis order[i] of the value. */
export function transpose(graph: GraphBuilder, value: Value, order: readonly number[]): Value {
  const by = (from: Value, permutation: readonly number[]): Value =>
    graph.emitOne('Transpose', [from], { shape: permutation.map((axis) => from.shape[axis]!) }, { attributes: { perm: permutation } })
  return graph.record([by(value, order)], [value], ([gradient]) => [
    term(graph, () => by(gradient!, order.map((_, axis) => order.indexOf(axis)))),
  ])[0]!
}
