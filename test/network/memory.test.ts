import test from 'ava'
import fc from 'fast-check'

import { createMemoryNetwork, TransportError } from '../../src/network/index.js'
import type { MemoryNetwork, MemoryNetworkOptions } from '../../src/network/index.js'
import { createRandom, createVirtualClock } from '../../src/telemetry/index.js'
import type { VirtualClock } from '../../src/telemetry/index.js'

const text = (message: Uint8Array): string => Buffer.from(message).toString()
const bytes = (message: string): Uint8Array => Uint8Array.from(Buffer.from(message))

function setUp(options: Partial<MemoryNetworkOptions> = {}, seed = 1): { clock: VirtualClock, network: MemoryNetwork } {
  const clock = createVirtualClock()
  return { clock, network: createMemoryNetwork({ clock, random: createRandom(seed), ...options }) }
}

test('a message reaches every other subscriber once, after the latency, and never its sender', async (t) => {
  const { clock, network } = setUp({ latency: 7 })
  const heard: string[] = []
  const peers = ['a', 'b', 'c'].map((name) => network.join(name))
  for (const peer of peers) peer.subscribe('topic', (message, from) => heard.push(`${peer.self} ${text(message)} from ${from} at ${clock.now()}`))
  network.join('d').subscribe('another topic', () => heard.push('d'))
  t.is(await peers[0]!.publish('topic', bytes('hello')), 2)
  await clock.runUntilIdle()
  t.deepEqual(heard, ['b hello from a at 7', 'c hello from a at 7'])
})

test('what the sender does with its buffer afterwards does not change the message', async (t) => {
  const { clock, network } = setUp()
  const heard: string[] = []
  network.join('b').subscribe('topic', (message) => heard.push(text(message)))
  const buffer = bytes('before')
  await network.join('a').publish('topic', buffer)
  buffer.fill(0)
  await clock.runUntilIdle()
  t.deepEqual(heard, ['before'])
})

test('one seed gives one history, whatever the loss, duplication and latency', async (t) => {
  const options = fc.record({
    seed: fc.integer(),
    loss: fc.double({ min: 0, max: 1, noNaN: true }),
    duplicate: fc.double({ min: 0, max: 1, noNaN: true }),
    latency: fc.record({ minimum: fc.nat(20), maximum: fc.integer({ min: 20, max: 200 }) }),
  })
  await fc.assert(fc.asyncProperty(options, async ({ seed, ...rest }) => {
    const history = async (): Promise<string[]> => {
      const { clock, network } = setUp(rest, seed)
      const heard: string[] = []
      const peers = Array.from({ length: 5 }, (_, i) => network.join(`peer ${i}`))
      for (const peer of peers) {
        peer.subscribe('topic', (message, from) => {
          heard.push(`${clock.now()} ${peer.self} ${text(message)} ${from}`)
          if (heard.length < 40) void peer.publish('topic', bytes(`${text(message)}.`))
        })
      }
      await peers[0]!.publish('topic', bytes('start'))
      await clock.runUntilIdle()
      return heard
    }
    t.deepEqual(await history(), await history())
  }), { numRuns: 30 })
})

test('loss and duplication happen as often as they should', async (t) => {
  const { clock, network } = setUp({ loss: 0.3, duplicate: 0.1 })
  let heard = 0
  network.join('b').subscribe('topic', () => heard++)
  const sender = network.join('a')
  for (let i = 0; i < 5000; i++) await sender.publish('topic', bytes('x'))
  await clock.runUntilIdle()
  // 5000 * 0.7 * 1.1 = 3850; four standard deviations are about 170.
  t.true(Math.abs(heard - 3850) < 170, `${heard} heard`)
})

test('an ended subscription hears nothing more, and the other one of the same function still does', async (t) => {
  const { clock, network } = setUp()
  let heard = 0
  const receive = (): void => { heard++ }
  const peer = network.join('b')
  const end = peer.subscribe('topic', receive)
  peer.subscribe('topic', receive)
  end()
  end()
  await network.join('a').publish('topic', bytes('x'))
  await clock.runUntilIdle()
  t.is(heard, 1)
})

test('peers on two sides of a partition do not hear each other until it heals', async (t) => {
  const { clock, network } = setUp({ partitions: [['a'], ['b', 'c']] })
  const heard: string[] = []
  const [a, b, c] = ['a', 'b', 'c'].map((name) => network.join(name))
  for (const peer of [a!, b!, c!]) peer.subscribe('topic', (message) => heard.push(`${peer.self} ${text(message)}`))
  t.is(await a!.publish('topic', bytes('1')), 0)
  t.is(await b!.publish('topic', bytes('2')), 1)
  await clock.runUntilIdle()
  network.heal()
  await a!.publish('topic', bytes('3'))
  network.partition([['a', 'b'], ['c']])
  await clock.runUntilIdle()
  t.deepEqual(heard, ['c 2', 'b 3'])
})

test('a killed peer hears and says nothing, and starts again with nothing', async (t) => {
  const { clock, network } = setUp()
  let heard = 0
  const a = network.join('a')
  const b = network.join('b')
  b.subscribe('topic', () => heard++)
  const id = b.offer(bytes('content'))
  await a.publish('topic', bytes('on its way'))
  network.kill('b')
  await clock.runUntilIdle()
  t.is(heard, 0)
  t.is(await a.publish('topic', bytes('x')), 0)
  t.is(await b.publish('topic', bytes('from the grave')), 0)
  const revived = network.revive('b')
  revived.subscribe('topic', () => heard++)
  t.is(await a.publish('topic', bytes('y')), 1)
  const pull = t.throwsAsync(a.pull(id, ['b'], { maximumBytes: 100 }), { instanceOf: TransportError, code: 'CONTENT_UNAVAILABLE' })
  await clock.runUntilIdle()
  await pull
  t.is(heard, 1)
})

test('a message above 64 KiB is refused', async (t) => {
  const { network } = setUp()
  await t.throwsAsync(network.join('a').publish('topic', new Uint8Array(64 * 1024 + 1)), { instanceOf: TransportError, code: 'MESSAGE_TOO_LARGE' })
})

test('content is pulled from the first holder that has it, at the bandwidth of the link', async (t) => {
  const { clock, network } = setUp({ latency: 10, bandwidth: 1_000_000 })
  const content = new Uint8Array(1_000_000).fill(7)
  network.join('empty')
  const id = network.join('holder').offer(content)
  const pull = network.join('a').pull(id, ['empty', 'holder'], { maximumBytes: 1_000_000 })
  await clock.runUntilIdle()
  t.is(Buffer.compare(await pull, content), 0)
  t.is(Math.round(clock.now()), 1040)
})

test('a pull goes on with the next holder where a killed one stopped', async (t) => {
  const { clock, network } = setUp({ latency: 0, bandwidth: 1_000_000, silenceMs: 500 })
  const content = new Uint8Array(1_000_000).fill(7)
  network.join('first').offer(content)
  const id = network.join('second').offer(content)
  const pull = network.join('a').pull(id, ['first', 'second'], { maximumBytes: 1_000_000 })
  await clock.advance(600)
  network.kill('first')
  await clock.runUntilIdle()
  t.is(Buffer.compare(await pull, content), 0)
  t.is(network.traffic('first').bytesSent + network.traffic('second').bytesSent, content.length)
  t.true(network.traffic('first').bytesSent > 0)
})

test('content above the limit is refused before a byte of it moves', async (t) => {
  const { clock, network } = setUp()
  const id = network.join('holder').offer(new Uint8Array(1001))
  const pull = t.throwsAsync(network.join('a').pull(id, ['holder'], { maximumBytes: 1000 }), { instanceOf: TransportError, code: 'CONTENT_TOO_LARGE' })
  await clock.runUntilIdle()
  await pull
  t.is(network.traffic('a').bytesReceived, 0)
})

test('an aborted pull ends at once, and so does that of a peer that is killed', async (t) => {
  const { clock, network } = setUp({ bandwidth: 1 })
  const id = network.join('holder').offer(new Uint8Array(1000))
  const stop = new AbortController()
  const aborted = t.throwsAsync(network.join('a').pull(id, ['holder'], { maximumBytes: 1000, signal: stop.signal }), { code: 'ABORTED' })
  const killed = t.throwsAsync(network.join('b').pull(id, ['holder'], { maximumBytes: 1000 }), { code: 'ABORTED' })
  await clock.advance(100)
  stop.abort()
  network.kill('b')
  await aborted
  await killed
  t.is(clock.now(), 100)
})

test('a proved cheat is neither heard nor served', async (t) => {
  const { clock, network } = setUp()
  let heard = 0
  const honest = network.join('honest')
  const cheat = network.join('cheat')
  honest.subscribe('topic', () => heard++)
  const id = honest.offer(bytes('content'))
  honest.rate('cheat', 0)
  await cheat.publish('topic', bytes('x'))
  const pull = t.throwsAsync(cheat.pull(id, ['honest'], { maximumBytes: 100 }), { code: 'CONTENT_UNAVAILABLE' })
  await clock.runUntilIdle()
  await pull
  t.is(heard, 0)
  honest.rate('cheat', 40_000)
  await cheat.publish('topic', bytes('y'))
  await clock.runUntilIdle()
  t.is(heard, 1)
})

test('a pull that has begun ends, though its holder withdraws the content meanwhile', async (t) => {
  const { clock, network } = setUp({ bandwidth: 1024 })
  const [holder, puller] = [network.join('holder'), network.join('puller')]
  const content = new Uint8Array(1024 * 1024).fill(7)
  const id = holder.offer(content)
  const begun = puller.pull(id, [holder.self], { maximumBytes: content.length })
  await clock.advance(300_000)
  holder.withdraw(id)
  const late = puller.pull(id, [holder.self], { maximumBytes: content.length })
  const refused = t.throwsAsync(late, { instanceOf: TransportError, code: 'CONTENT_UNAVAILABLE' })
  await clock.runUntilIdle()
  t.deepEqual(await begun, content)
  await refused
})
