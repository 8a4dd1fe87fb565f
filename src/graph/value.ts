import type { Dimension, ElementType } from './onnx.js'

import { GraphError } from './errors.js'

/** A tensor of a graph under construction. */
export interface Value {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly Dimension[]
  /** Whether it depends on an input whose gradient is wanted. */
  readonly needsGradient: boolean
}

/** The sizes of a value, where all of them are known while building. */
export function knownShape(value: Value): readonly number[] {
  return value.shape.map((size) => {
    if (typeof size === 'number') return size
    throw new GraphError('GRAPH_SHAPE_UNKNOWN', `the size ${size} of ${value.name} is only known at run time, and this operation needs it`)
  })
}

export function elementCount(value: Value): number {
  return knownShape(value).reduce((product, size) => product * size, 1)
}

/** The shape of an element-wise operation's result, by ONNX's (numpy's) rules. */
export function broadcastShape(a: Value, b: Value): readonly Dimension[] {
  const rank = Math.max(a.shape.length, b.shape.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a.shape[axis - rank + a.shape.length] ?? 1
    const right = b.shape[axis - rank + b.shape.length] ?? 1
    if (left === right || right === 1) return left
    if (left === 1) return right
    throw new GraphError('GRAPH_SHAPE_MISMATCH', `[${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not broadcast at axis ${axis}`)
  })
}
