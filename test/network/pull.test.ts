import { fork } from 'node:child_process'
import { once } from 'node:events'

import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'
import anyTest from 'ava'

import { contentId, encodeCanonical } from '../../src/identity/index.js'
import { TransportError } from '../../src/network/index.js'
import type { Libp2pTransport, TransportLimits } from '../../src/network/index.js'
import { listChunks } from '../../src/network/libp2p/assembly.js'
import type { ChunkList } from '../../src/network/libp2p/assembly.js'
import { decodeChunkRequest, decodeRequest, encodeChunkRequest, encodeHeader, encodeRequest, pullProtocol } from '../../src/network/libp2p/pull-messages.js'
import { createMetrics } from '../../src/telemetry/index.js'
import type { Metrics } from '../../src/telemetry/index.js'

import { content, slowContent } from './content.js'
import { NETWORK, startPeer, startPeers, startRogue, until } from './peers.js'

// One after the other: thirty transfers at once on a busy machine would pass for holders that hang.
const test = anyTest.serial

const KIB = 1024
const PROTOCOL = pullProtocol(NETWORK)

async function count(metrics: Metrics, name: string): Promise<number> {
  return Number(new RegExp(`^meshwright_${name} (\\d+)`, 'm').exec(await metrics.text())?.[1] ?? 0)
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** A puller and an honest holder, connected. */
async function pair(t: ExecutionContext, limits: Partial<TransportLimits> = {}): Promise<[Libp2pTransport, Libp2pTransport]> {
  const [holder, puller] = await startPeers(t, 2, { limits })
  await until(() => puller!.peers().length === 1)
  return [puller!, holder!]
}

/** A holder that answers each chunk request with what the test says, and announces what it likes. */
async function rogueHolder(t: ExecutionContext, puller: Libp2pTransport, announced: Uint8Array | ((chunkBytes: number) => ChunkList), chunkFor: (chunk: number) => Uint8Array | 'hang' | 'vanish'): Promise<string> {
  const { node, identity } = await startRogue(t)
  await node.handle(PROTOCOL, async (stream) => {
    const frames = lpStream(stream)
    const { chunkBytes } = decodeRequest((await frames.read()).subarray())
    await frames.write(encodeHeader('holds', announced instanceof Uint8Array ? listChunks(announced, chunkBytes) : announced(chunkBytes)))
    for (;;) {
      const answer = chunkFor(decodeChunkRequest((await frames.read()).subarray()))
      if (answer === 'hang') return
      if (answer === 'vanish') {
        stream.abort(new Error('gone'))
        return
      }
      await frames.write(answer)
    }
  })
  await puller.dial(node.getMultiaddrs()[0]!.toString())
  return identity.peerId
}

const chunkOf = (bytes: Uint8Array, chunk: number): Uint8Array => bytes.subarray(chunk * 256 * KIB, (chunk + 1) * 256 * KIB)

for (const size of [0, 1, 256 * KIB, 256 * KIB + 1, 3 * KIB * KIB + 17]) {
  test(`content of ${size} bytes arrives as it was`, async (t) => {
    const [puller, holder] = await pair(t)
    const sent = content(size)
    const id = holder.offer(sent)
    t.true(same(await puller.pull(id, [holder.self], { maximumBytes: size }), sent))
  })
}

test('larger chunks carry the same content', async (t) => {
  const [holder, puller] = await startPeers(t, 2, { limits: { chunkBytes: KIB * KIB } })
  await until(() => puller!.peers().length === 1)
  const sent = content(2 * KIB * KIB + 5)
  t.true(same(await puller!.pull(holder!.offer(sent), [holder!.self], { maximumBytes: sent.length }), sent))
})

test('a peer pulls its own content without a network', async (t) => {
  const peer = await startPeer(t)
  const sent = content(1000)
  t.true(same(await peer.pull(peer.offer(sent), [], { maximumBytes: 1000 }), sent))
})

test('content above the limit is refused before it is allocated or sent', async (t) => {
  const [puller, holder] = await pair(t)
  const id = holder.offer(content(1001))
  await t.throwsAsync(puller.pull(id, [holder.self], { maximumBytes: 1000 }), { instanceOf: TransportError, code: 'CONTENT_TOO_LARGE' })
})

test('one holder that overstates the size does not get an honest one\'s content refused', async (t) => {
  const [puller, holder] = await pair(t)
  const sent = content(1000)
  const id = holder.offer(sent)
  const liar = await rogueHolder(t, puller, (chunkBytes) => ({ ...listChunks(sent, chunkBytes), size: 2000 }), () => 'vanish')
  t.true(same(await puller.pull(id, [liar, holder.self], { maximumBytes: 1000 }), sent))
})

test('content that nobody holds, was withdrawn or is with an unknown peer is unavailable, with a reason for each holder', async (t) => {
  const [puller, holder] = await pair(t)
  const id = holder.offer(content(10))
  holder.withdraw(id)
  const unknown = (await startRogue(t)).identity.peerId
  const error = await t.throwsAsync(puller.pull(id, [holder.self, unknown], { maximumBytes: 10 }), { instanceOf: TransportError, code: 'CONTENT_UNAVAILABLE' })
  t.regex(error.message, /does not hold it/)
  t.regex(error.message, /no address/)
})

test('an aborted pull ends with ABORTED, also before it has begun', async (t) => {
  const [puller] = await pair(t)
  const hanging = await rogueHolder(t, puller, content(1000), () => 'hang')
  const stop = new AbortController()
  const pull = puller.pull(contentId(content(1000)), [hanging], { maximumBytes: 1000, signal: stop.signal })
  setTimeout(() => stop.abort(), 50)
  await t.throwsAsync(pull, { instanceOf: TransportError, code: 'ABORTED' })
  await t.throwsAsync(puller.pull(NETWORK, [hanging], { maximumBytes: 1, signal: AbortSignal.abort() }), { code: 'ABORTED' })
})

test('a pull goes on with the next holder where one was killed, and pulls only the rest', async (t) => {
  const [pullerMetrics, holderMetrics] = [createMetrics(), createMetrics()]
  const holder = await startPeer(t, { metrics: holderMetrics })
  const puller = await startPeer(t, { metrics: pullerMetrics, bootstrap: holder.addresses() })
  const sent = slowContent()
  const id = holder.offer(sent)
  const child = fork(new URL('./holder.js', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ address }] = await once(child, 'message') as [{ address: string }]
  const killed = await puller.dial(address)
  const pull = puller.pull(id, [killed, holder.self], { maximumBytes: sent.length })
  await until(async () => await count(pullerMetrics, 'network_pull_received_bytes_total') > 0)
  child.kill('SIGKILL')
  t.true(same(await pull, sent))
  const fromSecond = await count(holderMetrics, 'network_pull_sent_bytes_total')
  t.true(fromSecond > 0 && fromSecond < sent.length, `${fromSecond} of ${sent.length} bytes came from the second holder`)
  t.is(await count(pullerMetrics, 'network_pull_received_bytes_total'), sent.length)
})

test('a pull that has begun ends, though its holder withdraws the content meanwhile', async (t) => {
  const metrics = createMetrics()
  const holder = await startPeer(t, { metrics })
  const puller = await startPeer(t, { bootstrap: holder.addresses() })
  const sent = slowContent()
  const id = holder.offer(sent)
  const begun = puller.pull(id, [holder.self], { maximumBytes: sent.length })
  await until(async () => await count(metrics, 'network_pull_sent_bytes_total') > 0)
  holder.withdraw(id)
  await t.throwsAsync(puller.pull(id, [holder.self], { maximumBytes: sent.length }), { code: 'CONTENT_UNAVAILABLE' })
  t.true(same(await begun, sent))
})

for (const [what, answer] of [['hangs', 'hang'], ['resets the stream', 'vanish']] as const) {
  test(`a holder that ${what} after two chunks is followed by the next`, async (t) => {
    const [puller, holder] = await pair(t, { pullSilenceMs: 1000 })
    const sent = content(KIB * KIB)
    const id = holder.offer(sent)
    const rogue = await rogueHolder(t, puller, sent, (chunk) => chunk < 2 ? chunkOf(sent, chunk) : answer)
    t.true(same(await puller.pull(id, [rogue, holder.self], { maximumBytes: sent.length }), sent))
  })
}

test('a chunk other than announced is refused at once, the next holder delivers, and the second lie gets the sender refused', async (t) => {
  const [puller, holder] = await pair(t)
  const sent = content(KIB * KIB)
  const id = holder.offer(sent)
  const liar = await rogueHolder(t, puller, sent, (chunk) => chunk === 1 ? content(256 * KIB, 2) : chunkOf(sent, chunk))
  t.true(same(await puller.pull(id, [liar, holder.self], { maximumBytes: sent.length }), sent))
  t.true(puller.peers().some(({ peer }) => peer === liar))
  t.true(same(await puller.pull(id, [liar, holder.self], { maximumBytes: sent.length }), sent))
  await until(() => !puller.peers().some(({ peer }) => peer === liar))
  const error = await t.throwsAsync(puller.pull(id, [liar], { maximumBytes: sent.length }), { code: 'CONTENT_UNAVAILABLE' })
  t.regex(error.message, /refused for what it did before/)
})

test('a holder that announces other content is found out before it sends any', async (t) => {
  const [puller] = await pair(t)
  const other = content(KIB * KIB, 2)
  const liar = await rogueHolder(t, puller, other, (chunk) => chunkOf(other, chunk))
  await t.throwsAsync(puller.pull(contentId(content(KIB * KIB)), [liar], { maximumBytes: KIB * KIB }), { code: 'CONTENT_UNAVAILABLE', message: /announced other content/ })
})

test('a holder whose list hides other content behind the right last hash is found out, and the honest one is asked again', async (t) => {
  const [puller, holder] = await pair(t)
  const sent = content(KIB * KIB)
  const other = content(KIB * KIB, 2)
  const id = holder.offer(sent)
  // Honest, but gone after two chunks; then comes the liar, whose list throws those two away.
  let asked = 0
  const interrupted = await rogueHolder(t, puller, sent, (chunk) => asked++ < 2 ? chunkOf(sent, chunk) : 'vanish')
  const liar = await rogueHolder(t, puller, (chunkBytes) => {
    const list = listChunks(other, chunkBytes)
    list.hashes.set(Buffer.from(id, 'hex'), list.hashes.length - 32)
    return list
  }, (chunk) => chunkOf(other, chunk))
  t.true(same(await puller.pull(id, [interrupted, liar, holder.self], { maximumBytes: sent.length }), sent))
  await t.throwsAsync(puller.pull(id, [liar], { maximumBytes: sent.length }), { code: 'CONTENT_UNAVAILABLE', message: /sent another chunk 3/ })
})

test('a peer may have four pulls open at a holder, and more wait their turn', async (t) => {
  const [puller, holder] = await pair(t)
  const contents = Array.from({ length: 10 }, (_, i) => content(100_000, i))
  const pulled = await Promise.all(contents.map((bytes) => puller.pull(holder.offer(bytes), [holder.self], { maximumBytes: bytes.length })))
  pulled.forEach((bytes, i) => t.true(same(bytes, contents[i]!)))
})

const nonsense: readonly [string, (id: string) => Uint8Array[]][] = [
  ['random bytes', () => [content(100)]],
  ['no bytes', () => [new Uint8Array(0)]],
  ['a request that is too long', () => [new Uint8Array(4096)]],
  ['an odd chunk size', (id) => [encodeCanonical([Buffer.from(id, 'hex'), 300_000])]],
  ['a chunk that does not exist', (id) => [encodeRequest({ id, chunkBytes: 256 * KIB }), encodeChunkRequest(4_000_000_000)]],
  ['a chunk request of five bytes', (id) => [encodeRequest({ id, chunkBytes: 256 * KIB }), new Uint8Array(5)]],
  ['one chunk more often than there are chunks', (id) => [encodeRequest({ id, chunkBytes: 256 * KIB }), ...Array.from({ length: 9 }, () => encodeChunkRequest(0))]],
]
for (const [what, frames] of nonsense) {
  test(`a puller that sends ${what} loses its stream, and others are still served`, async (t) => {
    const [puller, holder] = await pair(t)
    const sent = content(KIB * KIB)
    const id = holder.offer(sent)
    const { node } = await startRogue(t)
    const connection = await node.dial(multiaddr(holder.addresses()[0]))
    const stream = await connection.newStream(PROTOCOL)
    const closed = new Promise((resolve) => { stream.addEventListener('close', resolve) })
    stream.addEventListener('remoteCloseWrite', () => void stream.close())
    stream.addEventListener('message', () => undefined)
    const lp = lpStream(stream, { maxBufferSize: 16 * KIB * KIB })
    for (const frame of frames(id)) await lp.write(frame).catch(() => undefined)
    await closed
    t.true(same(await puller.pull(id, [holder.self], { maximumBytes: sent.length }), sent))
  })
}

test('large content comes from several holders at once, each sends a part, and nothing counts twice', async (t) => {
  const metrics = [createMetrics(), createMetrics(), createMetrics()]
  const pullerMetrics = createMetrics()
  const puller = await startPeer(t, { metrics: pullerMetrics })
  const holders = await Promise.all(metrics.map((own) => startPeer(t, { metrics: own, bootstrap: puller.addresses(), limits: { servedBytesPerSecond: 16 * KIB * KIB } })))
  await until(() => puller.peers().length === 3)
  const sent = content(48 * KIB * KIB + 11)
  const ids = holders.map((holder) => holder.offer(sent))
  t.true(same(await puller.pull(ids[0]!, holders.map(({ self }) => self), { maximumBytes: sent.length }), sent))
  t.is(await count(pullerMetrics, 'network_pull_received_bytes_total'), sent.length)
  for (const own of metrics) {
    const part = await count(own, 'network_pull_sent_bytes_total')
    t.true(part > 0 && part < sent.length, `${part} of ${sent.length} bytes`)
  }
})

for (const [what, answer] of [['lies', 'lie'], ['hangs', 'hang'], ['goes', 'vanish']] as const) {
  test(`large content is whole though one of its holders ${what} half way`, async (t) => {
    const [puller, holder] = await pair(t, { pullSilenceMs: 1000 })
    const third = await startPeer(t, { bootstrap: puller.addresses() })
    await until(() => puller.peers().length === 2)
    const sent = content(16 * KIB * KIB)
    const id = holder.offer(sent)
    third.offer(sent)
    let asked = 0
    const rogue = await rogueHolder(t, puller, sent, (chunk) => {
      if (asked++ < 3) return chunkOf(sent, chunk)
      return answer === 'lie' ? content(256 * KIB, 9) : answer
    })
    t.true(same(await puller.pull(id, [rogue, holder.self, third.self], { maximumBytes: sent.length }), sent))
  })
}

test('a holder serves one peer no faster than it is set to', async (t) => {
  const holder = await startPeer(t, { limits: { servedBytesPerSecond: 4 * KIB * KIB } })
  const puller = await startPeer(t)
  await puller.dial(holder.addresses()[0]!)
  const sent = content(6 * KIB * KIB)
  const begun = performance.now()
  await puller.pull(holder.offer(sent), [holder.self], { maximumBytes: sent.length })
  // Four MiB at once, and two more at four a second: it cannot be faster, however fast the machine is.
  t.true(performance.now() - begun > 450)
})

test('stored content is loaded when somebody asks for it, and lies, failures and gaps count as absent', async (t) => {
  const [puller, holder] = await pair(t)
  const sent = content(KIB * KIB + 3)
  const id = contentId(sent)
  let loads = 0
  holder.offerStored(id, () => {
    loads++
    return Promise.resolve(sent)
  })
  t.is(loads, 0)
  t.true(same(await puller.pull(id, [holder.self], { maximumBytes: sent.length }), sent))
  t.true(same(await puller.pull(id, [holder.self], { maximumBytes: sent.length }), sent))
  t.is(loads, 1)
  holder.withdraw(id)
  await t.throwsAsync(puller.pull(id, [holder.self], { maximumBytes: sent.length }), { code: 'CONTENT_UNAVAILABLE', message: /does not hold it/ })
  const absent = [() => Promise.resolve(content(10, 2)), () => Promise.resolve(undefined), () => Promise.reject(new Error('the disk is gone'))]
  for (const [at, load] of absent.entries()) {
    const other = contentId(content(10, 10 + at))
    holder.offerStored(other, load)
    await t.throwsAsync(puller.pull(other, [holder.self], { maximumBytes: 10 }), { code: 'CONTENT_UNAVAILABLE', message: /does not hold it/ })
  }
})

test('more stored content than stays loaded is served all the same', async (t) => {
  const [puller, holder] = await pair(t)
  const contents = Array.from({ length: 6 }, (_, i) => content(4 * KIB * KIB, 20 + i))
  let loads = 0
  for (const bytes of contents) {
    holder.offerStored(contentId(bytes), () => {
      loads++
      return Promise.resolve(bytes)
    })
  }
  for (const bytes of contents) t.true(same(await puller.pull(contentId(bytes), [holder.self], { maximumBytes: bytes.length }), bytes))
  // The first one has made room for the last.
  t.true(same(await puller.pull(contentId(contents[0]!), [holder.self], { maximumBytes: contents[0]!.length }), contents[0]!))
  t.is(loads, 7)
})
