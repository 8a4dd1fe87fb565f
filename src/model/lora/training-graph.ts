import { crossEntropy, GraphBuilder, productOperations } from '../../graph/index.js'
import type { AdapterLayout } from '../adapter-layout.js'
import type { LlamaConfig } from '../config.js'
import { buildDecoder, type BatchShape } from './decoder-graph.js'

export interface TrainingGraph {
  readonly model: Uint8Array
  /** Floating point operations of its matrix products in one run. */
  readonly operations: number
}

/**
 * Loss and adapter gradient of one batch. Beside the decoder's inputs it takes `labels` (int32 [tokens]) and `weights` ([tokens, 1], with sum 1);
 * its outputs are `loss` (one number) and `gradient` ([layout.length]).
 */
export function buildTrainingGraph(config: LlamaConfig, layout: AdapterLayout, shape: BatchShape, dropout: boolean): TrainingGraph {
  const graph = new GraphBuilder()
  const tokens = shape.rows * shape.rowLength
  const decoder = buildDecoder(graph, { ...shape, config, layout, dropout, training: true })
  const labels = graph.emitOne('Cast', [graph.input('labels', [tokens], { type: 'int32' })], { shape: [tokens], type: 'int64' }, { attributes: { to: 7 } })
  const loss = crossEntropy(graph, { hidden: decoder.hidden, outputWeight: decoder.outputWeight, labels, weights: graph.input('weights', [tokens, 1]) })

  // One output instead of one for each factor: every output costs a copy and some microseconds.
  const flat = graph.gradients(loss, decoder.factors).map((gradient, i) => {
    const { shape: [rows, columns] } = layout.tensors[i]!
    return graph.emitOne('Reshape', [gradient, graph.integers([-1])], { shape: [rows * columns] })
  })
  graph.output('loss', loss)
  graph.output('gradient', graph.emitOne('Concat', flat, { shape: [layout.length] }, { attributes: { axis: 0 } }))
  return { model: graph.serialise(), operations: productOperations(graph) }
}
