/** A process that runs ONNX Runtime in its main thread, or in another one only. */
import { adapterLayout, DecodeSession, openModelWorker, randomModel, TARGETS } from '../../src/model/index.js'
import { plainBatch, repeatable, SMALL_CONFIG } from './fixtures.js'

const base = randomModel(SMALL_CONFIG, repeatable(1))
if (process.argv[2] === 'main thread') {
  const session = await DecodeSession.create(base, { quantization: 'f32', threads: 1, maximumLength: 16 })
  await session.forward([1, 2, 3])
  await session.release()
} else {
  const layout = adapterLayout(SMALL_CONFIG, { rank: 2, alpha: 4, targets: TARGETS })
  const worker = await openModelWorker(base, layout, { threads: 1 })
  await worker.score(plainBatch([[1, 2, 3]]), new Float32Array(layout.length))
  await worker.close()
}
process.stdout.write('ran\n')
