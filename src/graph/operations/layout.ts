import { GraphError } from '../errors.js'
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

/** Tensors one behind the other along an axis. */
export function concatenate(graph: GraphBuilder, values: readonly Value[], axis: number): Value {
  const sizes = values.map((value) => knownShape(value)[axis]!)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const shape = values[0]!.shape.map((size, i) => i === axis ? total : size)
  const wrong = values.find((value) => value.shape.length !== shape.length || value.shape.some((size, i) => i !== axis && size !== shape[i]))
  if (wrong !== undefined) throw new GraphError('GRAPH_SHAPE_MISMATCH', `[${wrong.shape.join(', ')}] and [${values[0]!.shape.join(', ')}] cannot be joined along axis ${axis}`)
  const joined = graph.emitOne('Concat', values, { shape, type: values[0]!.type }, { attributes: { axis } })
  return graph.record([joined], values, ([gradient]) => {
    const parts = graph.emit('Split', [gradient, graph.integers(sizes)], values.map((value) => ({ shape: value.shape })), { attributes: { axis } })
    return parts.map((part) => term(graph, () => part))
  })[0]!
}
