import { elementwise, GraphBuilder, MICROSOFT_DOMAIN, type Value } from '../../graph/index.js'
import { BLOCK_LENGTH, quantizeMatrix } from '../decode/quantize.js'
import type { FoldedDraft } from './fold.js'

/** 8 bits: with 4 the draft is right less often, which costs more than the bytes. */
const BITS = 8

/** From this level on ONNX Runtime multiplies such matrices with integers. */
const INTEGER_ACCURACY = 4

/**
 * The graph of a whole proposal: the likeliest continuation of one token, token after token.
 *
 * Inputs: `hidden` and `embedded`, [1, hiddenSize]: what the target says of the token before, and the embedding of the token.
 * Outputs: `tokens` int32 [length], places in the draft's vocabulary; `confidence` [length], the probability of each.
 */
export function buildProposalGraph(draft: FoldedDraft, length: number): Uint8Array {
  const { hiddenSize, stateSize, innerSize, vocabularySize } = draft
  const graph = new GraphBuilder()
  const matrix = (name: string, weight: Float32Array, outputs: number, inputs: number): (x: Value) => Value => {
    const { bytes, scales, blocks } = quantizeMatrix(weight, outputs, inputs, BITS)
    const constants = [
      graph.constant(`${name}.bytes`, [outputs, blocks, BLOCK_LENGTH * BITS / 8], bytes, 'uint8'),
      graph.constant(`${name}.scales`, [outputs * blocks], scales),
    ]
    return (x) => graph.emitOne('MatMulNBits', [x, ...constants], { shape: [1, outputs] }, {
      attributes: { K: inputs, N: outputs, bits: BITS, block_size: BLOCK_LENGTH, accuracy_level: INTEGER_ACCURACY },
      domain: MICROSOFT_DOMAIN,
    })
  }
  const fromState = matrix('fromState', draft.fromState, 2 * innerSize, stateSize)
  const fromToken = matrix('fromToken', draft.fromToken, 2 * innerSize, hiddenSize)
  const down = matrix('down', draft.down, stateSize, innerSize)
  const output = matrix('output', draft.output, vocabularySize, stateSize)
  const ofTokens = graph.constant('ofTokens', [vocabularySize, 2 * innerSize], draft.ofTokens)
  // The norms' weights are part of the products that follow, so that one norm serves both.
  const ones = graph.constant('ones', [stateSize], new Float32Array(stateSize).fill(1))
  const epsilon = { float: draft.epsilon }

  let state = matrix('start', draft.start, stateSize, hiddenSize)(graph.input('hidden', [1, hiddenSize]))
  let normed = graph.emitOne('SimplifiedLayerNormalization', [state, ones], { shape: state.shape }, { attributes: { axis: -1, epsilon } })
  let ofToken = fromToken(graph.input('embedded', [1, hiddenSize]))
  const tokens: Value[] = []
  const logits: Value[] = []
  for (let step = 0; step < length; step++) {
    const [gate, up] = graph.emit('Split', [elementwise(graph, 'Add', fromState(normed), ofToken), graph.integers([innerSize, innerSize])], [{ shape: [1, innerSize] }, { shape: [1, innerSize] }], { attributes: { axis: 1 } })
    const silu = graph.emitOne('QuickGelu', [gate], { shape: [1, innerSize] }, { attributes: { alpha: { float: 1 } }, domain: MICROSOFT_DOMAIN })
    const change = down(elementwise(graph, 'Mul', silu, up!))
    // Its second and third outputs are statistics that nobody needs.
    const outputs = [state.shape, [], [], state.shape].map((shape) => ({ shape }))
    const [next, , , sum] = graph.emit('SkipSimplifiedLayerNormalization', [state, change, ones], outputs, { attributes: { epsilon }, domain: MICROSOFT_DOMAIN })
    state = sum!
    normed = next!
    const likely = output(normed)
    const best = graph.emitOne('ArgMax', [likely], { shape: [1], type: 'int64' }, { attributes: { axis: -1, keepdims: 0 } })
    logits.push(likely)
    tokens.push(best)
    ofToken = graph.emitOne('Gather', [ofTokens, best], { shape: [1, 2 * innerSize] })
  }
  const all = graph.emitOne('Concat', tokens, { shape: [length], type: 'int64' }, { attributes: { axis: 0 } })
  graph.output('tokens', graph.emitOne('Cast', [all], { shape: [length], type: 'int32' }, { attributes: { to: 6 } }))
  const rows = graph.emitOne('Concat', logits, { shape: [length, vocabularySize] }, { attributes: { axis: 0 } })
  const probabilities = graph.emitOne('Softmax', [rows], { shape: rows.shape }, { attributes: { axis: -1 } })
  graph.output('confidence', graph.emitOne('ReduceMax', [probabilities, graph.integers([1])], { shape: [length] }, { attributes: { keepdims: 0 } }))
  return graph.serialise()
}
