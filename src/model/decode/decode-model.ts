import * as onnx from 'onnxruntime-node'

import type { AdapterLayout } from '../adapter-layout.js'
import type { BaseModel } from '../checkpoint.js'
import { ModelError } from '../errors.js'
import { createSession, floats, floatsOf, integersOf, runSession } from '../runtime.js'
import { EMBEDDING } from '../weight-names.js'
import { buildDecodeGraph } from './decode-graph.js'
import type { Quantization } from './decoder-block.js'
import { areSignedColumnsExact } from './integer-products.js'
import type { CacheSizes, KeyValueCache } from './key-value-cache.js'
import { mergeAdapter } from './merge-adapter.js'

export interface DecodeOptions {
  /** How the matrices are held: f32, or in steps of a block of 32 values with 8 or 4 bits each; 8 bits in steps of a whole row where the model's rows are calm. The embedding's rows are looked up in f32. */
  readonly quantization: Quantization
  /** Threads that share one matrix product. A small model is fastest with one. */
  readonly threads: number
  /** The longest text in tokens; at most the model's positions. */
  readonly maximumLength: number
  /** An adapter to merge into the weights, with its layout. */
  readonly layout?: AdapterLayout
  readonly adapter?: Float32Array
  /** Whether idle threads wait in a busy loop. Default false. */
  readonly spinning?: boolean
}

/** What a run predicts: logits or the most likely tokens, [wanted, rows, ...]; and [wanted, rows, hiddenSize], of what, where that was asked for. */
export type Predictions = ({ readonly kind: 'logits', readonly values: Float32Array } | { readonly kind: 'next', readonly values: Int32Array }) & { readonly hidden?: Float32Array }

/** A model that continues texts, without the texts: their caches are passed in. */
export class DecodeModel {
  private constructor(private readonly session: onnx.InferenceSession, private readonly base: BaseModel, readonly maximumLength: number) {}

  /** @throws ModelError MODEL_ADAPTER_LENGTH, MODEL_SEQUENCE_TOO_LONG, MODEL_SESSION_FAILED */
  static async create(base: BaseModel, { quantization, threads, maximumLength, layout, adapter, spinning = false }: DecodeOptions): Promise<DecodeModel> {
    if (!Number.isSafeInteger(maximumLength) || maximumLength < 1 || maximumLength > base.config.maximumPositions) {
      throw new ModelError('MODEL_SEQUENCE_TOO_LONG', `a maximum length of ${maximumLength} tokens was asked for, and the model knows ${base.config.maximumPositions} positions`)
    }
    const merged = layout !== undefined && adapter !== undefined ? mergeAdapter(base, layout, adapter) : base
    const graph = buildDecodeGraph(merged, { quantization, hasSignedColumns: base.hasCalmRows !== true || await areSignedColumnsExact() }, maximumLength)
    const session = await createSession(graph, { threads, spinning, fixedShapes: false })
    return new DecodeModel(session, base, maximumLength)
  }

  get config(): BaseModel['config'] {
    return this.base.config
  }

  /**
   * Whether a token is computed by the same bits when it is read as part of a prompt and when it is written. With one query a key-value head it is not: tokens
   * that are read are asked together, which is several times faster, and those that are written one by one cannot be.
   */
  get isUniform(): boolean {
    return this.config.heads > this.config.keyValueHeads
  }

  get cacheSizes(): CacheSizes {
    return { ...this.config, maximumLength: this.maximumLength }
  }

  /**
   * Continues the texts of a cache and appends to it.
   *
   * @param texts - the new tokens of each row, equally many, which fit its open block; undefined where a row takes no part
   * @param first - the first new token whose predictions are wanted; where none are, the tokens are read
   * @param isDescribed - whether the normalised last hidden states are wanted beside the predictions
   * @throws ModelError MODEL_SEQUENCE_TOO_LONG, MODEL_TOKEN_UNKNOWN, MODEL_SESSION_FAILED; the cache is then as before
   */
  async run(cache: KeyValueCache, texts: readonly (ArrayLike<number> | undefined)[], first: number, kind: Predictions['kind'], isDescribed = false): Promise<Predictions> {
    const { rows } = cache
    const count = texts.find((text) => text !== undefined)?.length ?? 0
    const taking = texts.flatMap((text, row) => text === undefined ? [] : [row])
    const full = taking.find((row) => cache.length(row) + count > this.maximumLength)
    if (full !== undefined) throw tooLong(cache.length(full), count, this.maximumLength)
    // The last layer goes on with one token at least.
    const kept = Math.min(first, count - 1)
    const feeds: Record<string, onnx.Tensor> = {
      embedded: floats(this.#embed(texts, count), [count, rows, this.config.hiddenSize]),
      positions: new onnx.Tensor('int64', positionsOf(cache, count, this.maximumLength), [count, rows]),
      first: new onnx.Tensor('int64', BigInt64Array.of(BigInt(kept)), [1]),
      ...cache.feeds(count, kept, rows === 1 && (this.isUniform || first >= count)),
    }
    const outputs = await runSession(this.session, feeds, isDescribed ? [kind, 'hidden', 'cache'] : [kind, 'cache'])
    cache.append(floatsOf(outputs, 'cache'), count, taking)
    const description = isDescribed ? { hidden: floatsOf(outputs, 'hidden') } : {}
    return kind === 'logits' ? { kind, values: floatsOf(outputs, kind), ...description } : { kind, values: integersOf(outputs, kind), ...description }
  }

  /**
   * Continues the only text of a cache block by block.
   *
   * @param last - how many of the new tokens' predictions are wanted, counted from the end
   * @param take - gets the predictions of each run that has some, and the place of the first one among the wanted
   * @throws as `run`; the runs before stand
   */
  async extend(cache: KeyValueCache, ids: ArrayLike<number>, last: number, kind: Predictions['kind'], take: (values: Predictions['values'], at: number) => void): Promise<void> {
    const firstWanted = Math.max(0, ids.length - last)
    if (cache.length(0) + ids.length > this.maximumLength) throw tooLong(cache.length(0), ids.length, this.maximumLength)
    for (let start = 0, length = 0; start < ids.length; start += length) {
      const part = Array.prototype.slice.call(ids, start, start + cache.room(0)) as number[]
      length = part.length
      const first = Math.min(Math.max(firstWanted - start, 0), length)
      if (first === length) await this.#read(cache, part, kind)
      else take((await this.run(cache, [part], first, kind)).values, start + first - firstWanted)
    }
  }

  /** A token that is read by itself gets another one beside it, where there is room, so that it is computed as it would be among others. */
  async #read(cache: KeyValueCache, part: readonly number[], kind: Predictions['kind']): Promise<void> {
    const length = cache.length(0)
    const isPadded = !this.isUniform && part.length === 1 && cache.room(0) > 1 && length + 2 <= this.maximumLength
    const ids = isPadded ? [part[0]!, part[0]!] : part
    await this.run(cache, [ids], ids.length, kind)
    cache.setLength(0, length + part.length)
  }

  release(): Promise<void> {
    return this.session.release()
  }

  #embed(texts: readonly (ArrayLike<number> | undefined)[], count: number): Float32Array {
    const { hiddenSize, vocabularySize } = this.config
    const table = this.base.weights.get(EMBEDDING)!
    const embedded = new Float32Array(count * texts.length * hiddenSize)
    texts.forEach((text, row) => {
      for (let i = 0; i < count && text !== undefined; i++) {
        const id = text[i]!
        if (!(id >= 0 && id < vocabularySize)) throw new ModelError('MODEL_TOKEN_UNKNOWN', `token ${i} is ${id}, and the vocabulary has ${vocabularySize} tokens`)
        embedded.set(table.subarray(id * hiddenSize, (id + 1) * hiddenSize), (i * texts.length + row) * hiddenSize)
      }
    })
    return embedded
  }
}

function tooLong(length: number, count: number, maximumLength: number): ModelError {
  return new ModelError('MODEL_SEQUENCE_TOO_LONG', `${length} tokens and ${count} more are longer than the session's ${maximumLength}`)
}

/** A row that takes no part may be full: its positions are of no meaning, but must be some that there are. */
function positionsOf(cache: KeyValueCache, count: number, maximumLength: number): BigInt64Array {
  const positions = new BigInt64Array(count * cache.rows)
  for (let i = 0; i < positions.length; i++) positions[i] = BigInt(Math.min(cache.length(i % cache.rows) + Math.floor(i / cache.rows), maximumLength - 1))
  return positions
}
