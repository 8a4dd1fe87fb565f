import test from 'ava'
import fc from 'fast-check'

import { FairQueue } from '../../src/inference/index.js'

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('push' as const), client: fc.constantFrom('a', 'b', 'c', 'd') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('shift' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('end' as const, 'remove' as const), at: fc.nat(50) }) },
)

test('nothing is lost, each client is served in order, and always one of those with the fewest that run', (t) => {
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const queue = new FairQueue<{ readonly client: string, readonly at: number }>()
    const waiting: { readonly client: string, readonly at: number }[] = []
    const running: { readonly client: string }[] = []
    const serving = (client: string): number => running.filter((one) => one.client === client).length
    let at = 0
    for (const one of steps) {
      if (one.kind === 'push') {
        const item = { client: one.client, at: at++ }
        waiting.push(item)
        queue.push(one.client, item)
      } else if (one.kind === 'shift') {
        const fewest = Math.min(...waiting.map(({ client }) => serving(client)))
        const item = queue.shift(serving)
        t.is(item === undefined, waiting.length === 0)
        if (!item) continue
        t.is(serving(item.client), fewest)
        t.is(waiting.find(({ client }) => client === item.client), item)
        waiting.splice(waiting.indexOf(item), 1)
        running.push(item)
      } else if (one.kind === 'end') {
        running.splice(one.at % (running.length + 1), 1)
      } else if (waiting.length > 0) {
        const item = waiting.splice(one.at % waiting.length, 1)[0]!
        t.is(queue.remove((each) => each === item), item)
      }
      t.is(queue.size, waiting.length)
    }
  }))
})

test('a client with many items delays another by one at most, whoever came first', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (many, few) => {
    const queue = new FairQueue<string>()
    for (let i = 0; i < many; i++) queue.push('many', 'many')
    for (let i = 0; i < few; i++) queue.push('few', 'few')
    // Each item ends before the next is let in.
    const served = Array.from({ length: many + few }, () => queue.shift(() => 0)!)
    for (let i = 1; i < 2 * Math.min(many, few); i++) t.not(served[i], served[i - 1])
  }))
})
