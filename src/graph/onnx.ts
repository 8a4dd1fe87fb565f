import { ProtobufWriter } from './protobuf.js'

/** Element types and their numbers in ONNX (onnx.proto, TensorProto.DataType). */
const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 } as const

export type ElementType = keyof typeof ELEMENT_TYPES

/** A number, or the name of a size that is only known at run time. */
export type Dimension = number | string

export type Attribute = number | string | readonly number[] | { readonly float: number }

export interface GraphNode {
  readonly operator: string
  /** Empty for ONNX's own operators. */
  readonly domain: string
  /** Names; the empty name leaves an optional input out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

export interface Initialiser {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly data: ArrayBufferView
}

export interface ValueInfo {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly Dimension[]
}

export interface GraphDefinition {
  readonly nodes: readonly GraphNode[]
  readonly initialisers: readonly Initialiser[]
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
}

/** Operators that ONNX Runtime adds to ONNX's own. */
export const MICROSOFT_DOMAIN = 'com.microsoft'

/** ONNX's intermediate representation version and operator set that the graphs are written for. */
const IR_VERSION = 10
const OPERATOR_SET = 21

/**
 * The bytes of an ONNX model.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto for the field numbers
 */
export function encodeModel(graph: GraphDefinition): Uint8Array {
  const body = new ProtobufWriter()
  for (const node of graph.nodes) body.message(1, encodeNode(node))
  body.string(2, 'graph')
  for (const initialiser of graph.initialisers) body.message(5, encodeInitialiser(initialiser))
  for (const input of graph.inputs) body.message(11, encodeValueInfo(input))
  for (const output of graph.outputs) body.message(12, encodeValueInfo(output))
  return new ProtobufWriter()
    .integer(1, IR_VERSION)
    .string(2, 'meshwright')
    .message(7, body)
    .message(8, new ProtobufWriter().string(1, '').integer(2, OPERATOR_SET))
    .message(8, new ProtobufWriter().string(1, MICROSOFT_DOMAIN).integer(2, 1))
    .finish()
}

function encodeNode(node: GraphNode): ProtobufWriter {
  const writer = new ProtobufWriter()
  for (const input of node.inputs) writer.string(1, input)
  for (const output of node.outputs) writer.string(2, output)
  writer.string(4, node.operator)
  for (const [name, value] of Object.entries(node.attributes)) writer.message(5, encodeAttribute(name, value))
  if (node.domain !== '') writer.string(7, node.domain)
  return writer
}

function encodeAttribute(name: string, value: Attribute): ProtobufWriter {
  const writer = new ProtobufWriter().string(1, name)
  if (typeof value === 'number') return writer.integer(3, value).integer(20, 2)
  if (typeof value === 'string') return writer.string(4, value).integer(20, 3)
  if ('float' in value) return writer.float(2, value.float).integer(20, 1)
  for (const item of value) writer.integer(8, item)
  return writer.integer(20, 7)
}

function encodeInitialiser({ name, type, shape, data }: Initialiser): ProtobufWriter {
  const writer = new ProtobufWriter()
  for (const size of shape) writer.integer(1, size)
  return writer.integer(2, ELEMENT_TYPES[type]).string(8, name).bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

function encodeValueInfo({ name, type, shape }: ValueInfo): ProtobufWriter {
  const sizes = new ProtobufWriter()
  for (const size of shape) {
    sizes.message(1, typeof size === 'number' ? new ProtobufWriter().integer(1, size) : new ProtobufWriter().string(2, size))
  }
  const tensor = new ProtobufWriter().integer(1, ELEMENT_TYPES[type]).message(2, sizes)
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensor))
}
