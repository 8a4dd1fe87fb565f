import test from 'ava'

import { initialAdapter } from '../../src/adapter/index.js'
import type { PackedBatch } from '../../src/model/index.js'
import { accumulateSteps } from '../../src/training/accumulate.js'
import { BatchSource } from '../../src/training/batch-source.js'
import { encodeExample } from '../../src/training/index.js'
import { openTinyWorker, pairs, tinyTokenizer, TINY_LAYOUT } from './tiny.js'

const examples = pairs(20).map((pair) => encodeExample(tinyTokenizer(), pair))
const source = (): BatchSource => new BatchSource(examples, [], 0, { rows: 2, rowLength: 30 }, 1)

/** The rows of several batches as one batch. */
function stack(batches: readonly PackedBatch[]): PackedBatch {
  const ints = (key: 'ids' | 'labels' | 'positions' | 'documents'): Int32Array => Int32Array.from(batches.flatMap((batch) => [...batch[key]]))
  return {
    rows: batches.reduce((sum, { rows }) => sum + rows, 0), rowLength: batches[0]!.rowLength,
    ids: ints('ids'), labels: ints('labels'), positions: ints('positions'), documents: ints('documents'),
    weights: Float32Array.from(batches.flatMap(({ weights }) => [...weights])),
  }
}

test('micro-batches have the loss and gradient of one large batch', async (t) => {
  const worker = await openTinyWorker()
  t.teardown(() => worker.close())
  const adapter = initialAdapter(TINY_LAYOUT, 1).map((value, i) => value + Math.sin(i) * 0.05)
  let stops = 0
  const accumulated = await accumulateSteps(worker, source(), adapter, 3, {}, () => { stops++ })
  const same = source()
  const drawn = [same.next(), same.next(), same.next()]
  const large = await worker.step(stack(drawn.map(({ batch }) => batch)), adapter)

  t.true(Math.abs(accumulated.loss - large.loss) < 1e-5)
  const largest = large.gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  large.gradient.forEach((value, i) => {
    if (Math.abs(value - accumulated.gradient[i]!) > largest * 1e-4) t.fail(`value ${i}: ${accumulated.gradient[i]!} instead of ${value}`)
  })
  t.is(accumulated.tokens, large.tokens)
  t.is(accumulated.completionTokens, drawn.reduce((sum, { completionTokens }) => sum + completionTokens, 0))
  t.is(stops, 3)
})
