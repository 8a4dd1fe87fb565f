import test from 'ava'

import { TypedEvents } from '../../src/telemetry/index.js'

interface Events { said: string, counted: number }

test('listeners hear their events in order, until they end', (t) => {
  const events = new TypedEvents<Events>()
  const heard: string[] = []
  const end = events.on('said', (text) => heard.push(`first ${text}`))
  events.on('said', (text) => heard.push(`second ${text}`))
  events.emit('said', 'a')
  events.emit('counted', 1)
  end()
  events.emit('said', 'b')
  t.deepEqual(heard, ['first a', 'second a', 'second b'])
})

test('a listener that throws does not keep the event from the others, and its error comes out', (t) => {
  const events = new TypedEvents<Events>()
  let heard = 0
  events.on('counted', () => { throw new Error('broken') })
  events.on('counted', (value) => { heard = value })
  t.throws(() => events.emit('counted', 3), { message: 'broken' })
  t.is(heard, 3)
  events.on('counted', () => { throw new Error('too') })
  t.throws(() => events.emit('counted', 4), { instanceOf: AggregateError })
})

test('next waits for the event that matches, or rejects when aborted', async (t) => {
  const events = new TypedEvents<Events>()
  const next = events.next('counted', { matches: (value) => value > 1 })
  events.emit('counted', 1)
  events.emit('counted', 2)
  events.emit('counted', 3)
  t.is(await next, 2)
  const stop = new AbortController()
  const aborted = events.next('said', { signal: stop.signal })
  stop.abort(new Error('enough'))
  await t.throwsAsync(aborted, { message: 'enough' })
  await t.throwsAsync(events.next('said', { signal: stop.signal }), { message: 'enough' })
})

test('a listener added while an event is told hears only the next', (t) => {
  const events = new TypedEvents<Events>()
  const heard: number[] = []
  events.on('counted', () => events.on('counted', (value) => heard.push(value)))
  events.emit('counted', 1)
  t.deepEqual(heard, [])
})

test('a watcher hears every event by its name, after the listeners, until it ends', (t) => {
  const events = new TypedEvents<Events>()
  const heard: unknown[] = []
  const end = events.watch((name, event) => heard.push([name, event]))
  events.on('counted', (value) => heard.push(value))
  events.emit('counted', 1)
  events.emit('said', 'a')
  end()
  events.emit('counted', 2)
  t.deepEqual(heard, [1, ['counted', 1], ['said', 'a'], 2])
})
