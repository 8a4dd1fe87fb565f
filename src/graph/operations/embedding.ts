import type { GraphBuilder } from '../graph-builder.js'
import { elementCount, knownShape, type Value } from '../value.js'

/**
 * The rows of a table that some ids name.
 *
 * @param table - [vocabulary, size]
 * @param ids - int64 [tokens]
 * @returns [tokens, size]
 */
export function embedding(graph: GraphBuilder, table: Value, ids: Value): Value {
  const rows = graph.emitOne('Gather', [table, ids], { shape: [...ids.shape, table.shape[1]!] })
  return graph.record([rows], [table], ([gradient]) => [
    (sum) => {
      const start = sum ?? graph.emitOne('ConstantOfShape', [graph.integers(knownShape(table))], { shape: table.shape })
      const shape = [elementCount(ids), 1]
      const indices = graph.emitOne('Reshape', [ids, graph.integers(shape)], { shape, type: 'int64' })
      return graph.emitOne('ScatterND', [start, indices, gradient!], { shape: table.shape }, { attributes: { reduction: 'add' } })
    },
  ])[0]!
}
