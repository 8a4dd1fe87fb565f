import { GraphBuilder, MICROSOFT_DOMAIN, type Value } from '../../graph/index.js'
import type { BaseModel } from '../checkpoint.js'
import { rotaryTables } from '../rotary-tables.js'
import { attentionNorm, feedForwardNorm, FINAL_NORM } from '../weight-names.js'
import { NEW, ROWS } from './attention.js'
import { blockAttention } from './block-attention.js'
import { DecoderBlock, type DecoderBlockOptions } from './decoder-block.js'

const WANTED = 'wanted'

/** The end of a slice that goes to the end. */
const TO_THE_END = Number.MAX_SAFE_INTEGER

/**
 * The graph that continues some texts, one a row, each by the same number of new tokens, with what it remembers of their past tokens.
 *
 * Nobody needs more than keys and values of the last layer for tokens whose predictions are not wanted: there they end, which is much of a prompt's last layer.
 *
 * Inputs: `embedded` [new, rows, hiddenSize]; `positions` int64 [new, rows]; `first` int64 [1], the first new token whose prediction is wanted, and there must be
 * one; and those of `blockAttention`.
 * Outputs: `logits` [wanted, rows, vocabulary]; `next` int32 [wanted, rows], the most likely tokens; `hidden` [wanted, rows, hiddenSize],
 * the normalised last hidden states, of which the logits are made; `cache` [rows, layers · 2 · keyValueHeads, new, headSize], the new keys and values.
 */
export function buildDecodeGraph(model: BaseModel, options: DecoderBlockOptions, maximumLength: number): Uint8Array {
  const { config } = model
  const { hiddenSize, keyValueHeads, headSize } = config
  const graph = new GraphBuilder()
  const block = new DecoderBlock(graph, model, options, graph.input('embedded', [NEW, ROWS, hiddenSize]))
  const positions = graph.input('positions', [NEW, ROWS], { type: 'int64' })
  const attention = blockAttention(graph, config)

  const { cosine, sine } = rotaryTables(config, maximumLength)
  const table = (name: string, values: Float32Array): Value => graph.constant(name, [maximumLength, headSize / 2], values)
  const turn = (x: Value, tables: readonly Value[]): Value =>
    graph.emitOne('RotaryEmbedding', [x, positions, ...tables], { shape: x.shape }, { domain: MICROSOFT_DOMAIN })
  const keyTables = [table('cosine', cosine), table('sine', sine)]
  // The scores' scale is applied as the queries turn: a product with a scale of its own takes ONNX Runtime's slow path for single rows.
  const scale = 1 / Math.sqrt(headSize)
  const queryTables = [table('scaledCosine', cosine.map((value) => value * scale)), table('scaledSine', sine.map((value) => value * scale))]

  const first = graph.input('first', [1], { type: 'int64' })
  const wanted = (x: Value): Value => graph.emitOne('Slice', [x, first, graph.integers([TO_THE_END]), graph.integers([0])], { shape: [WANTED, ...x.shape.slice(1)] })

  const added: Value[] = []
  for (let layer = 0; layer < config.layers; layer++) {
    const [q, k, v] = block.linear(block.norm(attentionNorm(layer)), layer, ['q_proj', 'k_proj', 'v_proj'])
    const keys = turn(k!, keyTables)
    added.push(keys, v!)
    const isLast = layer === config.layers - 1
    const queries = turn(q!, queryTables)
    const seen = attention(layer, { queries: isLast ? wanted(queries) : queries, keys, values: v! })
    if (isLast) block.keep(wanted)
    block.add(block.linear(seen, layer, ['o_proj'])[0]!)
    block.add(block.feedForward(block.norm(feedForwardNorm(layer)), layer))
  }
  const heads = config.layers * 2 * keyValueHeads
  const joined = graph.emitOne('Concat', added, { shape: [NEW, ROWS, heads * headSize] }, { attributes: { axis: 2 } })
  const apart = graph.emitOne('Reshape', [joined, graph.integers([0, 0, heads, headSize])], { shape: [NEW, ROWS, heads, headSize] })
  // As the cache has it: what a head adds is one piece.
  graph.output('cache', graph.emitOne('Transpose', [apart], { shape: [ROWS, heads, NEW, headSize] }, { attributes: { perm: [1, 2, 0, 3] } }))

  const hidden = block.norm(FINAL_NORM)
  const logits = block.logits(hidden)
  const best = graph.emitOne('ArgMax', [logits], { shape: [WANTED, ROWS], type: 'int64' }, { attributes: { axis: -1, keepdims: 0 } })
  graph.output('logits', logits)
  graph.output('hidden', hidden)
  graph.output('next', graph.emitOne('Cast', [best], { shape: [WANTED, ROWS], type: 'int32' }, { attributes: { to: 6 } }))
  return graph.serialise()
}
