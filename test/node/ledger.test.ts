import test from 'ava'

import { createIdentity, contentId, encodeCanonical, seal } from '../../src/identity/index.js'
import type { Transport } from '../../src/network/index.js'
import { explain, kindOf } from '../../node/daemon/explain.js'
import { Ledger } from '../../node/daemon/ledger/ledger.js'

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
    offerStored: () => undefined,
    withdraw: () => undefined,
    pull: () => Promise.resolve(new Uint8Array(1000)),
    rate: () => undefined,
  }
}

const ledger = (): Ledger => new Ledger({ now: () => 1000, nameContent: (bytes) => bytes === 4000 ? 'checkpoint' : 'record' })
const manifest = async (): Promise<Uint8Array> =>
  encodeCanonical(['manifest', seal(await createIdentity(Buffer.alloc(32, 1)), 'manifest', NETWORK, { round: 3, content: 'abc', bytes: new Uint8Array(40) })])

test('every message is written down with its kind, size, topic, receivers and hash', async (t) => {
  const book = ledger()
  const transport = quietTransport()
  const message = await manifest()
  t.is(await book.watch(transport).publish('topic', message), 2)
  t.deepEqual(transport.sent, [message])
  t.deepEqual(await book.entries({ limit: 10 }), [{ number: 1, time: 1000, action: 'sent', kind: 'manifest', to: 'topic', recipients: 2, bytes: message.length, hash: contentId(message) }])
  t.is(book.traffic().bytesSent, 2 * message.length)
})

test('content is written down when it is offered, and for each peer that pulls it with what was sent', async (t) => {
  const book = ledger()
  const content = book.watch(quietTransport()).offer(new Uint8Array(4000))
  t.is((await book.entries({ limit: 1 }))[0]!.kind, 'checkpoint')
  t.is(book.traffic().bytesSent, 0)
  book.onServed({ peer: 'bob', content, contentBytes: 4000, bytes: 4000 })
  book.onServed({ peer: 'carol', content, contentBytes: 4000, bytes: 1500 })
  t.deepEqual((await book.entries({ limit: 10, kind: 'checkpoint' })).map(({ action, to, bytes, hash }) => [action, to, bytes, hash]), [
    ['offered', '', 4000, content], ['pulled', 'bob', 4000, content], ['pulled', 'carol', 1500, content],
  ])
  t.is(book.report().servedBytes, 5500)
  t.is(book.traffic().bytesSent, 5500)
})

test('a message that was only sent when it was tried again has an entry of its own', async (t) => {
  const book = ledger()
  const message = await manifest()
  book.onSentLater({ topic: 'topic', message, recipients: 3 })
  t.like((await book.entries({ limit: 1 }))[0], { action: 'sent', kind: 'manifest', recipients: 3 })
})

test('what the sockets sent is split into lines that add up to it', async (t) => {
  const book = ledger()
  const message = await manifest()
  await book.watch(quietTransport()).publish('topic', message)
  book.onServed({ peer: 'bob', content: contentId(message), contentBytes: 4000, bytes: 4000 })
  const gossip = 2 * message.length + 300
  const protocols = { gossip, pull: 4100, hello: 200, identify: 150, ping: 64 }
  const plainBytes = gossip + 4100 + 414 + 90
  book.followWire(() => ({ socketBytes: plainBytes + 555, plainBytes, protocols }))
  t.deepEqual(book.report().wire, [
    { name: 'own messages by gossip', bytes: 2 * message.length },
    { name: 'gossip relayed and control', bytes: 300 },
    { name: 'content pulled by others', bytes: 4000 },
    { name: 'pull requests and chunk lists', bytes: 100 },
    { name: 'hello', bytes: 200 },
    { name: 'identify', bytes: 150 },
    { name: 'ping', bytes: 64 },
    { name: 'stream control', bytes: 90 },
    { name: 'encryption', bytes: 555 },
  ])
  t.is(book.report().sentBytes, plainBytes + 555)
  t.is(book.traffic().bytesSent, plainBytes + 555)
})

test('what comes in is counted, too', async (t) => {
  const book = ledger()
  const watched = book.watch(quietTransport())
  watched.subscribe('topic', () => undefined)
  await watched.pull('id', [], { maximumBytes: 1000 })
  t.is(book.traffic().bytesReceived, 1010)
})

test('the ledger stays bounded, and the totals stay right', async (t) => {
  const book = ledger()
  const watched = book.watch(quietTransport())
  for (let i = 0; i < 9000; i++) await watched.publish('topic', encodeCanonical(['votes', encodeCanonical(i)]))
  t.true((await book.entries({ limit: 100_000 })).length <= 8000)
  t.is(book.report().totals[0]!.count, 9000)
  t.is(book.content((await book.entries({ limit: 1 }))[0]!)!.length > 0, true)
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
