import { elementwise, GraphBuilder, MICROSOFT_DOMAIN, type Dimension, type Value } from '../../graph/index.js'
import type { BaseModel } from '../checkpoint.js'
import { rotaryTables } from '../rotary-tables.js'
import { attentionNorm, feedForwardNorm, FINAL_NORM } from '../weight-names.js'
import { DecoderBlock, type Quantization } from './decoder-block.js'
import type { CacheOrder } from './key-value-cache.js'

/** Names of the sizes that change from call to call. */
const NEW = 'new'
const ROWS = 'rows'
const PAST = 'past'
const ALL = 'all'
const WANTED = 'wanted'

/** The end of a slice that goes to the end. */
const TO_THE_END = Number.MAX_SAFE_INTEGER

/** Names of a layer's cache inputs. */
export function cacheNames(layer: number): readonly [keys: string, values: string] {
  return [`keys.${layer}`, `values.${layer}`]
}

/**
 * The graph that continues some texts, one a row, each by the same number of new tokens, with what it remembers of their past tokens.
 *
 * Inputs: `embedded` [new, rows, hiddenSize]; `positions` int64 [new, rows]; `mask` [rows, 1, 1, new, past + new], added to the scores;
 * `first` int64 [1], the first new token whose prediction is wanted; for each layer `keys.i` and `values.i`,
 * [past, rows, keyValueHeads, 1, headSize] or [rows, keyValueHeads, 1, past, headSize] by the order of the cache.
 * Outputs: `logits` [wanted, rows, vocabulary]; `next` int32 [wanted, rows], the most likely tokens; `cache`
 * [new, rows, layers · 2 · keyValueHeads · headSize], the new keys and values.
 */
export function buildDecodeGraph(model: BaseModel, quantization: Quantization, order: CacheOrder, maximumLength: number): Uint8Array {
  const { config } = model
  const { hiddenSize, heads, keyValueHeads, headSize } = config
  const group = heads / keyValueHeads
  const graph = new GraphBuilder()
  const block = new DecoderBlock(graph, model, quantization, graph.input('embedded', [NEW, ROWS, hiddenSize]))

  const positions = graph.input('positions', [NEW, ROWS], { type: 'int64' })
  const mask = graph.input('mask', [ROWS, 1, 1, NEW, ALL])
  const cacheShape = order === 'tokens' ? [PAST, ROWS, keyValueHeads, 1, headSize] : [ROWS, keyValueHeads, 1, PAST, headSize]
  const caches = Array.from({ length: config.layers }, (_, layer) => cacheNames(layer).map((name) => graph.input(name, cacheShape)))
  const lengths = graph.emitOne('Concat', [sizeOf(graph, caches[0]![0]!, cacheShape.indexOf(PAST)), sizeOf(graph, positions, 0)], { shape: [2], type: 'int64' }, { attributes: { axis: 0 } })

  const { cosine, sine } = rotaryTables(config, maximumLength)
  const table = (name: string, values: Float32Array): Value => graph.constant(name, [maximumLength, headSize / 2], values)
  const turn = (x: Value, tables: readonly Value[]): Value =>
    graph.emitOne('RotaryEmbedding', [x, positions, ...tables], { shape: x.shape }, { domain: MICROSOFT_DOMAIN })
  const keyTables = [table('cosine', cosine), table('sine', sine)]
  // The scores' scale is applied as the queries turn: a product with a scale of its own takes ONNX Runtime's slow path for single rows.
  const scale = 1 / Math.sqrt(headSize)
  const queryTables = [table('scaledCosine', cosine.map((value) => value * scale)), table('scaledSine', sine.map((value) => value * scale))]
  const perHead = (x: Value, shared: number): Value =>
    graph.emitOne('Reshape', [x, graph.integers([0, 0, keyValueHeads, shared, headSize])], { shape: [NEW, ROWS, keyValueHeads, shared, headSize] })

  const added: Value[] = []
  for (let layer = 0; layer < config.layers; layer++) {
    const [q, k, v] = block.linear(block.norm(attentionNorm(layer)), layer, ['q_proj', 'k_proj', 'v_proj'])
    const keys = turn(k!, keyTables)
    added.push(keys, v!)
    const [pastKeys, pastValues] = caches[layer]!
    const seen = attend(graph, {
      queries: perHead(turn(q!, queryTables), group), keys: perHead(keys, 1), values: perHead(v!, 1), pastKeys: pastKeys!, pastValues: pastValues!, order, mask, lengths,
    })
    const flat = graph.emitOne('Reshape', [seen, graph.integers([0, 0, heads * headSize])], { shape: [NEW, ROWS, heads * headSize] })
    block.add(block.linear(flat, layer, ['o_proj'])[0]!)
    block.add(block.feedForward(block.norm(feedForwardNorm(layer)), layer))
  }
  graph.output('cache', graph.emitOne('Concat', added, { shape: [NEW, ROWS, config.layers * 2 * keyValueHeads * headSize] }, { attributes: { axis: 2 } }))

  const first = graph.input('first', [1], { type: 'int64' })
  const wanted = graph.emitOne('Slice', [block.norm(FINAL_NORM), first, graph.integers([TO_THE_END]), graph.integers([0])], { shape: [WANTED, ROWS, hiddenSize] })
  const logits = block.logits(wanted)
  const best = graph.emitOne('ArgMax', [logits], { shape: [WANTED, ROWS], type: 'int64' }, { attributes: { axis: -1, keepdims: 0 } })
  graph.output('logits', logits)
  graph.output('next', graph.emitOne('Cast', [best], { shape: [WANTED, ROWS], type: 'int32' }, { attributes: { to: 6 } }))
  return graph.serialise()
}

interface AttentionInputs {
  /** Scaled already. */
  readonly queries: Value
  readonly keys: Value
  readonly values: Value
  readonly pastKeys: Value
  readonly pastValues: Value
  readonly order: CacheOrder
  readonly mask: Value
  /** int64 [2]: past and new tokens */
  readonly lengths: Value
}

/**
 * Attention to past and new tokens without joining them in memory: the scores of both are joined instead, which are far fewer values.
 *
 * @returns [new, rows, keyValueHeads, group, headSize]
 */
function attend(graph: GraphBuilder, { queries, keys, values, pastKeys, pastValues, order, mask, lengths }: AttentionInputs): Value {
  const [, rows, keyValueHeads, group, headSize] = queries.shape as [Dimension, Dimension, number, number, number]
  const shape = (last: Dimension): Dimension[] => [rows, keyValueHeads, group, NEW, last]
  // transBatch moves the leading axis, where that is the tokens', behind the others without copying.
  const past = { transBatchB: Number(order === 'tokens') }
  const fresh = { transBatchB: 1 }
  const multiply = (a: Value, b: Value, last: Dimension, attributes: Readonly<Record<string, number>>): Value =>
    graph.emitOne('FusedMatMul', [a, b], { shape: shape(last) }, { attributes, domain: MICROSOFT_DOMAIN })
  const scoring = { transBatchA: 1, transB: 1 }

  const apart = [multiply(queries, pastKeys, PAST, { ...scoring, ...past }), multiply(queries, keys, NEW, { ...scoring, ...fresh })]
  const scores = elementwise(graph, 'Add', graph.emitOne('Concat', apart, { shape: shape(ALL) }, { attributes: { axis: 4 } }), mask)
  const shares = graph.emitOne('Softmax', [scores], { shape: shape(ALL) }, { attributes: { axis: -1 } })
  const [toPast, toNew] = graph.emit('Split', [shares, lengths], [{ shape: shape(PAST) }, { shape: shape(NEW) }], { attributes: { axis: 4 } })
  const seen = elementwise(graph, 'Add', multiply(toPast!, pastValues, headSize, past), multiply(toNew!, values, headSize, fresh))
  return graph.emitOne('Transpose', [seen], { shape: queries.shape }, { attributes: { perm: [3, 0, 1, 2, 4] } })
}

/** The size of one axis of a value at run time, int64 [1]. */
function sizeOf(graph: GraphBuilder, value: Value, axis: number): Value {
  return graph.emitOne('Shape', [value], { shape: [1], type: 'int64' }, { attributes: { start: axis, end: axis + 1 } })
}
