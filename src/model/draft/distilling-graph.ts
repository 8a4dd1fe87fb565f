import { concatenate, crossEntropy, gatedSilu, gemm, GraphBuilder, productOperations, rmsNorm, type Value } from '../../graph/index.js'
import type { LlamaConfig } from '../config.js'
import type { TrainingGraph } from '../lora/training-graph.js'
import { recurrentLayout, type RecurrentShape, type RecurrentTensorName } from './recurrent-draft.js'

export interface DistillingBatch {
  /** Places of texts that a draft goes on from. */
  readonly rows: number
  /** Tokens that it is given, one after the other, from each. */
  readonly steps: number
}

/**
 * Loss and gradient of a recurrent draft that is given the tokens of texts.
 *
 * Inputs: the draft's tensors by their names; `hidden` [rows, hiddenSize]; `embedded.0` and so on, one for each step, [rows, hiddenSize]; `labels` int32
 * [steps · rows], step after step, places in the draft's vocabulary; `weights` [steps · rows, 1], by which the losses are added.
 * Outputs: `loss`, one number, and `gradient`, [layout.length].
 */
export function buildDistillingGraph({ hiddenSize, normEpsilon }: LlamaConfig, shape: RecurrentShape, { rows, steps }: DistillingBatch): TrainingGraph {
  const graph = new GraphBuilder()
  const layout = recurrentLayout(shape, hiddenSize)
  const inputs = layout.tensors.map(({ name, shape: sizes }) => graph.input(name, sizes, { needsGradient: true }))
  const tensors = Object.fromEntries(layout.tensors.map(({ name }, i) => [name, inputs[i]!])) as Record<RecurrentTensorName, Value>
  const linear = (x: Value, name: RecurrentTensorName, addend?: Value): Value => gemm(graph, x, tensors[name], { transposeB: true, ...(addend === undefined ? {} : { addend }) })

  let state = linear(graph.input('hidden', [rows, hiddenSize]), 'start')
  const states = Array.from({ length: steps }, (_, step) => {
    const x = linear(graph.input(`embedded.${step}`, [rows, hiddenSize]), 'input')
    const normed = rmsNorm(graph, state, tensors.stateNorm, normEpsilon)
    const gate = linear(normed, 'gateState', linear(x, 'gateInput'))
    const up = linear(normed, 'upState', linear(x, 'upInput'))
    return state = linear(gatedSilu(graph, gate, up), 'down', state)
  })
  const tokens = steps * rows
  const labels = graph.emitOne('Cast', [graph.input('labels', [tokens], { type: 'int32' })], { shape: [tokens], type: 'int64' }, { attributes: { to: 7 } })
  const loss = crossEntropy(graph, {
    hidden: rmsNorm(graph, concatenate(graph, states, 0), tensors.outputNorm, normEpsilon),
    outputWeight: gemm(graph, tensors.output, tensors.projection),
    labels,
    weights: graph.input('weights', [tokens, 1]),
  })
  const flat = graph.gradients(loss, inputs).map((gradient, i) => graph.emitOne('Reshape', [gradient, graph.integers([-1])], { shape: [layout.tensors[i]!.length] }))
  graph.output('loss', loss)
  graph.output('gradient', graph.emitOne('Concat', flat, { shape: [layout.length] }, { attributes: { axis: 0 } }))
  return { model: graph.serialise(), operations: productOperations(graph) }
}
