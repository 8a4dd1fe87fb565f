import { createHash, type Hash } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import path from 'node:path'

import { ModelError } from '../errors.js'
import { decodeBfloat16, decodeFloat16 } from './half-floats.js'
import { headerLength, parseHeader, PREFIX_BYTES, type TensorEntry } from './safetensors.js'

/** Small files are read whole; none of them is larger in practice, and a larger one is refused before it is read. */
const MAXIMUM_TEXT_BYTES = 64 * 1024 * 1024

export interface Tensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Reads the files of a model folder, each once, and hashes what it reads. */
export class ModelFiles {
  readonly #hashes = new Map<string, { readonly bytes: number, readonly hash: Hash }>()

  constructor(private readonly directory: string) {}

  /** A text file, or undefined where there is none. */
  async textIfPresent(name: string): Promise<string | undefined> {
    const location = path.join(this.directory, name)
    const bytes = await sizeOf(location)
    if (bytes === undefined) return undefined
    if (bytes > MAXIMUM_TEXT_BYTES) throw new ModelError('MODEL_FILE_INVALID', `${name} has ${bytes} bytes, and at most ${MAXIMUM_TEXT_BYTES} are read: is it the right file?`)
    const content = await readFile(location)
    this.#hashes.set(name, { bytes: content.length, hash: createHash('sha256').update(content) })
    return content.toString('utf8')
  }

  /** A JSON file, or undefined where there is none. @throws ModelError MODEL_FILE_INVALID */
  async jsonIfPresent(name: string): Promise<unknown> {
    const text = await this.textIfPresent(name)
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as unknown
    } catch (error) {
      throw new ModelError('MODEL_FILE_INVALID', `${name} is no JSON: ${error instanceof Error ? error.message : String(error)}; is it whole?`, { cause: error })
    }
  }

  /** A JSON file that must be there. @throws ModelError MODEL_FILE_MISSING, MODEL_FILE_INVALID */
  async json(name: string): Promise<unknown> {
    const value = await this.jsonIfPresent(name)
    if (value === undefined) throw this.missing(name)
    return value
  }

  /**
   * The tensors of one safetensors file.
   *
   * @param wanted - whether a tensor is to be kept, by its entry; may throw, before any tensor is read
   * @throws ModelError MODEL_FILE_MISSING, MODEL_FILE_INVALID, MODEL_DTYPE_UNSUPPORTED
   */
  async tensors(name: string, wanted: (entry: TensorEntry) => boolean): Promise<Map<string, Tensor>> {
    const location = path.join(this.directory, name)
    const fileBytes = await sizeOf(location)
    if (fileBytes === undefined) throw this.missing(name)
    const hash = createHash('sha256')
    const file = await open(location)
    try {
      const read = async (length: number, position: number): Promise<Uint8Array<ArrayBuffer>> => {
        const bytes = new Uint8Array(length)
        for (let done = 0; done < length;) {
          const { bytesRead } = await file.read(bytes, done, length - done, position + done)
          if (bytesRead === 0) throw new ModelError('MODEL_FILE_INVALID', `${name} ended at byte ${position + done} while it was read: is something writing to it?`)
          done += bytesRead
        }
        hash.update(bytes)
        return bytes
      }
      const prefix = await read(Math.min(PREFIX_BYTES, fileBytes), 0)
      const length = headerLength(prefix, fileBytes, name)
      const dataStart = PREFIX_BYTES + length
      const entries = parseHeader(await read(length, PREFIX_BYTES), fileBytes - dataStart, name)
      const kept = new Map(entries.filter(wanted).map((entry) => [entry.name, entry]))
      const tensors = new Map<string, Tensor>()
      for (const entry of entries) {
        const bytes = await read(entry.end - entry.start, dataStart + entry.start)
        if (kept.has(entry.name)) tensors.set(entry.name, { shape: entry.shape, values: decode(entry, bytes, name) })
      }
      this.#hashes.set(name, { bytes: fileBytes, hash })
      return tensors
    } finally {
      await file.close()
    }
  }

  /** SHA-256 over the name, length and hash of every file that was read, by name. */
  contentId(): string {
    const whole = createHash('sha256')
    const files = [...this.#hashes].sort(([a], [b]) => a < b ? -1 : 1)
    for (const [name, { bytes, hash }] of files) whole.update(`${name} ${bytes} ${hash.copy().digest('hex')}\n`)
    return whole.digest('hex')
  }

  missing(name: string): ModelError {
    return new ModelError('MODEL_FILE_MISSING', `${path.join(this.directory, name)} is missing: is this a Hugging Face model folder?`)
  }
}

async function sizeOf(location: string): Promise<number | undefined> {
  const found = await stat(location).catch(() => undefined)
  return found?.isFile() === true ? found.size : undefined
}

function decode({ name, type }: TensorEntry, bytes: Uint8Array<ArrayBuffer>, file: string): Float32Array {
  const values = type === 'F32'
    ? new Float32Array(bytes.buffer)
    : type === 'F16' ? decodeFloat16(new Uint16Array(bytes.buffer)) : decodeBfloat16(new Uint16Array(bytes.buffer))
  const wrong = values.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0) throw new ModelError('MODEL_FILE_INVALID', `value ${wrong} of ${name} in ${file} is ${values[wrong]}: the model is damaged or has diverged`)
  return values
}
