import { createRandom } from '../../src/telemetry/index.js'
import type { Target } from './target.js'

/** A language model given by a table: the logits depend on the last two tokens, and are its hidden states, too. Small, but a model with a cache like any other. */
export function tableModel(vocabularySize: number, seed: number, spread = 3): Target & { calls: number } {
  const random = createRandom(seed)
  const table = Float32Array.from({ length: vocabularySize ** 3 }, () => spread * (random() * 2 - 1))
  const text: number[] = []
  const after = (i: number): Float32Array => {
    const last = text[i]!
    const before = i > 0 ? text[i - 1]! : 0
    const at = (before * vocabularySize + last) * vocabularySize
    return table.subarray(at, at + vocabularySize)
  }
  const model = {
    exactRoom: Number.MAX_SAFE_INTEGER,
    vocabularySize,
    calls: 0,
    get length() { return text.length },
    forward(ids: readonly number[]): Promise<Float32Array> {
      model.calls += 1
      const from = text.length
      text.push(...ids)
      const logits = new Float32Array(ids.length * vocabularySize)
      ids.forEach((_, i) => logits.set(after(from + i), i * vocabularySize))
      return Promise.resolve(logits)
    },
    async forwardGreedy(ids: readonly number[]): Promise<Int32Array> {
      const logits = await model.forward(ids)
      return Int32Array.from(ids, (_, i) => {
        const row = logits.subarray(i * vocabularySize, (i + 1) * vocabularySize)
        return row.indexOf(Math.max(...row))
      })
    },
    hidden(count: number): Float32Array {
      return Float32Array.from(Array.from({ length: count }, (_, i) => [...after(text.length - count + i)]).flat())
    },
    truncate(length: number): void { text.length = length },
  }
  return model
}
