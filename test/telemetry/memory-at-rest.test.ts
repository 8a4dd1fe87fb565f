import test from 'ava'

import { MemoryAtRest } from '../../src/telemetry/index.js'

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, milliseconds) })

test.serial('what work has left is given back once there is none, and little is not worth it', async (t) => {
  const kept: Float64Array[] = []
  let collected = 0
  const rest = new MemoryAtRest({ after: 20, worth: 8 << 20, release: () => { kept.length = 0 }, collect: () => Promise.resolve(void (collected += 1)) })
  rest.busy()
  rest.idle()
  await pause(60)
  t.is(collected, 0)
  kept.push(new Float64Array(4 << 20))
  rest.idle()
  rest.busy()
  await pause(60)
  t.is(collected, 0, 'there was something to do again')
  t.is(kept.length, 1)
  rest.idle()
  await pause(60)
  t.is(collected, 1)
  t.is(kept.length, 0)
})

test.serial('garbage is collected', async (t) => {
  const left: (Float64Array | undefined)[] = []
  const rest = new MemoryAtRest({ after: 20, worth: 8 << 20 })
  for (let i = 0; i < 16; i++) left.push(new Float64Array(1 << 20))
  const full = process.memoryUsage().arrayBuffers
  left.length = 0
  rest.idle()
  for (let i = 0; i < 100 && process.memoryUsage().arrayBuffers > full / 2; i++) await pause(20)
  t.true(process.memoryUsage().arrayBuffers < full / 2)
})
