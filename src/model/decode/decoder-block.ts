import { elementwise, MICROSOFT_DOMAIN, type GraphBuilder, type Value } from '../../graph/index.js'
import { targetSize, type Target } from '../adapter-layout.js'
import type { BaseModel } from '../checkpoint.js'
import { linearWeight, outputWeight } from '../weight-names.js'
import { transposed } from './merge-adapter.js'
import { BLOCK_LENGTH, quantizeMatrix } from './quantize.js'
import { rowProduct } from './row-product.js'

/** How matrices are held: f32, or with 8 bits or 4 each value, in steps of a block of 32; 8 bits in steps of a whole row where the model's rows are calm. */
export type Quantization = 'f32' | 'q8' | 'q4'

export interface DecoderBlockOptions {
  readonly quantization: Quantization
  /** Whether products of unsigned rows with signed columns are exact (`areSignedColumnsExact`). */
  readonly hasSignedColumns: boolean
}

/** ONNX Runtime multiplies 8- and 4-bit matrices with integers only from this level on; below, it is many times slower. */
const INTEGER_ACCURACY = 4

/** The parts of a decoder that only continues texts: weights are constants of the graph, and neighbouring products are joined. */
export class DecoderBlock {
  #addend: Value | undefined

  /** @param x - the embedded tokens, [new, rows, hiddenSize] */
  constructor(private readonly graph: GraphBuilder, private readonly model: BaseModel, private readonly options: DecoderBlockOptions, private x: Value) {}

  /** Adds to the residual stream; the addition itself is left to the next `norm`. */
  add(value: Value): void {
    this.#addend = value
  }

  /** Goes on with some of the tokens only. */
  keep(some: (x: Value) => Value): void {
    this.x = some(this.x)
  }

  /** The normalised residual stream. */
  norm(name: string): Value {
    const { graph, model: { config, weights }, x } = this
    const weight = graph.constant(name, [config.hiddenSize], weights.get(name)!)
    const epsilon = { float: config.normEpsilon }
    if (this.#addend === undefined) {
      return graph.emitOne('SimplifiedLayerNormalization', [x, weight], { shape: x.shape }, { attributes: { epsilon, axis: -1 } })
    }
    // Its second and third outputs are statistics that nobody needs.
    const outputs = [x.shape, [], [], x.shape].map((shape) => ({ shape }))
    const [result, , , sum] = graph.emit('SkipSimplifiedLayerNormalization', [x, this.#addend, weight], outputs, { attributes: { epsilon }, domain: MICROSOFT_DOMAIN })
    this.x = sum!
    this.#addend = undefined
    return result!
  }

  /** Linear layers of one input as one product. @returns their outputs */
  linear(x: Value, layer: number, targets: readonly Target[]): Value[] {
    const { graph, model: { config, weights } } = this
    const sizes = targets.map((target) => targetSize(config, target))
    const inputs = sizes[0]![0]
    const widths = sizes.map(([, outputs]) => outputs)
    const outputs = widths.reduce((sum, width) => sum + width, 0)
    const parts = targets.map((target) => weights.get(linearWeight(layer, target))!)
    const joined = this.#multiply(x, `${layer}.${targets.join('+')}`, parts.length === 1 ? parts[0]! : concatenated(parts), outputs, inputs)
    if (targets.length === 1) return [joined]
    return graph.emit('Split', [joined, graph.integers(widths)], widths.map((width) => ({ shape: [...x.shape.slice(0, -1), width] })), { attributes: { axis: 2 } })
  }

  /** The feed-forward half of a layer: down(silu(gate(x)) · up(x)). */
  feedForward(x: Value, layer: number): Value {
    const [gate, up] = this.linear(x, layer, ['gate_proj', 'up_proj'])
    const silu = this.graph.emitOne('QuickGelu', [gate], { shape: gate!.shape }, { attributes: { alpha: { float: 1 } }, domain: MICROSOFT_DOMAIN })
    return this.linear(elementwise(this.graph, 'Mul', silu, up!), layer, ['down_proj'])[0]!
  }

  /** [..., hiddenSize] as [..., vocabulary] */
  logits(x: Value): Value {
    const { config, weights } = this.model
    return this.#multiply(x, 'logits', weights.get(outputWeight(config))!, config.vocabularySize, config.hiddenSize)
  }

  #multiply(x: Value, name: string, weight: Float32Array, outputs: number, inputs: number): Value {
    const { graph, options: { quantization, hasSignedColumns } } = this
    const shape = [...x.shape.slice(0, -1), outputs]
    if (quantization === 'q8' && this.model.hasCalmRows === true) return rowProduct(graph, x, { name, weight, outputs, inputs }, hasSignedColumns)
    if (quantization === 'f32') {
      return graph.emitOne('MatMul', [x, graph.constant(`${name}.weight`, [inputs, outputs], transposed(weight, outputs, inputs))], { shape })
    }
    const bits = quantization === 'q8' ? 8 : 4
    const { bytes, scales, blocks } = quantizeMatrix(weight, outputs, inputs, bits)
    return graph.emitOne('MatMulNBits', [
      x,
      graph.constant(`${name}.bytes`, [outputs, blocks, BLOCK_LENGTH * bits / 8], bytes, 'uint8'),
      graph.constant(`${name}.scales`, [outputs * blocks], scales),
    ], { shape }, {
      attributes: { K: inputs, N: outputs, bits, block_size: BLOCK_LENGTH, accuracy_level: INTEGER_ACCURACY },
      domain: MICROSOFT_DOMAIN,
    })
  }
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
