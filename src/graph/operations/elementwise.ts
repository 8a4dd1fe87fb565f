import type { GradientTerm, GraphBuilder } from '../graph-builder.js'
import { broadcastShape, knownShape, type Value } from '../value.js'

/** An element-wise operator of two inputs, without gradient. */
export function elementwise(graph: GraphBuilder, operator: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max', a: Value, b: Value): Value {
  return graph.emitOne(operator, [a, b], { shape: broadcastShape(a, b), type: a.type })
}

/** A gradient term whose addition to the others is a node of its own. */
export function term(graph: GraphBuilder, compute: () => Value): GradientTerm {
  return (sum) => sum === undefined ? compute() : elementwise(graph, 'Add', sum, compute())
}

export function add(graph: GraphBuilder, a: Value, b: Value): Value {
  const sum = elementwise(graph, 'Add', a, b)
  return graph.record([sum], [a, b], ([gradient]) => [
    term(graph, () => sumTo(graph, gradient!, a)),
    term(graph, () => sumTo(graph, gradient!, b)),
  ])[0]!
}

export function multiply(graph: GraphBuilder, a: Value, b: Value): Value {
  const product = elementwise(graph, 'Mul', a, b)
  return graph.record([product], [a, b], ([gradient]) => [
    term(graph, () => sumTo(graph, elementwise(graph, 'Mul', gradient!, b), a)),
    term(graph, () => sumTo(graph, elementwise(graph, 'Mul', gradient!, a), b)),
  ])[0]!
}

/** The sum over one axis, which stays with size 1. No gradient. */
export function sumOver(graph: GraphBuilder, value: Value, axis: number): Value {
  return graph.emitOne('ReduceSum', [value, graph.integers([axis])], { shape: value.shape.map((size, i) => i === axis ? 1 : size) }, { attributes: { keepdims: 1 } })
}

/** Sums a gradient over the axes along which `target` was broadcast. */
function sumTo(graph: GraphBuilder, gradient: Value, target: Value): Value {
  const offset = gradient.shape.length - target.shape.length
  const axes = gradient.shape.flatMap((size, axis) => axis < offset || (target.shape[axis - offset] === 1 && size !== 1) ? [axis] : [])
  if (axes.length === 0) return gradient
  const shape = gradient.shape.map((size, axis) => axes.includes(axis) ? 1 : size)
  const summed = graph.emitOne('ReduceSum', [gradient, graph.integers(axes)], { shape }, { attributes: { keepdims: 1 } })
  return offset === 0 ? summed : graph.emitOne('Reshape', [summed, graph.integers(knownShape(target))], { shape: target.shape })
}
