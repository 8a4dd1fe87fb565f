import * as z from 'zod'

import { ModelError } from '../errors.js'

/** Bytes of one value of each type that is read. */
const VALUE_BYTES = { F32: 4, F16: 2, BF16: 2 } as const

export type TensorType = keyof typeof VALUE_BYTES

export interface TensorEntry {
  readonly name: string
  readonly type: TensorType
  readonly shape: readonly number[]
  /** Where its bytes start and end, counted from the end of the header. */
  readonly start: number
  readonly end: number
}

/** The format's own bound on a header, in bytes. */
export const MAXIMUM_HEADER_BYTES = 100_000_000

/** The length of the header's length. */
export const PREFIX_BYTES = 8

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
})

const headerSchema = z.record(z.string(), z.unknown())

/**
 * The length of a safetensors header in bytes.
 *
 * @param prefix - the file's first 8 bytes
 * @throws ModelError MODEL_FILE_INVALID
 */
export function headerLength(prefix: Uint8Array, fileBytes: number, file: string): number {
  if (prefix.length < PREFIX_BYTES) throw invalid(file, `it has ${prefix.length} bytes, and its header's length alone takes ${PREFIX_BYTES}`)
  const length = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength).getBigUint64(0, true)
  if (length > BigInt(MAXIMUM_HEADER_BYTES) || length > BigInt(fileBytes - PREFIX_BYTES)) {
    throw invalid(file, `its header claims ${length} bytes, and the file has ${fileBytes}`)
  }
  return Number(length)
}

/**
 * The tensors of a safetensors header, in the order of their bytes, which must fill the rest of the file without gaps or overlaps.
 *
 * @param dataBytes - bytes of the file after the header
 * @throws ModelError MODEL_FILE_INVALID, MODEL_DTYPE_UNSUPPORTED
 * @see https://github.com/huggingface/safetensors#format
 */
export function parseHeader(header: Uint8Array, dataBytes: number, file: string): TensorEntry[] {
  const entries: TensorEntry[] = []
  for (const [name, value] of Object.entries(parseJson(header, file))) {
    if (name === '__metadata__') continue
    const entry = entrySchema.safeParse(value)
    if (!entry.success) throw invalid(file, `the entry of ${name} is wrong at ${entry.error.issues[0]?.path.join('.') ?? 'its start'}`)
    const { dtype, shape, data_offsets: [start, end] } = entry.data
    if (!isTensorType(dtype)) {
      throw new ModelError('MODEL_DTYPE_UNSUPPORTED', `${name} in ${file} is of type ${dtype}, and F32, F16 and BF16 are supported: convert the model`)
    }
    const bytes = shape.reduce((product, size) => product * size, VALUE_BYTES[dtype])
    if (!Number.isSafeInteger(bytes) || end - start !== bytes) {
      throw invalid(file, `${name} of shape [${shape.join(', ')}] takes ${bytes} bytes as ${dtype}, and its place has ${end - start}`)
    }
    entries.push({ name, type: dtype, shape, start, end })
  }
  entries.sort((a, b) => a.start - b.start || a.end - b.end)
  let at = 0
  for (const { name, start, end } of entries) {
    if (start !== at) throw invalid(file, `${name} starts at byte ${start}, and the tensor before it ends at ${at}`)
    at = end
  }
  if (at !== dataBytes) throw invalid(file, `its tensors take ${at} bytes, and ${dataBytes} follow the header: is the file whole?`)
  return entries
}

function parseJson(header: Uint8Array, file: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header))
  } catch (error) {
    throw invalid(file, `its header is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const parsed = headerSchema.safeParse(json)
  if (!parsed.success) throw invalid(file, 'its header is no JSON object')
  return parsed.data
}

function isTensorType(type: string): type is TensorType {
  return Object.hasOwn(VALUE_BYTES, type)
}

function invalid(file: string, what: string): ModelError {
  return new ModelError('MODEL_FILE_INVALID', `${file} is damaged: ${what}; download it again`)
}
