import test from 'ava'
import fc from 'fast-check'

import { contentId, createIdentity, encodeCanonical, IdentityError, open, seal } from '../../src/identity/index.js'

const network = contentId(Buffer.from('network'))
const identity = await createIdentity(new Uint8Array(32).fill(1))
const options = { kind: 'manifest', network, maximumBytes: 10_000 }

const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null), fc.string(), fc.uint8Array(),
    fc.array(tie('any'), { maxLength: 4 }), fc.dictionary(fc.string(), tie('any'), { maxKeys: 4 })),
})).any

test('what one peer seals, another opens, with the name of who sealed it', (t) => {
  fc.assert(fc.property(value, (payload) => {
    const opened = open(seal(identity, 'manifest', network, payload), options)
    t.deepEqual(encodeCanonical(opened.payload), encodeCanonical(payload))
    t.is(opened.peer, identity.peerId)
    t.is(opened.signature.length, 64)
  }), { numRuns: 200 })
})

test('sealing the same twice gives the same bytes', (t) => {
  t.deepEqual(seal(identity, 'manifest', network, { a: 1, b: 2 }), seal(identity, 'manifest', network, { b: 2, a: 1 }))
})

const sealed = seal(identity, 'manifest', network, { round: 7 })

test('an envelope of another kind or network does not open', (t) => {
  t.throws(() => open(sealed, { ...options, kind: 'vote' }), { instanceOf: IdentityError, code: 'ENVELOPE_KIND' })
  t.throws(() => open(sealed, { ...options, network: contentId(Buffer.from('other')) }), { instanceOf: IdentityError, code: 'ENVELOPE_SIGNATURE' })
})

test('an envelope above the limit is refused before it is read', (t) => {
  t.throws(() => open(sealed, { ...options, maximumBytes: sealed.length - 1 }), { instanceOf: IdentityError, code: 'ENVELOPE_TOO_LARGE' })
  t.notThrows(() => open(sealed, { ...options, maximumBytes: sealed.length }))
})

test('an envelope whose kind was rewritten to the expected one does not open', (t) => {
  const vote = seal(identity, 'vote-aaa', network, { round: 7 })
  const forged = Uint8Array.from(Buffer.from(vote).toString('latin1').replace('vote-aaa', 'manifest'), (letter) => letter.charCodeAt(0))
  t.throws(() => open(forged, options), { code: 'ENVELOPE_SIGNATURE' })
})

test('no changed, cut or extended envelope opens, and each is refused with a code', (t) => {
  const codes = new Set(['ENVELOPE_MALFORMED', 'ENVELOPE_KIND', 'ENVELOPE_SIGNATURE'])
  const changed = fc.oneof(
    fc.tuple(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, by]) => sealed.map((byte, i) => i === at ? byte ^ by : byte)),
    fc.nat(sealed.length - 1).map((length) => sealed.slice(0, length)),
    fc.uint8Array({ minLength: 1, maxLength: 8 }).map((more) => Uint8Array.of(...sealed, ...more)),
    fc.uint8Array({ maxLength: 300 }),
  )
  fc.assert(fc.property(changed, (bytes) => {
    const error = t.throws(() => open(bytes, options), { instanceOf: IdentityError })
    t.true(codes.has(error.code))
  }), { numRuns: 1500 })
})

test('an envelope of a later version asks for an update', (t) => {
  const later = encodeCanonical([2, 'manifest', identity.publicKey, new Uint8Array(0), new Uint8Array(64)])
  t.throws(() => open(later, options), { code: 'ENVELOPE_MALFORMED', message: /update/ })
})

test('an all-zero key and signature, which some verifiers accept, do not open', (t) => {
  for (const key of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31))]) {
    const forged = encodeCanonical([1, 'manifest', key, encodeCanonical({ round: 7 }), new Uint8Array(64)])
    t.throws(() => open(forged, options), { instanceOf: IdentityError, code: 'ENVELOPE_SIGNATURE' })
  }
})
