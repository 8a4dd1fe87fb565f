import test from 'ava'
import fc from 'fast-check'

import { SpareTime } from '../../node/daemon/spare-time.js'

/** Lets everything go on that waits for nothing but its turn. */
const settle = async (): Promise<void> => { for (let i = 0; i < 20; i++) await Promise.resolve() }

test('in spare time one thing is done at a time, never beside a training, and in no turn beside an audit', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom('train', 'trained', 'audit', 'audited', 'use', 'turn'), { maxLength: 40 }), async (acts) => {
    const over = new AbortController()
    const spareTime = new SpareTime(over.signal)
    const ends = { train: [] as (() => void)[], audit: [] as (() => void)[] }
    const open = { trainings: 0, audits: 0, uses: 0 }
    const turns = new Set<() => void>()
    const all: Promise<unknown>[] = []
    const busy = (kind: 'train' | 'audit', count: 'trainings' | 'audits') => () => new Promise<void>((resolve) => {
      open[count] += 1
      t.true(count === 'audits' || open.uses === 0)
      ends[kind].push(() => {
        open[count] -= 1
        resolve()
      })
    })
    for (const act of acts) {
      if (act === 'train') all.push(spareTime.training(busy('train', 'trainings')))
      else if (act === 'audit') all.push(spareTime.ahead(busy('audit', 'audits')))
      else if (act === 'trained') ends.train.shift()?.()
      else if (act === 'audited') ends.audit.shift()?.()
      else if (act === 'turn') for (const take of turns) take()
      else {
        all.push(spareTime.use(async (time) => {
          t.is(open.trainings, 0)
          t.is(open.uses, 0)
          open.uses += 1
          try {
            for (let i = 0; i < 2; i++) {
              await new Promise<void>((resolve, reject) => {
                turns.add(resolve)
                time.signal.addEventListener('abort', () => reject(time.signal.reason as Error))
              })
              await time.turn()
              t.is(open.audits, 0)
            }
          } finally {
            open.uses -= 1
          }
        }))
      }
      await settle()
    }
    over.abort(new Error('the node stops'))
    for (const end of [...ends.train, ...ends.audit]) end()
    await Promise.allSettled(all)
    for (const end of [...ends.train, ...ends.audit]) end()
    t.is(open.uses, 0)
  }))
})

test('what a training interrupts is abandoned without an error, and an end of the node is told', async (t) => {
  const over = new AbortController()
  const spareTime = new SpareTime(over.signal)
  const endless = ({ signal }: { readonly signal: AbortSignal }): Promise<string> => new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
  const first = spareTime.use(endless)
  await settle()
  t.is(await spareTime.training(() => Promise.resolve('trained')), 'trained')
  t.is(await first, undefined)
  t.is(await spareTime.use(() => Promise.resolve('done')), 'done')
  await t.throwsAsync(spareTime.use(() => Promise.reject(new Error('it failed'))), { message: 'it failed' })
  const last = spareTime.use(endless)
  await settle()
  over.abort(new Error('the node stops'))
  await t.throwsAsync(last, { message: 'the node stops' })
  await t.throwsAsync(spareTime.use(() => Promise.resolve()), { message: 'the node stops' })
})
