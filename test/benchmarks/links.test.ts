import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

import test from 'ava'
import type { ExecutionContext } from 'ava'

import { CLEAR, conditionsBetween } from '../../scripts/bench/chaos/conditions.js'
import type { Disturbance } from '../../scripts/bench/chaos/conditions.js'
import { Links } from '../../scripts/bench/chaos/links.js'
import { createRandom } from '../../src/telemetry/index.js'

/** Three peers that send back whatever comes. */
async function echoes(t: ExecutionContext): Promise<{ readonly links: Links, readonly dial: (from: number, to: number) => Socket }> {
  const links = await Links.open(3, createRandom(1))
  const servers = await Promise.all(links.addresses.map(async ({ host, ownPort }) => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined)
      socket.pipe(socket)
    }).listen(ownPort, host)
    await once(server, 'listening')
    return server
  }))
  const dialled: Socket[] = []
  t.teardown(async () => {
    for (const socket of dialled) socket.destroy()
    await links.close()
    await Promise.all(servers.map(async (server) => once(server.close(), 'close')))
  })
  return {
    links,
    dial(from, to) {
      const { host, port } = links.addresses[to]!
      const socket = connect({ host, port, localAddress: links.addresses[from]!.host, allowHalfOpen: true })
      // Whoever waits for its end is told by that.
      socket.on('error', () => undefined)
      dialled.push(socket)
      return socket
    },
  }
}

/** What comes until there are so many bytes, or the end. */
async function read(socket: Socket, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    parts.push(part)
    length += part.length
    if (length >= bytes) break
  }
  return Buffer.concat(parts)
}

/** Also by an error, which `once` would reject with. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}

test('what is sent arrives as it was, both ways, up to its end', async (t) => {
  const { dial } = await echoes(t)
  const sent = randomBytes(1 << 20)
  const socket = dial(0, 1)
  socket.end(sent)
  t.deepEqual(await read(socket, Infinity), sent)
})

test('a partition resets the connections across it, refuses new ones, and leaves all others alone', async (t) => {
  const { links, dial } = await echoes(t)
  const across = dial(0, 1)
  const within = dial(1, 2)
  for (const socket of [across, within]) {
    socket.write('before')
    t.is((await read(socket, 6)).toString(), 'before')
  }
  const lift = links.disturb({ kind: 'partition', peers: new Set([0]), isSilent: false })
  await closed(across)
  const refused = dial(2, 0)
  await closed(refused)
  t.is(refused.bytesRead, 0)
  within.write('still here')
  t.is((await read(within, 10)).toString(), 'still here')
  lift()
  const again = dial(0, 1)
  again.write('again')
  t.is((await read(again, 5)).toString(), 'again')
  t.is(links.between(0, 1), 1)
})

test('in a silent partition nothing arrives and nobody is told, and afterwards everything arrives', async (t) => {
  const { links, dial } = await echoes(t)
  const across = dial(0, 1)
  const within = dial(1, 2)
  across.write('one ')
  t.is((await read(across, 4)).toString(), 'one ')
  const lift = links.disturb({ kind: 'partition', peers: new Set([0]), isSilent: true })
  across.write('two ')
  const late = dial(0, 1)
  late.write('late')
  within.write('through')
  t.is((await read(within, 7)).toString(), 'through')
  t.is(across.bytesRead, 4)
  t.is(late.bytesRead, 0)
  t.false(across.closed || late.closed)
  across.write('three')
  lift()
  t.is((await read(across, 9)).toString(), 'two three')
  t.is((await read(late, 4)).toString(), 'late')
})

test('a slow link delivers everything, after what was sent later over another', async (t) => {
  const { links, dial } = await echoes(t)
  links.disturb({ kind: 'slow', peers: new Set([0]), latencyMs: 1500, bytesPerSecond: 256 * 1024 })
  const order: string[] = []
  const sent = randomBytes(100_000)
  const slow = dial(0, 1)
  slow.end(sent)
  const slowly = read(slow, Infinity).then((got) => {
    order.push('slow')
    return got
  })
  const fast = dial(1, 2)
  fast.end('fast')
  await read(fast, Infinity)
  order.push('fast')
  t.deepEqual(await slowly, sent)
  t.deepEqual(order, ['fast', 'slow'])
})

test('a slow link that is mended delivers at once what it held', async (t) => {
  const { links, dial } = await echoes(t)
  const lift = links.disturb({ kind: 'slow', peers: new Set([0]), latencyMs: 3_600_000, bytesPerSecond: 1 })
  const socket = dial(0, 1)
  const other = dial(1, 2)
  socket.end('held')
  other.end('meanwhile')
  await read(other, Infinity)
  lift()
  t.is((await read(socket, Infinity)).toString(), 'held')
})

test('a corrupting link changes bytes and neither adds nor drops any', async (t) => {
  const { links, dial } = await echoes(t)
  links.disturb({ kind: 'corrupt', peers: new Set([1]), share: 1 })
  const sent = Buffer.alloc(10_000)
  const socket = dial(0, 1)
  socket.end(sent)
  const got = await read(socket, Infinity)
  t.is(got.length, sent.length)
  t.true(got.some((byte) => byte !== 0))
  t.true(got.filter((byte) => byte !== 0).length < sent.length / 2)
})

test('a peer that does not run is refused, and so is a dialler that nobody knows', async (t) => {
  const links = await Links.open(2, createRandom(1))
  t.teardown(() => links.close())
  const [own, other] = links.addresses
  const down = connect({ host: other!.host, port: other!.port, localAddress: own!.host })
  const stranger = connect({ host: other!.host, port: other!.port, localAddress: '127.0.0.1' })
  await Promise.all([down, stranger].map(async (socket) => {
    socket.on('error', () => undefined)
    await closed(socket)
    t.is(socket.bytesRead, 0)
  }))
})

test('disturbances add up', (t) => {
  const slow = (peers: number[], latencyMs: number, bytesPerSecond: number): Disturbance => ({ kind: 'slow', peers: new Set(peers), latencyMs, bytesPerSecond })
  const between = (one: number, other: number): ReturnType<typeof conditionsBetween> => conditionsBetween(one, other, [
    slow([0], 100, 1000), slow([1], 50, 500), { kind: 'corrupt', peers: new Set([1]), share: 0.1 },
    { kind: 'partition', peers: new Set([0, 1]), isSilent: true }, { kind: 'partition', peers: new Set([0, 2]), isSilent: false },
  ])
  t.deepEqual(between(0, 1), { isCut: true, isSilent: false, latencyMs: 150, bytesPerSecond: 500, corruptShare: 0.1 })
  t.deepEqual(between(2, 0), { isCut: false, isSilent: true, latencyMs: 100, bytesPerSecond: 1000, corruptShare: 0 })
  t.deepEqual(between(3, 4), CLEAR)
})
