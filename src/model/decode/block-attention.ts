import { elementwise, MICROSOFT_DOMAIN, type Dimension, type GraphBuilder, type Value } from '../../graph/index.js'
import type { LlamaConfig } from '../config.js'
import { ALL, NEW, OPEN, PAST, ROWS, type Attention } from './attention.js'
import { cacheNames, openNames } from './key-value-cache.js'

const ALONE = 'alone'
const TOGETHER = 'together'

/**
 * Attention of some texts, one a row, such that a token's result depends on nothing but its own text: not on how many tokens are passed with it, and not
 * on the texts beside it or their lengths.
 *
 * Sums of floating-point numbers depend on their grouping, and quantised matrices turn a difference in the last bit into one of a whole step. So a text is
 * cut at fixed places: sealed blocks, and an open one of fixed width into which the new tokens are set. The open block comes first, and behind the sealed
 * ones stand only shares of zero, which change no sum, however many there are (see docs/decisions/0012 and 0028).
 *
 * The tokens of a single row may be asked together, as several lines of one product, or each alone. A product of one line is computed by other means in ONNX
 * Runtime, with other bits: where a key-value head has but one query, tokens that are asked alone differ from those that are asked together.
 *
 * Inputs: `arrangement` int64 [6], the queries as [alone, together, rows, keyValueHeads, heads / keyValueHeads, headSize], alone · together = new, where
 * together > 1 needs a single row; `mask` [alone, rows, 1, together · heads / keyValueHeads, open + past], added to the scores; both again for the last layer, where
 * only wanted tokens ask, as `lastArrangement` and `lastMask`; `slots` int64 [new, rows, keyValueHeads, 3], where the new tokens go in the open blocks; `widths`
 * int64 [2], open and past; for each layer `keys.i` and `values.i`, [1, rows, keyValueHeads, past, headSize], and `openKeys.i` and `openValues.i`,
 * [rows, keyValueHeads, open, headSize].
 */
export function blockAttention(graph: GraphBuilder, { heads, keyValueHeads, headSize, layers }: LlamaConfig): Attention {
  const group = heads / keyValueHeads
  const [ofAll, ofWanted] = [['arrangement', 'mask'], ['lastArrangement', 'lastMask']].map(([arrangement, mask]) => ({
    arrangement: graph.input(arrangement!, [6], { type: 'int64' }),
    mask: graph.input(mask!, [ALONE, ROWS, 1, TOGETHER, ALL]),
  }))
  const slots = graph.input('slots', [NEW, ROWS, keyValueHeads, 3], { type: 'int64' })
  const widths = graph.input('widths', [2], { type: 'int64' })
  const inputs = (names: readonly string[], shape: readonly Dimension[]): Value[] => names.map((name) => graph.input(name, shape))
  const sealed = Array.from({ length: layers }, (_, layer) => inputs(cacheNames(layer), [1, ROWS, keyValueHeads, PAST, headSize]))
  const open = Array.from({ length: layers }, (_, layer) => inputs(openNames(layer), [ROWS, keyValueHeads, OPEN, headSize]))

  const shape = (last: Dimension): Dimension[] => [ALONE, ROWS, keyValueHeads, TOGETHER, last]
  const reshaped = (x: Value, sizes: readonly number[], result: readonly Dimension[]): Value => graph.emitOne('Reshape', [x, graph.integers([...sizes])], { shape: result })
  const moved = (x: Value, order: readonly number[], result: readonly Dimension[]): Value => graph.emitOne('Transpose', [x], { shape: result }, { attributes: { perm: [...order] } })
  const scored = (queries: Value, keys: Value, width: Dimension): Value =>
    graph.emitOne('FusedMatMul', [queries, keys], { shape: shape(width) }, { attributes: { transB: 1 }, domain: MICROSOFT_DOMAIN })
  const gathered = (shares: Value, values: Value): Value => graph.emitOne('MatMul', [shares, values], { shape: shape(headSize) })
  const byToken: Dimension[] = [ALONE, TOGETHER, ROWS, keyValueHeads, group, headSize]
  const byHead: Dimension[] = [ALONE, ROWS, keyValueHeads, TOGETHER, group, headSize]
  const sizes = new Map<boolean, Value>()

  return (layer, { queries, keys, values }) => {
    const isLast = layer === layers - 1
    const { arrangement, mask } = isLast ? ofWanted! : ofAll!
    const size = sizes.get(isLast) ?? graph.emitOne('Shape', [queries], { shape: [3], type: 'int64' })
    sizes.set(isLast, size)
    const arranged = graph.emitOne('Reshape', [queries, arrangement], { shape: byToken })
    const asked = reshaped(moved(arranged, [0, 2, 3, 1, 4, 5], byHead), [0, 0, 0, -1, headSize], shape(headSize))
    const [openKeys, openValues] = [keys, values].map((fresh, i) => {
      const updates = reshaped(fresh, [0, 0, keyValueHeads, headSize], [NEW, ROWS, keyValueHeads, headSize])
      return graph.emitOne('ScatterND', [open[layer]![i]!, slots, updates], { shape: open[layer]![i]!.shape })
    })
    const [sealedKeys, sealedValues] = sealed[layer]!
    const apart = [scored(asked, openKeys!, OPEN), scored(asked, sealedKeys!, PAST)]
    const scores = elementwise(graph, 'Add', graph.emitOne('Concat', apart, { shape: shape(ALL) }, { attributes: { axis: 4 } }), mask)
    const shares = graph.emitOne('Softmax', [scores], { shape: shape(ALL) }, { attributes: { axis: -1 } })
    const [toOpen, toSealed] = graph.emit('Split', [shares, widths], [{ shape: shape(OPEN) }, { shape: shape(PAST) }], { attributes: { axis: 4 } })
    const seen = elementwise(graph, 'Add', gathered(toOpen!, openValues!), gathered(toSealed!, sealedValues!))
    const back = moved(reshaped(seen, [0, 0, 0, -1, group, headSize], byHead), [0, 3, 1, 2, 4, 5], byToken)
    return graph.emitOne('Reshape', [back, size], { shape: queries.shape })
  }
}
