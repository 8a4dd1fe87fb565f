import { elementwise, MICROSOFT_DOMAIN, type Dimension, type GraphBuilder, type Value } from '../../graph/index.js'
import type { LlamaConfig } from '../config.js'
import { ALL, NEW, PAST, type Attention } from './attention.js'
import { cacheNames, openNames } from './key-value-cache.js'

const OPEN = 'open'
const ALONE = 'alone'
const TOGETHER = 'together'

/**
 * Attention of one text, whose cache lies token by token, such that a token's result does not depend on how many are passed with it.
 *
 * Sums of floating-point numbers depend on their grouping, and quantised matrices turn a difference in the last bit into one of a whole step. So the
 * past is cut at fixed places: sealed blocks, and an open one of fixed width into which the new tokens are set. A token that is passed alone and one
 * that is passed with others of the same block are then computed by the same products in the same order (see docs/decisions/0012).
 *
 * Inputs: `arrangement` int64 [5], the queries as [alone, together, keyValueHeads, heads / keyValueHeads, headSize], alone · together = new: each apart,
 * as in writing, or all in one product, as in reading a prompt; `mask` [alone, 1, together · heads / keyValueHeads, past + open], added to the scores;
 * `slots` int64 [new, 1], where the new tokens go in the open block; `widths` int64 [2], past and open; for each layer `keys.i` and `values.i`,
 * [past, 1, keyValueHeads, headSize], and `openKeys.i` and `openValues.i`, [open, 1, keyValueHeads, headSize].
 */
export function textAttention(graph: GraphBuilder, { heads, keyValueHeads, headSize, layers }: LlamaConfig): Attention {
  const group = heads / keyValueHeads
  const arrangement = graph.input('arrangement', [5], { type: 'int64' })
  const mask = graph.input('mask', [ALONE, 1, TOGETHER, ALL])
  const slots = graph.input('slots', [NEW, 1], { type: 'int64' })
  const widths = graph.input('widths', [2], { type: 'int64' })
  const cached = (names: readonly string[], tokens: Dimension): Value[] => names.map((name) => graph.input(name, [tokens, 1, keyValueHeads, headSize]))
  const sealed = Array.from({ length: layers }, (_, layer) => cached(cacheNames(layer), PAST))
  const open = Array.from({ length: layers }, (_, layer) => cached(openNames(layer), OPEN))

  const shape = (last: Dimension): Dimension[] => [ALONE, keyValueHeads, TOGETHER, last]
  const swapped = (x: Value, result: readonly Dimension[]): Value => graph.emitOne('Transpose', [x], { shape: result }, { attributes: { perm: [0, 2, 1, 3, 4] } })
  const reshaped = (x: Value, sizes: readonly number[], result: readonly Dimension[]): Value => graph.emitOne('Reshape', [x, graph.integers(sizes)], { shape: result })
  // transBatch moves the leading axis, the tokens', behind the heads without copying.
  const scored = (queries: Value, keys: Value, width: Dimension): Value =>
    graph.emitOne('FusedMatMul', [queries, keys], { shape: shape(width) }, { attributes: { transB: 1, transBatchB: 1 }, domain: MICROSOFT_DOMAIN })
  const gathered = (shares: Value, values: Value): Value =>
    graph.emitOne('FusedMatMul', [shares, values], { shape: shape(headSize) }, { attributes: { transBatchB: 1 }, domain: MICROSOFT_DOMAIN })

  return (layer, { queries, keys, values }) => {
    const arranged = graph.emitOne('Reshape', [queries, arrangement], { shape: [ALONE, TOGETHER, keyValueHeads, group, headSize] })
    const asked = reshaped(swapped(arranged, [ALONE, keyValueHeads, TOGETHER, group, headSize]), [0, 0, -1, headSize], shape(headSize))
    const [openKeys, openValues] = [keys, values].map((fresh, i) => {
      const updates = reshaped(fresh, [0, 1, keyValueHeads, headSize], [NEW, 1, keyValueHeads, headSize])
      return graph.emitOne('ScatterND', [open[layer]![i]!, slots, updates], { shape: open[layer]![i]!.shape })
    })
    const [sealedKeys, sealedValues] = sealed[layer]!
    const apart = [scored(asked, sealedKeys!, PAST), scored(asked, openKeys!, OPEN)]
    const scores = elementwise(graph, 'Add', graph.emitOne('Concat', apart, { shape: shape(ALL) }, { attributes: { axis: 3 } }), mask)
    const shares = graph.emitOne('Softmax', [scores], { shape: shape(ALL) }, { attributes: { axis: -1 } })
    const [toSealed, toOpen] = graph.emit('Split', [shares, widths], [{ shape: shape(PAST) }, { shape: shape(OPEN) }], { attributes: { axis: 3 } })
    const seen = elementwise(graph, 'Add', gathered(toSealed!, sealedValues!), gathered(toOpen!, openValues!))
    const back = swapped(reshaped(seen, [0, 0, -1, group, headSize], [ALONE, keyValueHeads, TOGETHER, group, headSize]), [ALONE, TOGETHER, keyValueHeads, group, headSize])
    return reshaped(back, [-1, 1, heads * headSize], [NEW, 1, heads * headSize])
  }
}
