import { GraphError } from './errors.js'
import { encodeModel, type Attribute, type Dimension, type ElementType, type GraphNode, type Initialiser, type ValueInfo } from './onnx.js'
import type { Value } from './value.js'

/** Adds one term of a gradient to the sum of those before it; where there is none yet, it is the sum. Lets a matrix product do the addition. */
export type GradientTerm = (sum: Value | undefined) => Value

/**
 * Given the gradients of an operation's outputs, the terms that it adds to the gradients of its inputs, in order.
 * A term is undefined where the input has no gradient.
 */
export type Backward = (gradients: readonly (Value | undefined)[]) => readonly (GradientTerm | undefined)[]

interface Recorded {
  readonly outputs: readonly Value[]
  readonly inputs: readonly Value[]
  readonly backward: Backward
}

export interface OutputSpec {
  readonly shape: readonly Dimension[]
  readonly type?: ElementType
}

export interface EmitOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>
  readonly domain?: string
}

/**
 * An ONNX graph under construction, and a record of its differentiable operations from which `gradients` emits the backward pass
 * as further nodes (reverse-mode differentiation).
 */
export class GraphBuilder {
  readonly nodes: GraphNode[] = []
  readonly #initialisers: Initialiser[] = []
  readonly #inputs: ValueInfo[] = []
  readonly #outputs: ValueInfo[] = []
  readonly #shapes = new Map<string, readonly Dimension[]>()
  readonly #constants = new Map<string, Value>()
  readonly #tape: Recorded[] = []

  /** @throws GraphError GRAPH_NAME_TAKEN */
  input(name: string, shape: readonly Dimension[], { type = 'float32', needsGradient = false }: { type?: ElementType, needsGradient?: boolean } = {}): Value {
    this.#inputs.push({ name, type, shape })
    return this.#define({ name, type, shape, needsGradient })
  }

  /** A tensor that is part of the graph. */
  constant(name: string, shape: readonly number[], data: ArrayBufferView, type: ElementType = 'float32'): Value {
    this.#initialisers.push({ name, type, shape, data })
    return this.#define({ name, type, shape, needsGradient: false })
  }

  /** A list of whole numbers, as shapes and axes are given; equal lists are one constant. */
  integers(values: readonly number[]): Value {
    return this.#shared(`integers.${values.join('.')}`, (name) => this.constant(name, [values.length], BigInt64Array.from(values, BigInt), 'int64'))
  }

  /** One number without dimensions; equal ones are one constant. */
  scalar(value: number): Value {
    return this.#shared(`scalar.${value}`, (name) => this.constant(name, [], Float32Array.of(value)))
  }

  /** Adds a node and returns its outputs. Knows nothing of gradients: see `record`. */
  emit(operator: string, inputs: readonly (Value | undefined)[], outputs: readonly OutputSpec[], { attributes = {}, domain = '' }: EmitOptions = {}): Value[] {
    const values = outputs.map(({ shape, type = 'float32' }, i) =>
      this.#define({ name: `${operator}.${this.nodes.length}.${i}`, type, shape, needsGradient: false }))
    this.nodes.push({ operator, domain, attributes, inputs: inputs.map((input) => input?.name ?? ''), outputs: values.map(({ name }) => name) })
    return values
  }

  /** `emit` of a node with one output. */
  emitOne(operator: string, inputs: readonly (Value | undefined)[], output: OutputSpec, options?: EmitOptions): Value {
    return this.emit(operator, inputs, [output], options)[0]!
  }

  /** Makes a value an output of the graph. */
  output(name: string, value: Value): void {
    this.nodes.push({ operator: 'Identity', domain: '', attributes: {}, inputs: [value.name], outputs: [name] })
    this.#outputs.push({ name, type: value.type, shape: value.shape })
  }

  /** The shape of a value by its name. */
  shapeOf(name: string): readonly Dimension[] {
    const shape = this.#shapes.get(name)
    if (shape === undefined) throw new GraphError('GRAPH_SHAPE_UNKNOWN', `the graph has no value ${name}`)
    return shape
  }

  /** Declares how gradients pass through an operation. Returns its outputs, marked as depending on the wanted inputs. */
  record(outputs: readonly Value[], inputs: readonly Value[], backward: Backward): Value[] {
    if (!inputs.some(({ needsGradient }) => needsGradient)) return [...outputs]
    const marked = outputs.map((output) => ({ ...output, needsGradient: true }))
    this.#tape.push({ outputs: marked, inputs, backward })
    return marked
  }

  /**
   * Emits the backward pass.
   *
   * @param loss - a single number
   * @returns the gradients of `wanted`, in order
   * @throws GraphError GRAPH_NO_GRADIENT where the loss does not depend on one of them, GRAPH_SHAPE_MISMATCH where it is several numbers
   */
  gradients(loss: Value, wanted: readonly Value[]): Value[] {
    const terms = new Map<string, GradientTerm[]>([[loss.name, [() => this.#one(loss)]]])
    const done = new Map<string, Value>()
    const gradientOf = (value: Value): Value | undefined => {
      const known = done.get(value.name)
      if (known !== undefined) return known
      const sum = terms.get(value.name)?.reduce<Value | undefined>((partial, term) => term(partial), undefined)
      if (sum !== undefined) done.set(value.name, sum)
      return sum
    }
    for (const { outputs, inputs, backward } of this.#tape.toReversed()) {
      const gradients = outputs.map(gradientOf)
      if (gradients.every((gradient) => gradient === undefined)) continue
      backward(gradients).forEach((term, i) => {
        const input = inputs[i]
        if (term === undefined || input?.needsGradient !== true) return
        terms.set(input.name, [...terms.get(input.name) ?? [], term])
      })
    }
    return wanted.map((value) => {
      const gradient = gradientOf(value)
      if (gradient === undefined) throw new GraphError('GRAPH_NO_GRADIENT', `the loss does not depend on ${value.name}`)
      return gradient
    })
  }

  /** The ONNX model's bytes. */
  serialise(): Uint8Array {
    return encodeModel({ nodes: this.nodes, initialisers: this.#initialisers, inputs: this.#inputs, outputs: this.#outputs })
  }

  /** The derivative of a loss by itself. */
  #one({ shape }: Value): Value {
    if (shape.some((size) => size !== 1)) throw new GraphError('GRAPH_SHAPE_MISMATCH', `a loss of shape [${shape.join(', ')}] is not a single number: add its values up`)
    if (shape.length === 0) return this.scalar(1)
    return this.#shared(`one.${shape.length}`, (name) => this.constant(name, shape.map(Number), Float32Array.of(1)))
  }

  #define(value: Value): Value {
    if (this.#shapes.has(value.name)) throw new GraphError('GRAPH_NAME_TAKEN', `the graph has a value ${value.name} already`)
    this.#shapes.set(value.name, value.shape)
    return value
  }

  #shared(name: string, create: (name: string) => Value): Value {
    let value = this.#constants.get(name)
    if (value === undefined) this.#constants.set(name, value = create(name))
    return value
  }
}
