import {
  attention, droppedLora, embedding, gatedSilu, gemm, mergedLora, reshape, rmsNorm, rotary, transpose, type GraphBuilder, type Value,
} from '../../graph/index.js'
import type { AdapterLayout, Target } from '../adapter-layout.js'
import type { LlamaConfig } from '../config.js'
import { rotaryTables } from '../rotary-tables.js'
import { attentionNorm, EMBEDDING, feedForwardNorm, FINAL_NORM, linearWeight, outputWeight, weightShapes } from '../weight-names.js'

/** Added to the scores of tokens that must not be seen: far below any score, and finite, so that no row of a softmax is empty. */
const HIDDEN = -1e9

export interface BatchShape {
  readonly rows: number
  readonly rowLength: number
}

export interface DecoderOptions extends BatchShape {
  readonly config: LlamaConfig
  readonly layout: AdapterLayout
  /** Whether the adapter's factors need gradients. */
  readonly training: boolean
  /** Whether some of the adapter's inputs are dropped: adds the inputs `keptScale` and, for each target, one of `keepName`. */
  readonly dropout: boolean
}

export interface Decoder {
  /** The last layer's normalised output, [rows · rowLength, hiddenSize]. */
  readonly hidden: Value
  /** [vocabulary, hiddenSize] */
  readonly outputWeight: Value
  /** The adapter's factors, in the layout's order. */
  readonly factors: readonly Value[]
}

/** The graph's input that says which input values of a target's adapter are kept: bool, [tokens, inputs]. */
export function keepName(layer: number, target: Target): string {
  return `keep.${layer}.${target}`
}

/**
 * A decoder with an adapter, over packed rows. Adds the inputs `ids` (int32 [tokens]), `positions` and `documents` (int32 [rows, rowLength]),
 * the base weights by their Hugging Face names and the adapter's factors by the layout's.
 */
export function buildDecoder(graph: GraphBuilder, options: DecoderOptions): Decoder {
  const { config, layout, rows, rowLength, training, dropout } = options
  const { heads, keyValueHeads, headSize } = config
  const tokens = rows * rowLength
  const group = heads / keyValueHeads
  const scale = layout.settings.alpha / layout.settings.rank

  const ids = graph.input('ids', [tokens], { type: 'int32' })
  const positions = graph.emitOne('Cast', [graph.input('positions', [rows, rowLength], { type: 'int32' })], { shape: [rows, rowLength], type: 'int64' }, { attributes: { to: 7 } })
  const mask = documentMask(graph, graph.input('documents', [rows, rowLength], { type: 'int32' }), group)

  const weights = new Map([...weightShapes(config)].map(([name, shape]) => [name, graph.input(name, shape)]))
  const weight = (name: string): Value => weights.get(name)!
  const factors = layout.tensors.map(({ name, shape }) => graph.input(name, shape, { needsGradient: training }))
  const factor = new Map(layout.tensors.map(({ layer, target, factor }, i) => [`${layer}.${target}.${factor}`, factors[i]!]))
  const keptScale = dropout ? graph.input('keptScale', []) : undefined

  const { cosine, sine } = rotaryTables(config, rowLength)
  const tables = {
    cosine: graph.constant('cosine', [rowLength, headSize / 2], cosine),
    sine: graph.constant('sine', [rowLength, headSize / 2], sine),
    negativeSine: graph.constant('negativeSine', [rowLength, headSize / 2], sine.map((value) => -value)),
  }

  const linear = (layer: number, target: Target, x: Value, addend?: Value): Value => {
    const base = weight(linearWeight(layer, target))
    const a = factor.get(`${layer}.${target}.A`)
    const b = factor.get(`${layer}.${target}.B`)
    if (a === undefined || b === undefined) return gemm(graph, x, base, { transposeB: true, addend })
    if (keptScale === undefined) return mergedLora(graph, x, base, a, b, { scale, addend })
    const keep = graph.input(keepName(layer, target), x.shape, { type: 'bool' })
    return droppedLora(graph, x, base, a, b, { scale, addend, keep, keptScale })
  }
  const splitHeads = (x: Value, count: number): Value => transpose(graph, reshape(graph, x, [rows, rowLength, count, headSize]), [0, 2, 1, 3])

  let x = embedding(graph, weight(EMBEDDING), ids)
  for (let layer = 0; layer < config.layers; layer++) {
    const attended = rmsNorm(graph, x, weight(attentionNorm(layer)), config.normEpsilon)
    const queries = rotary(graph, splitHeads(linear(layer, 'q_proj', attended), heads), positions, tables)
    const keys = rotary(graph, splitHeads(linear(layer, 'k_proj', attended), keyValueHeads), positions, tables)
    const values = splitHeads(linear(layer, 'v_proj', attended), keyValueHeads)
    const seen = attention(graph, reshape(graph, queries, [rows, keyValueHeads, group * rowLength, headSize]), keys, values, mask)
    const joined = transpose(graph, reshape(graph, seen, [rows, heads, rowLength, headSize]), [0, 2, 1, 3])
    x = linear(layer, 'o_proj', reshape(graph, joined, [tokens, heads * headSize]), x)

    const fed = rmsNorm(graph, x, weight(feedForwardNorm(layer)), config.normEpsilon)
    x = linear(layer, 'down_proj', gatedSilu(graph, linear(layer, 'gate_proj', fed), linear(layer, 'up_proj', fed)), x)
  }
  return { hidden: rmsNorm(graph, x, weight(FINAL_NORM), config.normEpsilon), outputWeight: weight(outputWeight(config)), factors }
}

/** A token sees itself and what stands before it in its document: 0 there and HIDDEN elsewhere, [rows, 1, group · rowLength, rowLength]. */
function documentMask(graph: GraphBuilder, documents: Value, group: number): Value {
  const [rows, length] = documents.shape as readonly [number, number]
  const along = (shape: readonly number[]): Value => graph.emitOne('Reshape', [documents, graph.integers(shape)], { shape, type: 'int32' })
  const shape = [rows, 1, length, length]
  const same = graph.emitOne('Equal', [along([rows, 1, length, 1]), along([rows, 1, 1, length])], { shape, type: 'bool' })
  const before = Uint8Array.from({ length: length * length }, (_, i) => Number(i % length <= Math.floor(i / length)))
  const visible = graph.emitOne('And', [same, graph.constant('before', [length, length], before, 'bool')], { shape, type: 'bool' })
  const mask = graph.emitOne('Where', [visible, graph.scalar(0), graph.scalar(HIDDEN)], { shape })
  if (group === 1) return mask
  return graph.emitOne('Concat', Array.from({ length: group }, () => mask), { shape: [rows, 1, group * length, length] }, { attributes: { axis: 2 } })
}
