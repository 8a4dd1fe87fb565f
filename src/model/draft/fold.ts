import { concatenate, elementwise, GraphBuilder, product, type Value } from '../../graph/index.js'
import type { BaseModel } from '../checkpoint.js'
import { createSession, floats, floatsOf, runSession } from '../runtime.js'
import { embeddedTokens, recurrentLayout, recurrentTensors, type RecurrentDraft, type RecurrentTensorName } from './recurrent-draft.js'

/** The matrices of a draft with all that can be multiplied beforehand; [outputs, inputs], row-major. Gates come before ups. */
export interface FoldedDraft {
  readonly hiddenSize: number
  readonly stateSize: number
  readonly innerSize: number
  readonly vocabularySize: number
  readonly epsilon: number
  /** [stateSize, hiddenSize] */
  readonly start: Float32Array
  /** [2 · innerSize, stateSize], on the state without its norm's weights */
  readonly fromState: Float32Array
  /** [2 · innerSize, hiddenSize], on a token's embedding */
  readonly fromToken: Float32Array
  /** [vocabularySize, 2 · innerSize], what `fromToken` makes of each token of the vocabulary */
  readonly ofTokens: Float32Array
  /** [stateSize, innerSize] */
  readonly down: Float32Array
  /** [vocabularySize, stateSize], on the state without its norm's weights */
  readonly output: Float32Array
}

/**
 * Multiplies what does not change from proposal to proposal.
 *
 * @throws RecurrentDraftError RECURRENT_DRAFT_SHAPE; ModelError MODEL_SESSION_FAILED
 */
export async function foldDraft(base: BaseModel, draft: RecurrentDraft, threads: number): Promise<FoldedDraft> {
  const { hiddenSize, normEpsilon } = base.config
  const { shape } = draft
  const { stateSize, innerSize } = shape
  const vocabularySize = shape.vocabulary.length
  const tensors = recurrentTensors(draft, base.config)
  const session = await createSession(foldingGraph(draft, hiddenSize), { threads })
  try {
    const { tensors: layout } = recurrentLayout(shape, hiddenSize)
    const feeds = Object.fromEntries(layout.filter(({ name }) => !UNCHANGED.includes(name)).map(({ name, shape: sizes }) => [name, floats(tensors[name], sizes)]))
    const outputs = await runSession(session, { ...feeds, embedded: floats(embeddedTokens(base, shape.vocabulary), [vocabularySize, hiddenSize]) })
    return {
      hiddenSize, stateSize, innerSize, vocabularySize, epsilon: normEpsilon,
      start: tensors.start,
      down: tensors.down,
      fromState: floatsOf(outputs, 'fromState'),
      fromToken: floatsOf(outputs, 'fromToken'),
      ofTokens: floatsOf(outputs, 'ofTokens'),
      output: floatsOf(outputs, 'folded'),
    }
  } finally {
    await session.release()
  }
}

const UNCHANGED: readonly RecurrentTensorName[] = ['start', 'down']

function foldingGraph({ shape }: RecurrentDraft, hiddenSize: number): Uint8Array {
  const graph = new GraphBuilder()
  const inputs = new Map(recurrentLayout(shape, hiddenSize).tensors
    .filter(({ name }) => !UNCHANGED.includes(name))
    .map(({ name, shape: sizes }) => [name, graph.input(name, sizes)]))
  const input = (name: RecurrentTensorName): Value => inputs.get(name)!
  const gateAndUp = (gate: RecurrentTensorName, up: RecurrentTensorName): Value => concatenate(graph, [input(gate), input(up)], 0)
  const fromToken = product(graph, gateAndUp('gateInput', 'upInput'), input('input'))
  graph.output('fromState', elementwise(graph, 'Mul', gateAndUp('gateState', 'upState'), input('stateNorm')))
  graph.output('fromToken', fromToken)
  graph.output('ofTokens', product(graph, graph.input('embedded', [shape.vocabulary.length, hiddenSize]), fromToken, { transposeB: true }))
  graph.output('folded', elementwise(graph, 'Mul', product(graph, input('output'), input('projection')), input('outputNorm')))
  return graph.serialise()
}
