import type * as onnx from 'onnxruntime-node'

import type { BaseModel } from '../checkpoint.js'
import { ModelError } from '../errors.js'
import { createSession, floats, floatsOf, integersOf, runSession } from '../runtime.js'
import { EMBEDDING } from '../weight-names.js'
import { RecurrentDraftError } from './errors.js'
import { foldDraft } from './fold.js'
import { buildProposalGraph } from './proposal-graph.js'
import type { RecurrentDraft } from './recurrent-draft.js'

export interface RecurrentOptions {
  /** Tokens of a proposal. */
  readonly length: number
  /** Threads that share one matrix product. */
  readonly threads: number
}

export interface RecurrentProposal {
  /** The target's ids, `length` of them. */
  readonly tokens: Int32Array
  /** How probable the draft thinks each of them is, given those before; from 0 to 1. */
  readonly confidence: Float32Array
}

/** Every token of a proposal is some ten nodes of the graph. */
const LONGEST = 64

/** Proposes with a recurrent draft. Runs in the caller's thread; one call at a time, and none depends on those before. */
export class RecurrentSession {
  private constructor(private readonly session: onnx.InferenceSession, private readonly base: BaseModel, private readonly vocabulary: Int32Array) {}

  /**
   * @param base - the draft's target, whose embeddings it uses
   * @throws RecurrentDraftError RECURRENT_DRAFT_SHAPE; ModelError MODEL_SESSION_FAILED
   */
  static async create(base: BaseModel, draft: RecurrentDraft, { length, threads }: RecurrentOptions): Promise<RecurrentSession> {
    if (!Number.isSafeInteger(length) || length < 1 || length > LONGEST) {
      throw new RecurrentDraftError('RECURRENT_DRAFT_SHAPE', `proposals of ${length} tokens were asked for: from 1 to ${LONGEST} are possible`)
    }
    const graph = buildProposalGraph(await foldDraft(base, draft, threads), length)
    return new RecurrentSession(await createSession(graph, { threads }), base, draft.shape.vocabulary)
  }

  /**
   * The most likely continuation of a token.
   *
   * @param hidden - [hiddenSize], what the target says of the token before, whose prediction `token` is
   * @param token - any of the target's
   * @throws ModelError MODEL_BATCH_INVALID, MODEL_TOKEN_UNKNOWN, MODEL_SESSION_FAILED
   */
  async propose(hidden: Float32Array, token: number): Promise<RecurrentProposal> {
    const { config: { hiddenSize, vocabularySize }, weights } = this.base
    if (hidden.length !== hiddenSize) throw new ModelError('MODEL_BATCH_INVALID', `the hidden state has ${hidden.length} values, and the model's have ${hiddenSize}`)
    if (!Number.isSafeInteger(token) || token < 0 || token >= vocabularySize) throw new ModelError('MODEL_TOKEN_UNKNOWN', `the token is ${token}, and the vocabulary has ${vocabularySize} tokens`)
    const outputs = await runSession(this.session, {
      hidden: floats(hidden, [1, hiddenSize]),
      embedded: floats(weights.get(EMBEDDING)!.subarray(token * hiddenSize, (token + 1) * hiddenSize), [1, hiddenSize]),
    })
    return { tokens: integersOf(outputs, 'tokens').map((place) => this.vocabulary[place]!), confidence: floatsOf(outputs, 'confidence') }
  }

  /** Frees the memory; the session cannot be used afterwards. */
  release(): Promise<void> {
    return this.session.release()
  }
}
