import test from 'ava'
import fc from 'fast-check'

import { contentId, createIdentity, encodeCanonical } from '../../src/identity/index.js'
import { MAXIMUM_MESSAGE_BYTES, TransportError } from '../../src/network/index.js'
import { AddressBook } from '../../src/network/libp2p/address-book.js'
import { openAddresses, sealAddresses } from '../../src/network/libp2p/address-record.js'
import { Assembly, chunkCount, isListOf, listChunks } from '../../src/network/libp2p/assembly.js'
import { decodeBundle, encodeBundle, hasRoom, MESSAGES_PER_BUNDLE } from '../../src/network/libp2p/bundle.js'
import { decodeHello, encodeHello, networkDifference } from '../../src/network/libp2p/hello.js'
import type { Hello } from '../../src/network/libp2p/hello.js'
import { decodeChunkRequest, decodeHeader, decodeRequest, encodeChunkRequest, encodeHeader, encodeRequest } from '../../src/network/libp2p/pull-messages.js'
import { Slots } from '../../src/network/libp2p/slots.js'
import { Standing } from '../../src/network/libp2p/standing.js'
import { createRandom, createVirtualClock } from '../../src/telemetry/index.js'

import { content } from './content.js'
import { NETWORK } from './peers.js'

const hello: Hello = { version: 1, network: NETWORK, genesis: null, addresses: null, credential: null, software: 'test', time: 0, refusal: null }
const request = { id: NETWORK, chunkBytes: 256 * 1024 }

/** Random bytes, and valid bytes with a few changed, cut off or added. */
function foreign(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
      const bytes = valid.slice()
      for (const [at, value] of changes) bytes[at] = value
      return bytes
    }),
    fc.nat(valid.length).map((length) => valid.slice(0, length)),
    fc.uint8Array({ minLength: 1, maxLength: 4 }).map((more) => Uint8Array.of(...valid, ...more)),
  )
}

const decoders: readonly [string, Uint8Array, (bytes: Uint8Array) => Uint8Array][] = [
  ['a hello', encodeHello({ ...hello, genesis: content(40) }), (bytes) => encodeHello(decodeHello(bytes))],
  ['a pull request', encodeRequest(request), (bytes) => encodeRequest(decodeRequest(bytes))],
  ['a pull header', encodeHeader('holds', listChunks(content(1000), 256 * 1024)), (bytes) => {
    const { status, list } = decodeHeader(bytes, 256 * 1024)
    return encodeHeader(status, list)
  }],
  ['a bundle', encodeBundle([content(3), content(0), content(40)], ['a peer by its mark', 'another by its mark']), (bytes) => {
    const { messages, sentTo } = decodeBundle(bytes)
    return encodeBundle(messages, sentTo)
  }],
  ['a chunk request', encodeChunkRequest(7), (bytes) => encodeChunkRequest(decodeChunkRequest(bytes))],
]
for (const [what, valid, roundTrip] of decoders) {
  test(`foreign bytes are ${what} in one way only, or are refused`, (t) => {
    t.deepEqual(roundTrip(valid), valid)
    fc.assert(fc.property(foreign(valid), (bytes) => {
      let again: Uint8Array
      try {
        again = roundTrip(bytes)
      } catch (error) {
        return error instanceof TransportError && error.code === 'MESSAGE_MALFORMED'
      }
      return Buffer.compare(again, bytes) === 0
    }), { numRuns: 2000 })
  })
}

test('a bundle takes messages as long as all of them fit into one, and at most so many', (t) => {
  const largest = content(MAXIMUM_MESSAGE_BYTES)
  t.true(hasRoom([], largest))
  t.is(Buffer.compare(decodeBundle(encodeBundle([largest])).messages[0]!, largest), 0)
  t.false(hasRoom([content(1)], largest))
  const many = Array.from({ length: MESSAGES_PER_BUNDLE }, () => content(1))
  t.true(hasRoom(many.slice(1), content(1)))
  t.false(hasRoom(many, content(1)))
  t.is(decodeBundle(encodeBundle(many)).messages.length, MESSAGES_PER_BUNDLE)
  for (const bad of [encodeBundle([]), encodeBundle([...many, content(1)]), encodeBundle([largest, content(1), ...many]), encodeBundle([content(5)]).subarray(0, 7), new Uint8Array(3)]) {
    t.throws(() => decodeBundle(bad), { instanceOf: TransportError, code: 'MESSAGE_MALFORMED' })
  }
})

test('an address record opens only as its peer sealed it', async (t) => {
  const identity = await createIdentity(new Uint8Array(32))
  const sealed = sealAddresses(identity, NETWORK, ['/ip4/10.0.0.1/tcp/4101'], 5)
  t.like(openAddresses(sealed, NETWORK), { peer: identity.peerId, sequence: 5, addresses: [`/ip4/10.0.0.1/tcp/4101/p2p/${identity.peerId}`] })
  t.throws(() => openAddresses(sealed, contentId(new Uint8Array(0))), { code: 'ENVELOPE_SIGNATURE' })
  fc.assert(fc.property(foreign(sealed), (bytes) => {
    try {
      openAddresses(bytes, NETWORK)
      return Buffer.compare(bytes, sealed) === 0
    } catch (error) {
      return error instanceof Error
    }
  }), { numRuns: 300 })
})

test('addresses that are not TCP, too long or too many are left out when sealing and refused when opening', async (t) => {
  const identity = await createIdentity(new Uint8Array(32))
  const good = Array.from({ length: 12 }, (_, i) => `/ip4/10.0.0.${i}/tcp/4101`)
  const record = openAddresses(sealAddresses(identity, NETWORK, ['/ip4/1.2.3.4/udp/9', '/unix/etc', `/dns4/${'x'.repeat(300)}/tcp/1`, ...good], 1), NETWORK)
  t.deepEqual(record.addresses, good.slice(0, 8).map((address) => `${address}/p2p/${identity.peerId}`))
})

test('the address book keeps the newest record of each peer, never its own, and at most 1024', (t) => {
  const book = new AddressBook('self', createRandom(1), (peer) => peer === 'kept')
  const record = (peer: string, sequence: number): Parameters<typeof book.add>[0] => ({ peer, sequence, addresses: [], sealed: new Uint8Array(0) })
  book.add(record('self', 1))
  book.add(record('kept', 2))
  book.add(record('kept', 1))
  t.is(book.get('kept')?.sequence, 2)
  for (let i = 0; i < 3000; i++) book.add(record(`peer ${i}`, 1))
  t.is(book.all().length, 1024)
  t.is(book.get('self'), undefined)
  t.is(book.get('kept')?.sequence, 2)
  const sample = book.sample(64, 'kept').map(({ peer }) => peer)
  t.is(new Set(sample).size, 64)
  t.false(sample.includes('kept'))
})

test('an assembly gives back what was listed, whatever the chunk boundaries, and refuses every other chunk', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 64 }), fc.nat(), fc.boolean(), (bytes, chunkBytes, flip, backwards) => {
    const list = listChunks(bytes, chunkBytes)
    t.true(isListOf(contentId(bytes), list))
    t.false(isListOf(NETWORK, list))
    const assembly = new Assembly<string>(list)
    const count = chunkCount(bytes.length, chunkBytes)
    const order = backwards ? Array.from({ length: count }, (_, i) => count - 1 - i) : Array.from({ length: count }, (_, i) => i)
    for (const i of order) {
      const chunk = bytes.slice(i * chunkBytes, (i + 1) * chunkBytes)
      const wrong = chunk.slice()
      if (wrong.length > 0) {
        wrong[flip % wrong.length]! ^= 1
        t.is(assembly.add(i, [chunk.subarray(1)], 'short'), 'wrong length')
        if (!backwards) {
          t.is(assembly.add(i, [wrong], 'liar'), 'added')
          t.deepEqual(assembly.check(), { chunk: i, holder: 'liar' })
        }
      }
      t.is(assembly.add(i, [chunk, Uint8Array.of(0)], 'long'), 'wrong length')
      t.is(assembly.add(i, [chunk.subarray(0, 1), chunk.subarray(1)], 'honest'), 'added')
      t.is(assembly.add(i, [chunk], 'honest'), 'unasked')
      t.is(assembly.check(), undefined)
    }
    t.is(assembly.add(count, [], 'honest'), 'unasked')
    t.true(assembly.complete)
    t.deepEqual(assembly.content, bytes)
  }), { numRuns: 200 })
})

test('an assembly goes on by another list while that tells of the same beginning', (t) => {
  const [bytes, fork] = [content(100), content(100)]
  fork[75]! ^= 1
  const assembly = new Assembly<string>(listChunks(bytes, 10))
  const add = (from: Uint8Array, chunk: number): void => {
    t.is(assembly.add(chunk, [from.subarray(chunk * 10, chunk * 10 + 10)], 'holder'), 'added')
    t.is(assembly.check(), undefined)
  }
  t.true(assembly.follow(listChunks(content(100, 2), 10)), 'nothing has come yet')
  t.true(assembly.follow(listChunks(bytes, 10)))
  for (let i = 0; i < 5; i++) add(bytes, i)
  assembly.add(8, [bytes.subarray(80, 90)], 'holder')
  t.false(assembly.follow(listChunks(content(100, 2), 10)))
  t.false(assembly.follow(listChunks(bytes, 20)))
  t.false(assembly.follow(listChunks(bytes.subarray(1), 10)))
  t.true(assembly.follow(listChunks(fork, 10)))
  for (let i = 5; i < 10; i++) add(fork, i)
  t.deepEqual(assembly.content, fork)
})

test('a header whose hashes do not fit its size is refused before anything is allocated', (t) => {
  const lies = encodeCanonical(['holds', Number.MAX_SAFE_INTEGER, new Uint8Array(32)])
  t.throws(() => decodeHeader(lies, 256 * 1024), { message: /do not list the chunks/ })
})

test('peers of another network are told which field differs, unless the genesis shown is not their network\'s', (t) => {
  const [ours, theirs] = [{ name: 'a', adapter: { rank: 16 } }, { name: 'a', adapter: { rank: 8 } }].map((genesis) => encodeCanonical(genesis))
  const here = { network: contentId(ours!), genesis: ours! }
  t.is(networkDifference(here, { ...hello, network: here.network }), undefined)
  t.regex(networkDifference(here, { ...hello, network: contentId(theirs!), genesis: theirs! })!, /adapter\.rank is 16 here and 8 there/)
  t.regex(networkDifference(here, { ...hello, network: NETWORK, genesis: theirs! })!, /not its network's/)
  t.regex(networkDifference(here, { ...hello, network: NETWORK })!, /^other network \(network/)
  const inherited = encodeCanonical({ name: 'a', adapter: { rank: 16 }, constructor: 1 })
  t.regex(networkDifference(here, { ...hello, network: contentId(inherited), genesis: inherited })!, /constructor is missing here and 1 there/)
  const odd = encodeCanonical({ name: 'a', adapter: { rank: 16 }, [`\u009b2J${'x'.repeat(9000)}`]: '\u202e' })
  const told = networkDifference(here, { ...hello, network: contentId(odd), genesis: odd })!
  t.true(told.length < 300 && !/\p{C}/u.test(told), 'a stranger writes no control characters and no pages into a log')
})

test('slots let a few through for each key, in order, and an aborted wait takes none', async (t) => {
  const slots = new Slots(2)
  const never = new AbortController().signal
  const [first, second] = [await slots.take('a', never), await slots.take('a', never)]
  const entered: number[] = []
  const third = slots.take('a', never).then((free) => {
    entered.push(3)
    return free
  })
  const stop = new AbortController()
  const aborted = t.throwsAsync(slots.take('a', stop.signal))
  const fifth = slots.take('a', never).then((free) => {
    entered.push(5)
    return free
  })
  ;(await slots.take('b', never))()
  stop.abort(new Error('enough'))
  await aborted
  t.deepEqual(entered, [])
  first()
  const freeThird = await third
  t.deepEqual(entered, [3])
  second()
  const freeFifth = await fifth
  freeThird()
  freeFifth()
  const again = await Promise.all([slots.take('a', never), slots.take('a', never)])
  t.is(again.length, 2)
})

test('penalties decay, bans end with them, and a reputation of 0 stays', async (t) => {
  const clock = createVirtualClock()
  const banned: string[] = []
  const standing = new Standing(clock, (peer) => banned.push(peer))
  standing.penalise('a', 60)
  t.false(standing.isBanned('a'))
  standing.penalise('a', 60)
  t.true(standing.isBanned('a'))
  await clock.advance(600_000)
  t.false(standing.isBanned('a'))
  t.true(Math.abs(standing.scoreOf('a') + 60) < 1e-9)
  standing.rate('b', 0)
  await clock.advance(86_400_000)
  t.true(standing.isBanned('b'))
  t.true(standing.scoreOf('b') < -80)
  t.deepEqual(banned, ['a', 'b'])
  t.true(standing.scoreOf('c') === 0 && Math.abs(standing.scoreOf('a')) < 1e-9)
  standing.rate('c', 65_536)
  t.is(standing.scoreOf('c'), 10)
})
