import type { GraphBuilder } from '../graph-builder.js'
import { MICROSOFT_DOMAIN } from '../onnx.js'
import type { Value } from '../value.js'
import { term } from './elementwise.js'

export interface RotaryTables {
  /** [positions, headSize / 2] */
  readonly cosine: Value
  /** [positions, headSize / 2] */
  readonly sine: Value
  /** The sine's negative: the backward pass turns the other way. */
  readonly negativeSine: Value
}

/**
 * Rotary position embedding; value i of a head turns with value i + headSize / 2, as in Hugging Face's Llama.
 *
 * @param x - [batch, heads, length, headSize]
 * @param positions - int64 [batch, length]
 * @see Su et al. 2021, "RoFormer", arXiv 2104.09864
 */
export function rotary(graph: GraphBuilder, x: Value, positions: Value, { cosine, sine, negativeSine }: RotaryTables): Value {
  const turn = (value: Value, by: Value): Value =>
    graph.emitOne('RotaryEmbedding', [value, positions, cosine, by], { shape: x.shape }, { domain: MICROSOFT_DOMAIN })
  return graph.record([turn(x, sine)], [x], ([gradient]) => [
    term(graph, () => turn(gradient!, negativeSine)),
  ])[0]!
}
