import { GraphBuilder, product } from '../../graph/index.js'
import type { AdapterLayout } from '../adapter-layout.js'
import type { LlamaConfig } from '../config.js'
import { buildDecoder, type BatchShape } from './decoder-graph.js'

/**
 * What a model with an adapter expects at every position. Beside the decoder's inputs it takes `labels` (int32 [tokens]);
 * and `alternatives` (int64 [choices, 2], a position and a token each); its outputs are `logProbability` of the label ([tokens, 1]), `best` (int32 [tokens])
 * and `alternativeLogProbability` ([choices]), so that nothing as wide as the vocabulary leaves the graph.
 */
export function buildScoringGraph(config: LlamaConfig, layout: AdapterLayout, shape: BatchShape): Uint8Array {
  const graph = new GraphBuilder()
  const tokens = shape.rows * shape.rowLength
  const { hidden, outputWeight } = buildDecoder(graph, { ...shape, config, layout, dropout: false, training: false })
  const logits = product(graph, hidden, outputWeight, { transposeB: true })
  const logarithms = graph.emitOne('LogSoftmax', [logits], { shape: logits.shape }, { attributes: { axis: -1 } })
  const labels = graph.emitOne('Reshape', [graph.input('labels', [tokens], { type: 'int32' }), graph.integers([tokens, 1])], { shape: [tokens, 1], type: 'int32' })
  const best = graph.emitOne('ArgMax', [logits], { shape: [tokens], type: 'int64' }, { attributes: { axis: -1, keepdims: 0 } })
  graph.output('logProbability', graph.emitOne('GatherElements', [logarithms, labels], { shape: [tokens, 1] }, { attributes: { axis: 1 } }))
  const alternatives = graph.input('alternatives', ['choices', 2], { type: 'int64' })
  graph.output('alternativeLogProbability', graph.emitOne('GatherND', [logarithms, alternatives], { shape: ['choices'] }))
  graph.output('best', graph.emitOne('Cast', [best], { shape: [tokens], type: 'int32' }, { attributes: { to: 6 } }))
  return graph.serialise()
}
