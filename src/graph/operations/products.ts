import { GraphError } from '../errors.js'
import type { GraphBuilder } from '../graph-builder.js'
import { MICROSOFT_DOMAIN, type Dimension } from '../onnx.js'
import type { Value } from '../value.js'
import { elementwise, term } from './elementwise.js'

export interface ProductOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  /** Factor of the product, not of the addend. Default 1. */
  readonly scale?: number
  /** Added to the product; of its shape. */
  readonly addend?: Value | undefined
}

/** A matrix product without gradient. */
export function product(graph: GraphBuilder, a: Value, b: Value, { transposeA = false, transposeB = false, scale = 1, addend }: ProductOptions = {}): Value {
  const [rows, inner] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!]
  const [innerB, columns] = transposeB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!]
  requireEqual(inner, innerB, a, b)
  return graph.emitOne('Gemm', addend === undefined ? [a, b] : [a, b, addend], { shape: [rows, columns] }, {
    attributes: { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: scale } },
  })
}

/** Matrix products over the last two axes of tensors whose other axes are equal, without gradient. */
export function batchedProduct(graph: GraphBuilder, a: Value, b: Value, { transposeA = false, transposeB = false, scale = 1 }: Omit<ProductOptions, 'addend'> = {}): Value {
  const rank = a.shape.length
  const [rows, inner] = transposeA ? [a.shape[rank - 1]!, a.shape[rank - 2]!] : [a.shape[rank - 2]!, a.shape[rank - 1]!]
  const [innerB, columns] = transposeB ? [b.shape[rank - 1]!, b.shape[rank - 2]!] : [b.shape[rank - 2]!, b.shape[rank - 1]!]
  requireEqual(inner, innerB, a, b)
  return graph.emitOne('FusedMatMul', [a, b], { shape: [...a.shape.slice(0, rank - 2), rows, columns] }, {
    attributes: { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: scale } },
    domain: MICROSOFT_DOMAIN,
  })
}

/** `scale · a · b + addend`, differentiable in all three. */
export function gemm(graph: GraphBuilder, a: Value, b: Value, options: ProductOptions = {}): Value {
  const { transposeA = false, transposeB = false, scale = 1, addend } = options
  const result = product(graph, a, b, options)
  return graph.record([result], addend === undefined ? [a, b] : [a, b, addend], ([gradient]) => [
    (sum) => transposeA
      ? product(graph, b, gradient!, { transposeA: transposeB, transposeB: true, scale, addend: sum })
      : product(graph, gradient!, b, { transposeB: !transposeB, scale, addend: sum }),
    (sum) => transposeB
      ? product(graph, gradient!, a, { transposeA: true, transposeB: transposeA, scale, addend: sum })
      : product(graph, a, gradient!, { transposeA: !transposeA, scale, addend: sum }),
    term(graph, () => gradient!),
  ])[0]!
}

export interface LoraOptions {
  /** alpha / rank */
  readonly scale: number
  readonly addend?: Value | undefined
}

/**
 * A linear layer with a low-rank adapter, through the merged weight: x · (weight + scale · (A·B)ᵀ)ᵀ + addend.
 * The backward pass forms the gradients of A and B through their small products with x and the output's gradient, never that of the weight.
 *
 * @param x - [tokens, inputs]
 * @param weight - [outputs, inputs], frozen
 * @param a - [inputs, rank]
 * @param b - [rank, outputs]
 * @see Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", arXiv 2106.09685
 */
export function mergedLora(graph: GraphBuilder, x: Value, weight: Value, a: Value, b: Value, { scale, addend }: LoraOptions): Value {
  const merged = product(graph, b, a, { transposeA: true, transposeB: true, scale, addend: weight })
  const result = product(graph, x, merged, { transposeB: true, addend })
  return graph.record([result], addend === undefined ? [x, a, b] : [x, a, b, addend], ([gradient]) => [
    (sum) => product(graph, gradient!, merged, { addend: sum }),
    (sum) => product(graph, x, product(graph, gradient!, b, { transposeB: true, scale }), { transposeA: true, addend: sum }),
    (sum) => product(graph, product(graph, x, a), gradient!, { transposeA: true, scale, addend: sum }),
    term(graph, () => gradient!),
  ])[0]!
}

/**
 * A linear layer with a low-rank adapter whose input loses some values: x · weightᵀ + scale · keptScale · ((keep ? x : 0) · A) · B + addend.
 *
 * @param keep - bool, of x's shape
 * @param keptScale - one number, 1 / (1 - dropout)
 * @see mergedLora for the other shapes
 */
export function droppedLora(graph: GraphBuilder, x: Value, weight: Value, a: Value, b: Value, { keep, keptScale, scale, addend }: LoraOptions & { readonly keep: Value, readonly keptScale: Value }): Value {
  const masked = (value: Value): Value => graph.emitOne('Where', [keep, value, graph.scalar(0)], { shape: value.shape })
  const kept = masked(x)
  const inner = elementwise(graph, 'Mul', product(graph, kept, a), keptScale)
  const result = product(graph, inner, b, { scale, addend: product(graph, x, weight, { transposeB: true, addend }) })
  return graph.record([result], addend === undefined ? [x, a, b] : [x, a, b, addend], ([gradient]) => {
    let innerGradient: Value | undefined
    const ofInner = (): Value => innerGradient ??= elementwise(graph, 'Mul', product(graph, gradient!, b, { transposeB: true, scale }), keptScale)
    return [
      (sum) => elementwise(graph, 'Add', product(graph, gradient!, weight, { addend: sum }), masked(product(graph, ofInner(), a, { transposeB: true }))),
      (sum) => product(graph, kept, ofInner(), { transposeA: true, addend: sum }),
      (sum) => product(graph, inner, gradient!, { transposeA: true, scale, addend: sum }),
      term(graph, () => gradient!),
    ]
  })[0]!
}

/** Floating point operations of all matrix products of a graph, two for each multiplication and addition. */
export function productOperations(graph: GraphBuilder): number {
  let total = 0
  for (const { operator, inputs, outputs, attributes } of graph.nodes) {
    if (operator !== 'Gemm' && operator !== 'FusedMatMul' && operator !== 'MatMul') continue
    const left = graph.shapeOf(inputs[0]!)
    const inner = left[left.length - (attributes.transA === 1 ? 2 : 1)]!
    total += [...graph.shapeOf(outputs[0]!), inner].reduce<number>((count, size) => {
      if (typeof size === 'string') throw new GraphError('GRAPH_SHAPE_UNKNOWN', `the size ${size} is only known at run time: its products cannot be counted`)
      return count * size
    }, 2)
  }
  return total
}

function requireEqual(a: Dimension, b: Dimension, left: Value, right: Value): void {
  if (a === b) return
  throw new GraphError('GRAPH_SHAPE_MISMATCH', `[${left.shape.join(', ')}] and [${right.shape.join(', ')}] have inner sizes ${a} and ${b}: they cannot be multiplied`)
}
