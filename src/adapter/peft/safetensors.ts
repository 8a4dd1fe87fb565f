import { getFloat16 } from '@petamoriken/float16'
import * as z from 'zod'

import { AdapterError } from '../errors.js'

/** A named tensor of f32 values, row-major. */
export interface NamedTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** A header above this is an attack or another format: real ones take about 100 bytes a tensor. */
const MAXIMUM_HEADER_BYTES = 16 << 20

const size = z.int().min(0)
const entrySchema = z.object({ dtype: z.string(), shape: z.array(size).max(8), data_offsets: z.tuple([size, size]) })
const headerSchema = z.record(z.string(), z.unknown())
type Entry = z.infer<typeof entrySchema>

/** Bytes a value, and how one is read. */
const READERS: Readonly<Record<string, readonly [width: number, read: (view: DataView, at: number) => number]>> = {
  F32: [4, (view, at) => view.getFloat32(at, true)],
  F16: [2, (view, at) => getFloat16(view, at, true)],
  BF16: [2, bfloat16Reader()],
}

/**
 * Writes tensors as a safetensors file of F32 values, in the order given.
 *
 * @param metadata - texts that go into the header's `__metadata__`
 * @see https://github.com/huggingface/safetensors, "Format"
 */
export function writeSafetensors(tensors: readonly NamedTensor[], metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let length = 0
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [length, length + values.length * 4] }
    length += values.length * 4
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const start = 8 + Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(start + length).fill(0x20, 8 + json.length, start)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(start - 8), true)
  bytes.set(json, 8)
  let at = start
  for (const { values } of tensors) {
    for (const value of values) {
      view.setFloat32(at, value, true)
      at += 4
    }
  }
  return bytes
}

/**
 * Reads a safetensors file from a stranger: header first, then offsets and shapes, and only then values. F32, F16 and BF16 become f32.
 *
 * @throws AdapterError SAFETENSORS_INVALID, SAFETENSORS_DTYPE
 */
export function readSafetensors(bytes: Uint8Array): NamedTensor[] {
  const { entries, dataAt } = readHeader(bytes)
  checkOffsets(entries, bytes.length - dataAt)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return entries.map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
    const [width, read] = READERS[dtype]!
    return { name, shape, values: Float32Array.from({ length: (to - from) / width }, (_, i) => read(view, dataAt + from + i * width)) }
  })
}

function readHeader(bytes: Uint8Array): { entries: [string, Entry][], dataAt: number } {
  if (bytes.length < 8) refuse(`${bytes.length} bytes are too few for a header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerLength = view.getBigUint64(0, true)
  if (headerLength > BigInt(Math.min(MAXIMUM_HEADER_BYTES, bytes.length - 8))) refuse(`it tells of a header of ${headerLength.toString()} bytes in a file of ${bytes.length}`)
  const dataAt = 8 + Number(headerLength)
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataAt)))
  } catch {
    refuse('its header is no JSON')
  }
  const header = headerSchema.safeParse(json)
  if (!header.success) refuse('its header is no JSON object')
  const entries = Object.entries(header.data).filter(([name]) => name !== '__metadata__').map(([name, value]): [string, Entry] => {
    const entry = entrySchema.safeParse(value)
    if (!entry.success) refuse(`the header's entry ${JSON.stringify(name)} lacks dtype, shape or data_offsets, or has wrong ones`)
    return [name, entry.data]
  })
  return { entries, dataAt }
}

/** Tensors must fill the data without gaps or overlaps, as the format asks, so that no bytes hide in a file. */
function checkOffsets(entries: readonly [string, Entry][], dataLength: number): void {
  let end = 0
  const inOrder = entries.toSorted(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1])
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of inOrder) {
    const reader = Object.hasOwn(READERS, dtype) ? READERS[dtype] : undefined
    if (reader === undefined) {
      throw new AdapterError('SAFETENSORS_DTYPE', `the tensor ${name} is of type ${dtype}, and only ${Object.keys(READERS).join(', ')} are read: convert the file first`)
    }
    const wanted = shape.reduce((product, dimension) => product * dimension, reader[0])
    if (from !== end || to - from !== wanted) refuse(`the tensor ${name} lies at bytes ${from} to ${to}, and should start at ${end} and take ${wanted}`)
    end = to
  }
  if (end !== dataLength) refuse(`its tensors take ${end} bytes, and ${dataLength} follow the header`)
}

function bfloat16Reader(): (view: DataView, at: number) => number {
  const bits = new Uint32Array(1)
  const value = new Float32Array(bits.buffer)
  return (view, at) => {
    bits[0] = view.getUint16(at, true) << 16
    return value[0]!
  }
}

function refuse(what: string): never {
  throw new AdapterError('SAFETENSORS_INVALID', `the file is no whole safetensors file: ${what}; fetch or write it again`)
}
