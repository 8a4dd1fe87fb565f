import test from 'ava'

import { createIdentity, contentId, encodeCanonical, seal } from '../../src/identity/index.js'
import { createMetrics } from '../../src/telemetry/index.js'
import type { Transport } from '../../src/network/index.js'
import { explain, kindOf } from '../../node/daemon/explain.js'
import { Ledger } from '../../node/daemon/ledger.js'

const NETWORK = contentId(Buffer.from('a network'))

/** A transport whose messages go to two peers. */
function quietTransport(): Transport & { readonly sent: Uint8Array[] } {
  const sent: Uint8Array[] = []
  return {
    sent,
    self: 'self',
    publish: (_, message) => Promise.resolve(sent.push(message) * 0 + 2),
    subscribe: (_, receive) => {
      receive(new Uint8Array(10), 'other')
      return () => undefined
    },
    offer: (bytes) => contentId(bytes),
    withdraw: () => undefined,
    pull: () => Promise.resolve(new Uint8Array(1000)),
    rate: () => undefined,
  }
}

const ledger = (): Ledger => new Ledger(() => 1000, (bytes) => bytes === 4000 ? 'checkpoint' : 'record')
const manifest = async (): Promise<Uint8Array> =>
  encodeCanonical(['manifest', seal(await createIdentity(Buffer.alloc(32, 1)), 'manifest', NETWORK, { round: 3, content: 'abc', bytes: new Uint8Array(40) })])

test('every message is written down with its kind, size, topic, receivers and hash', async (t) => {
  const book = ledger()
  const transport = quietTransport()
  const message = await manifest()
  t.is(await book.watch(transport).publish('topic', message), 2)
  t.deepEqual(transport.sent, [message])
  t.deepEqual(book.entries(10), [{ number: 1, time: 1000, action: 'sent', kind: 'manifest', to: 'topic', recipients: 2, bytes: message.length, hash: contentId(message) }])
  t.is(book.sentBytes, 2 * message.length)
})

test('content is written down when it is offered, and counted when others pull it', (t) => {
  const book = ledger()
  book.watch(quietTransport()).offer(new Uint8Array(4000))
  t.is(book.entries(1)[0]!.kind, 'checkpoint')
  t.is(book.sentBytes, 0)
  const metrics = book.watchMetrics(createMetrics())
  metrics.counter({ name: 'network_pull_sent_bytes_total', help: 'served' }).add(4000)
  metrics.counter({ name: 'something_else_total', help: 'other' }).add(7)
  t.is(book.servedBytes, 4000)
  t.is(book.sentBytes, 4000)
})

test('what comes in is counted, too', async (t) => {
  const book = ledger()
  const watched = book.watch(quietTransport())
  watched.subscribe('topic', () => undefined)
  await watched.pull('id', [], { maximumBytes: 1000 })
  t.is(book.receivedBytes, 1010)
})

test('the ledger stays bounded, and the totals stay right', async (t) => {
  const book = ledger()
  const watched = book.watch(quietTransport())
  for (let i = 0; i < 9000; i++) await watched.publish('topic', encodeCanonical(['votes', encodeCanonical(i)]))
  t.true(book.entries(100_000).length <= 8000)
  t.is(book.totals()[0]!.count, 9000)
  t.is(book.content(book.entries(1)[0]!)!.length > 0, true)
})

test('a message is unpacked down to who signed what', async (t) => {
  const { peerId } = await createIdentity(Buffer.alloc(32, 1))
  const message = await manifest()
  t.is(kindOf(message), 'manifest')
  const { signer, payload } = explain(message)
  t.is(signer, peerId)
  t.deepEqual(payload, { round: 3, content: 'abc', bytes: `${'00'.repeat(32)}... (40 bytes)` })
})

test('bytes that are no message are shown as bytes', (t) => {
  t.deepEqual(explain(Uint8Array.of(1, 2, 3)), { kind: 'unknown', payload: '010203' })
})
