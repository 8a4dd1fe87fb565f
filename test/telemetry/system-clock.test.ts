import test from 'ava'

import { systemClock } from '../../src/telemetry/index.js'

test('the system clock tells milliseconds since 1970 and never goes back', (t) => {
  t.true(Math.abs(systemClock.now() - Date.now()) < 60_000)
  let before = systemClock.now()
  for (let i = 0; i < 1000; i++) {
    const now = systemClock.now()
    t.true(now >= before)
    before = now
  }
})

test('timers run after their time, and cancelled ones do not, also those longer than Node can wait', async (t) => {
  let cancelled = false
  systemClock.after(5, () => { cancelled = true })()
  const endLong = systemClock.after(2 ** 40, () => t.fail('a timer of 35 years ran at once'))
  const start = systemClock.now()
  await new Promise<void>((resolve) => { systemClock.after(20, resolve) })
  endLong()
  t.true(systemClock.now() - start >= 19)
  t.false(cancelled)
})
