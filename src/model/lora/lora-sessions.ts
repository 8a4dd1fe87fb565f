import * as onnx from 'onnxruntime-node'

import { targetSize, type AdapterLayout } from '../adapter-layout.js'
import type { BaseModel } from '../checkpoint.js'
import { ModelError } from '../errors.js'
import type { Alternatives, ScoreResult, StepOptions, StepResult } from '../model-worker.js'
import type { PackedBatch } from '../packed-batch.js'
import { createSession, floats, floatsOf, integersOf, runSession, type RuntimeOptions } from '../runtime.js'
import { weightShapes } from '../weight-names.js'
import { alternativeFeeds, batchFeeds, countTokens } from './batch-feeds.js'
import { keepName } from './decoder-graph.js'
import { DropoutMasks } from './dropout.js'
import { buildScoringGraph } from './scoring-graph.js'
import { buildTrainingGraph } from './training-graph.js'

/** Sessions that are kept, one for each purpose and shape of batch. Each holds the memory of its activations. */
const KEPT_SESSIONS = 6

const NO_ALTERNATIVES: Alternatives = { positions: new Int32Array(0), ids: new Int32Array(0) }

/** Losses, gradients and scores of adapters on one base model, in the caller's thread. All sessions share the base's weights. */
export class LoraSessions {
  readonly #sessions = new Map<string, onnx.InferenceSession>()
  readonly #weights: Readonly<Record<string, onnx.Tensor>>

  constructor(private readonly base: BaseModel, private readonly layout: AdapterLayout, private readonly options: RuntimeOptions) {
    this.#weights = Object.fromEntries([...weightShapes(base.config)].map(([name, shape]) => [name, floats(base.weights.get(name)!, shape)]))
  }

  /** @see ModelWorker.step */
  async step(batch: PackedBatch, adapter: Float32Array, { dropout = 0, seed = 0 }: StepOptions = {}): Promise<StepResult> {
    if (!(dropout >= 0 && dropout < 1)) throw new ModelError('MODEL_BATCH_INVALID', `the dropout is ${dropout}: it must be at least 0 and below 1`)
    const feeds = { ...batchFeeds(batch, this.base.config, 'step'), ...this.#adapterFeeds(adapter), ...this.#weights }
    if (dropout > 0) Object.assign(feeds, this.#dropoutFeeds(batch, dropout, seed))
    const session = await this.#session(dropout > 0 ? 'dropout' : 'step', batch)
    const outputs = await runSession(session, feeds)
    return { loss: floatsOf(outputs, 'loss')[0]!, gradient: floatsOf(outputs, 'gradient'), tokens: countTokens(batch) }
  }

  /** @see ModelWorker.score */
  async score(batch: PackedBatch, adapter: Float32Array, alternatives: Alternatives = NO_ALTERNATIVES): Promise<ScoreResult> {
    const feeds = { ...batchFeeds(batch, this.base.config, 'score'), ...alternativeFeeds(alternatives, batch, this.base.config), ...this.#adapterFeeds(adapter), ...this.#weights }
    const outputs = await runSession(await this.#session('score', batch), feeds)
    return {
      logProbability: floatsOf(outputs, 'logProbability'),
      best: integersOf(outputs, 'best'),
      alternatives: floatsOf(outputs, 'alternativeLogProbability').slice(0, alternatives.ids.length),
    }
  }

  /** Frees the memory of all sessions. */
  async release(): Promise<void> {
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    for (const session of sessions) await session.release()
  }

  async #session(purpose: 'step' | 'dropout' | 'score', { rows, rowLength }: PackedBatch): Promise<onnx.InferenceSession> {
    const key = `${purpose} ${rows}x${rowLength}`
    const known = this.#sessions.get(key)
    if (known !== undefined) {
      // A map keeps the order of insertion: the first key is the one that was not used for longest.
      this.#sessions.delete(key)
      this.#sessions.set(key, known)
      return known
    }
    for (const [oldest, session] of this.#sessions) {
      if (this.#sessions.size < KEPT_SESSIONS) break
      this.#sessions.delete(oldest)
      await session.release()
    }
    const shape = { rows, rowLength }
    const model = purpose === 'score'
      ? buildScoringGraph(this.base.config, this.layout, shape)
      : buildTrainingGraph(this.base.config, this.layout, shape, purpose === 'dropout').model
    const session = await createSession(model, this.options)
    this.#sessions.set(key, session)
    return session
  }

  #adapterFeeds(adapter: Float32Array): Record<string, onnx.Tensor> {
    if (adapter.length !== this.layout.length) {
      throw new ModelError('MODEL_ADAPTER_LENGTH', `the adapter has ${adapter.length} values, and its layout ${this.layout.length}: was it trained with other settings or another base?`)
    }
    return Object.fromEntries(this.layout.tensors.map(({ name, offset, shape }) =>
      [name, floats(adapter.subarray(offset, offset + shape[0] * shape[1]), shape)]))
  }

  #dropoutFeeds({ rows, rowLength }: PackedBatch, dropout: number, seed: number): Record<string, onnx.Tensor> {
    const masks = new DropoutMasks(dropout, seed)
    const tokens = rows * rowLength
    const feeds: Record<string, onnx.Tensor> = { keptScale: floats(Float32Array.of(1 / (1 - dropout)), []) }
    for (const { layer, target, factor } of this.layout.tensors) {
      if (factor === 'B') continue
      const [inputs] = targetSize(this.base.config, target)
      feeds[keepName(layer, target)] = new onnx.Tensor('bool', masks.next(tokens * inputs), [tokens, inputs])
    }
    return feeds
  }
}
