import { setTimeout as realSleep } from 'node:timers/promises'

import test from 'ava'
import fc from 'fast-check'

import { createVirtualClock } from '../../src/telemetry/index.js'

test('timers run in the order of their times, and of their setting where times are equal', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 60 }), async (times) => {
    const clock = createVirtualClock()
    const ran: [number, number][] = []
    times.forEach((time, i) => { clock.after(time, () => ran.push([clock.now(), i])) })
    await clock.runUntilIdle()
    t.deepEqual(ran, times.map((time, i): [number, number] => [time, i]).sort((a, b) => a[0] - b[0] || a[1] - b[1]))
  }), { numRuns: 50 })
})

test('advance stops at its time, runs timers set on the way, and leaves later ones', async (t) => {
  const clock = createVirtualClock(1000)
  const ran: number[] = []
  const tick = (): void => {
    ran.push(clock.now())
    clock.after(10, tick)
  }
  clock.after(10, tick)
  await clock.advance(35)
  t.deepEqual(ran, [1010, 1020, 1030])
  t.is(clock.now(), 1035)
})

test('a cancelled timer does not run, whenever it is cancelled', async (t) => {
  const clock = createVirtualClock()
  const ran: string[] = []
  const cancelSecond = clock.after(2, () => ran.push('second'))
  clock.after(1, () => {
    ran.push('first')
    cancelSecond()
  })
  await clock.runUntilIdle()
  cancelSecond()
  t.deepEqual(ran, ['first'])
  t.is(clock.now(), 1)
})

test('promises settle between timers', async (t) => {
  const clock = createVirtualClock()
  const heard: string[] = []
  const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => { clock.after(milliseconds, resolve) })
  const chain = async (): Promise<void> => {
    await wait(1)
    await Promise.resolve()
    await wait(1)
    heard.push(`chain at ${clock.now()}`)
  }
  clock.after(3, () => heard.push(`timer at ${clock.now()}`))
  void chain()
  await clock.runUntilIdle()
  t.deepEqual(heard, ['chain at 2', 'timer at 3'])
})

test('time stands still while real work is held', async (t) => {
  const clock = createVirtualClock()
  const heard: string[] = []
  clock.after(1, () => {
    void clock.hold(realSleep(20)).then(() => heard.push(`work done at ${clock.now()}`))
  })
  clock.after(2, () => heard.push('next timer'))
  await clock.runUntilIdle()
  t.deepEqual(heard, ['work done at 1', 'next timer'])
})

test('runUntil tells whether the condition came to hold in time', async (t) => {
  const clock = createVirtualClock()
  let ticks = 0
  const tick = (): void => {
    ticks++
    clock.after(10, tick)
  }
  tick()
  t.true(await clock.runUntil(() => ticks === 4, 100))
  t.is(clock.now(), 30)
  t.false(await clock.runUntil(() => ticks === 1000, 100))
  t.is(clock.now(), 130)
})

test('runUntilIdle ends before a periodic timer that comes later than allowed', async (t) => {
  const clock = createVirtualClock()
  const tick = (): void => { clock.after(10, tick) }
  tick()
  await clock.runUntilIdle(55)
  t.is(clock.now(), 50)
})

test('an error in a timer comes out of the call that let time pass', async (t) => {
  const clock = createVirtualClock()
  clock.after(1, () => { throw new Error('broken receiver') })
  await t.throwsAsync(clock.advance(5), { message: 'broken receiver' })
})

test('where asked, all timers of an instant run before promises settle, also those that are set meanwhile', async (t) => {
  const clock = createVirtualClock(0, { settle: 'instant' })
  const order: string[] = []
  const timer = (name: string): (() => void) => () => {
    order.push(name)
    void Promise.resolve().then(() => order.push(`after ${name}`))
  }
  clock.after(5, timer('first'))
  clock.after(5, () => { clock.after(0, timer('third')) })
  clock.after(5, timer('second'))
  clock.after(6, timer('last'))
  t.true(await clock.runUntil(() => order.includes('after last'), 10))
  t.deepEqual(order, ['first', 'second', 'third', 'after first', 'after second', 'after third', 'last', 'after last'])
  t.is(clock.now(), 6)
})
