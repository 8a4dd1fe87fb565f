import { elementwise, MICROSOFT_DOMAIN, type Dimension, type GraphBuilder, type Value } from '../../graph/index.js'
import type { LlamaConfig } from '../config.js'
import { ALL, NEW, PAST, ROWS, type Attention } from './attention.js'
import { cacheNames } from './key-value-cache.js'

/**
 * Attention of many texts, one a row, whose caches lie row by row.
 *
 * Inputs: `mask` [rows, 1, 1, new, past + new], added to the scores; for each layer `keys.i` and `values.i`, [rows, keyValueHeads, 1, past, headSize].
 * Past and new tokens are not joined in memory: the scores of both are joined instead, which are far fewer values.
 */
export function rowAttention(graph: GraphBuilder, { heads, keyValueHeads, headSize, layers }: LlamaConfig): Attention {
  const group = heads / keyValueHeads
  const shape = (last: Dimension): Dimension[] => [ROWS, keyValueHeads, group, NEW, last]
  const multiply = (a: Value, b: Value, last: Dimension, attributes: Readonly<Record<string, number>>): Value =>
    graph.emitOne('FusedMatMul', [a, b], { shape: shape(last) }, { attributes, domain: MICROSOFT_DOMAIN })
  const perHead = (x: Value, shared: number): Value =>
    graph.emitOne('Reshape', [x, graph.integers([0, 0, keyValueHeads, shared, headSize])], { shape: [NEW, ROWS, keyValueHeads, shared, headSize] })

  const mask = graph.input('mask', [ROWS, 1, 1, NEW, ALL])
  const caches = Array.from({ length: layers }, (_, layer) => cacheNames(layer).map((name) => graph.input(name, [ROWS, keyValueHeads, 1, PAST, headSize])))
  let lengths: Value | undefined

  return (layer, { queries, keys, values }) => {
    const [pastKeys, pastValues] = caches[layer]!
    lengths ??= graph.emitOne('Concat', [sizeOf(graph, pastKeys!, 3), sizeOf(graph, queries, 0)], { shape: [2], type: 'int64' }, { attributes: { axis: 0 } })
    const asked = perHead(queries, group)
    // transBatch moves the leading axis, the tokens', behind the others without copying.
    const scoring = { transBatchA: 1, transB: 1 }
    const apart = [multiply(asked, pastKeys!, PAST, scoring), multiply(asked, perHead(keys, 1), NEW, { ...scoring, transBatchB: 1 })]
    const scores = elementwise(graph, 'Add', graph.emitOne('Concat', apart, { shape: shape(ALL) }, { attributes: { axis: 4 } }), mask)
    const shares = graph.emitOne('Softmax', [scores], { shape: shape(ALL) }, { attributes: { axis: -1 } })
    const [toPast, toNew] = graph.emit('Split', [shares, lengths], [{ shape: shape(PAST) }, { shape: shape(NEW) }], { attributes: { axis: 4 } })
    const seen = elementwise(graph, 'Add', multiply(toPast!, pastValues!, headSize, {}), multiply(toNew!, perHead(values, 1), headSize, { transBatchB: 1 }))
    const back = graph.emitOne('Transpose', [seen], { shape: [NEW, ROWS, keyValueHeads, group, headSize] }, { attributes: { perm: [3, 0, 1, 2, 4] } })
    return graph.emitOne('Reshape', [back, graph.integers([0, 0, heads * headSize])], { shape: [NEW, ROWS, heads * headSize] })
  }
}

/** The size of one axis of a value at run time, int64 [1]. */
function sizeOf(graph: GraphBuilder, value: Value, axis: number): Value {
  return graph.emitOne('Shape', [value], { shape: [1], type: 'int64' }, { attributes: { start: axis, end: axis + 1 } })
}
