import test from 'ava'

import { adapterLayout, DecodeSession, loadCheckpoint, LoraSessions } from '../../src/model/index.js'
import { batchOf, fixtureFolder, FIXTURES, flatten, readExpected, readExpectedTensors, relativeError } from './fixtures.js'

for (const name of FIXTURES) {
  const folder = fixtureFolder(name)
  const expected = readExpected(folder)

  test(`${name}: text, chat and tokens are those of transformers`, async (t) => {
    const { tokenizer } = await loadCheckpoint(folder)
    t.is(tokenizer.renderChat(expected.messages), expected.chat)
    t.is(tokenizer.renderChat(expected.messages.slice(0, 1), { addGenerationPrompt: true }), expected.prompt)
    t.deepEqual(tokenizer.encode(expected.chat), expected.ids)
    t.is(tokenizer.decode(expected.ids), expected.chat)
    t.deepEqual(tokenizer.endIds, [0])
  })

  test(`${name}: the logits are those of transformers`, async (t) => {
    const checkpoint = await loadCheckpoint(folder)
    const tensors = await readExpectedTensors(folder)
    const session = await DecodeSession.create(checkpoint, { quantization: 'f32', threads: 1, maximumLength: 256 })
    t.true(relativeError(await session.forward(expected.ids), tensors.get('logits')!.values) < 1e-5)
    await session.release()
  })

  test(`${name}: 64 greedy tokens are those of transformers`, async (t) => {
    const checkpoint = await loadCheckpoint(folder)
    const session = await DecodeSession.create(checkpoint, { quantization: 'f32', threads: 1, maximumLength: 256 })
    const written = [...await session.forwardGreedy(expected.promptIds, { last: 1 })]
    while (written.length < expected.greedy.length) written.push((await session.forwardGreedy([written.at(-1)!]))[0]!)
    t.deepEqual(written, expected.greedy)
    await session.release()
  })

  test(`${name}: the loss and the gradient of every LoRA factor are those of PEFT`, async (t) => {
    const checkpoint = await loadCheckpoint(folder)
    const tensors = await readExpectedTensors(folder)
    const layout = adapterLayout(checkpoint.config, expected)
    const sessions = new LoraSessions(checkpoint, layout, { threads: 1 })
    const { loss, gradient, tokens } = await sessions.step(batchOf(expected, tensors.get('weights')!.values), flatten(layout, tensors, 'adapter.'))
    t.true(Math.abs(loss - expected.loss) < 1e-5 * expected.loss)
    t.is(tokens, 39)
    const wanted = flatten(layout, tensors, 'gradient.')
    for (const { name: factor, offset, shape: [rows, columns] } of layout.tensors) {
      const end = offset + rows * columns
      t.true(relativeError(gradient.subarray(offset, end), wanted.subarray(offset, end)) < 2e-4, factor)
    }
    await sessions.release()
  })

  test(`${name}: scores of an adapter are those of PEFT`, async (t) => {
    const checkpoint = await loadCheckpoint(folder)
    const tensors = await readExpectedTensors(folder)
    const layout = adapterLayout(checkpoint.config, expected)
    const sessions = new LoraSessions(checkpoint, layout, { threads: 1 })
    const { logProbability, best } = await sessions.score(batchOf(expected, tensors.get('weights')!.values), flatten(layout, tensors, 'adapter.'))
    const counted = expected.batch.documents.flatMap((document, i) => document >= 0 ? [i] : [])
    const pick = (values: Float32Array): Float32Array => Float32Array.from(counted, (i) => values[i]!)
    t.true(relativeError(pick(logProbability), pick(tensors.get('log_probability')!.values)) < 1e-5)
    t.deepEqual(counted.map((i) => best[i]), counted.map((i) => expected.best[i]))
    await sessions.release()
  })
}
