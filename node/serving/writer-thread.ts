/** Writes designs for many specifications side by side, so that evaluating a model costs a fraction of asking it one by one. */
import { parentPort, workerData } from 'node:worker_threads'

import { adapterLayout, BatchDecodeSession, loadCheckpoint } from '../../src/model/index.js'
import { codeOf, messageOf } from '../control/errors.js'
import type { WriterJob, WriterMessage } from './writer-messages.js'

/** Texts at a time: beyond this the cache's memory grows and the rate does not. */
const TEXTS = 16

const port = parentPort!
const { checkpoint, threads, prompts, maximumTokens, stop, adapter } = workerData as WriterJob
const say = (message: WriterMessage): void => port.postMessage(message)

try {
  await write()
  say({ type: 'done' })
} catch (error) {
  say({ type: 'failed', code: codeOf(error), message: messageOf(error) })
}

async function write(): Promise<void> {
  const base = await loadCheckpoint(checkpoint)
  const { config, tokenizer } = base
  const longest = Math.min(config.maximumPositions, Math.max(...prompts.map((prompt) => prompt.length)) + maximumTokens)
  const session = await BatchDecodeSession.create(base, {
    quantization: 'q8', threads, maximumLength: longest, maximumTexts: TEXTS,
    ...(adapter ? { layout: adapterLayout(config, adapter.settings), adapter: adapter.values } : {}),
  })
  const open: { index: number, text: number, ids: number[] }[] = []
  let next = 0
  const finish = (one: (typeof open)[number]): void => {
    session.close(one.text)
    say({ type: 'written', index: one.index, text: tokenizer.decode(one.ids) })
  }
  while (Atomics.load(stop, 0) === 0 && (next < prompts.length || open.length > 0)) {
    while (open.length < TEXTS && next < prompts.length) {
      const text = session.open()
      const one = { index: next, text, ids: [] as number[] }
      const [first] = await session.forwardGreedy([{ text, ids: prompts[next]! }])
      next += 1
      if (tokenizer.endIds.includes(first!)) finish(one)
      else {
        one.ids.push(first!)
        open.push(one)
      }
    }
    if (open.length === 0) continue
    const tokens = await session.forwardGreedy(open.map(({ text, ids }) => ({ text, ids: [ids.at(-1)!] })))
    for (const [at, one] of [...open.entries()].reverse()) {
      const token = tokens[at]!
      const isOver = tokenizer.endIds.includes(token)
      if (!isOver) one.ids.push(token)
      if (!isOver && one.ids.length < maximumTokens && session.length(one.text) < longest) continue
      open.splice(at, 1)
      finish(one)
    }
  }
  await session.release()
}
