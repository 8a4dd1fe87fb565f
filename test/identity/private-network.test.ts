import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import fc from 'fast-check'

import { ConfigError, networkConfigSchema, networkId, parseConfig } from '../../src/config/index.js'
import type { NetworkConfig } from '../../src/config/index.js'
import {
  addSuccession, Admission, checkSuperseding, coSign, coSignCredential, createIdentity, credentialClaim, credentialText, IdentityError, issueCredential, keysInUse,
  networkKeysText, readCredential, readNetworkKeys, signatureStanding, supersedes, verifyCredential, verifyNetworkConfig,
} from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'

import { networkOf, NOW, ownersOf } from './networks.js'

const identities = await Promise.all([1, 2, 3, 4].map((seed) => createIdentity(new Uint8Array(32).fill(seed))))
const [a, b, c, d] = identities as [Identity, Identity, Identity, Identity]

test('owners sign one after the other, and the file says how many are missing', (t) => {
  const unsigned = networkOf([a, b, c], 0)
  const network = { ...unsigned, genesis: { ...unsigned.genesis, owners: ownersOf(2, a, b, c) } }
  t.is(signatureStanding(network).policy.missing, 2)
  const once = coSign(network, a)
  t.is(signatureStanding(once).policy.missing, 1)
  t.throws(() => verifyNetworkConfig(once), { instanceOf: IdentityError, code: 'OWNERS_SIGNATURES_TOO_FEW', message: /one more owner signs the file with `meshwright network sign`/ })
  t.deepEqual(coSign(once, a), once)
  const twice = coSign(once, c)
  t.deepEqual(verifyNetworkConfig(twice).keys, network.genesis.owners.keys)
  t.throws(() => coSign(twice, d), { instanceOf: IdentityError, code: 'OWNER_UNKNOWN' })
})

test('signatures that no longer hold after a change are left out when the next owner signs', (t) => {
  const network = networkOf([a, b, c], 2)
  const changed = { ...network, policy: { ...network.policy, version: 2 } }
  const signed = coSign(changed, b)
  t.is(signed.signatures.length, 1)
  t.is(signatureStanding(signed).policy.missing, 1)
})

test('the loss of an owner key is survived: the other owners hand over, and the network stays', (t) => {
  const network = networkOf([a, b, c], 2)
  // c is lost, d follows.
  const handed = coSign(addSuccession(network, ownersOf(2, a, b, d)), a)
  t.deepEqual(signatureStanding(handed).successions.map(({ missing }) => missing), [1])
  t.throws(() => verifyNetworkConfig(handed), { code: 'OWNERS_SIGNATURES_TOO_FEW', message: /succession 1/ })
  const complete = coSign(handed, b)
  t.deepEqual(verifyNetworkConfig(complete), ownersOf(2, a, b, d))
  t.is(networkId(complete.genesis), networkId(network.genesis))
  t.true(supersedes(complete, network))
  const next = coSign(coSign({ ...complete, policy: { ...complete.policy, version: 3 }, signatures: [] }, d), a)
  t.notThrows(() => verifyNetworkConfig(next))
  // Whoever finds the lost key has no say.
  t.throws(() => coSign(next, c), { code: 'OWNER_UNKNOWN' })
})

test('one owner of three cannot hand the network over alone', (t) => {
  const taken = coSign(addSuccession(networkOf([a, b, c], 2), ownersOf(1, a)), a)
  t.throws(() => verifyNetworkConfig(taken), { code: 'OWNERS_SIGNATURES_TOO_FEW' })
})

const at = (version: number, policy: object = {}): NetworkConfig => networkOf([a, b], 2, { version, ...policy })

test('a node goes to newer policies only', (t) => {
  t.true(checkSuperseding(at(3), at(2), 'the file'))
  t.false(checkSuperseding(at(2), at(2), 'the file'))
  t.throws(() => checkSuperseding(at(2), at(3), 'the file'), { instanceOf: IdentityError, code: 'POLICY_OUTDATED', message: /the file holds policy 2, and this node has followed policy 3.*get the newest file/ })
})

test('two policies of one version, and two successions at one place, are a conflict', (t) => {
  t.throws(() => checkSuperseding(at(2, { heartbeatMs: 1000 }), at(2), 'the file'), { instanceOf: IdentityError, code: 'POLICY_CONFLICTING' })
  const [one, other] = [c, d].map((heir) => coSign(coSign(addSuccession(at(1), ownersOf(1, heir)), a), b)) as [NetworkConfig, NetworkConfig]
  const ahead = { ...other, policy: { ...other.policy, version: 9 } }
  t.false(supersedes(ahead, one))
  t.throws(() => checkSuperseding(ahead, one, 'the file'), { code: 'POLICY_CONFLICTING' })
  // The owners before have no say any more, whatever version they sign.
  t.throws(() => checkSuperseding(at(50), one, 'the file'), { code: 'POLICY_OUTDATED' })
})

const network = networkOf([a, b, c], 2, { membership: 'credential' })
const id = networkId(network.genesis)
const claim = { peer: d.peerId, organisation: 'Acme', expires: NOW + 1000 }

test('a credential gathers signatures, one owner at a time', (t) => {
  const owners = network.genesis.owners
  const none = issueCredential([], id, claim)
  t.deepEqual(credentialClaim(none), claim)
  const once = coSignCredential(none, a, id, owners)
  t.is(readCredential(once, id, owners).missing, 1)
  t.deepEqual(coSignCredential(once, a, id, owners), once)
  t.throws(() => verifyCredential(once, { peer: d.peerId, network: id, owners, now: NOW }), { code: 'CREDENTIAL_INVALID', message: /1 of the present owners, and 2 are needed/ })
  const twice = coSignCredential(once, c, id, owners)
  t.deepEqual(verifyCredential(twice, { peer: d.peerId, network: id, owners, now: NOW }), claim)
  t.throws(() => coSignCredential(once, d, id, owners), { code: 'OWNER_UNKNOWN' })
})

test('a credential holds up to its expiry, by the clock that it is checked with', (t) => {
  let now = NOW
  const admission = new Admission(network, { now: () => now })
  const credential = issueCredential([a, b], id, claim)
  t.notThrows(() => admission.check(d.peerId, credential))
  now = claim.expires - 1
  t.notThrows(() => admission.check(d.peerId, credential))
  now = claim.expires
  t.throws(() => admission.check(d.peerId, credential), { instanceOf: IdentityError, code: 'CREDENTIAL_EXPIRED' })
})

test('admission follows a new policy, and keeps the one before where that is not signed', (t) => {
  const admission = new Admission(network, { now: () => NOW })
  const credential = issueCredential([a, b], id, claim)
  const revoking = { ...network, policy: { ...network.policy, version: 2, revocations: [d.peerId] }, signatures: [] }
  t.throws(() => admission.follow(coSign(revoking, a)), { code: 'OWNERS_SIGNATURES_TOO_FEW' })
  t.notThrows(() => admission.check(d.peerId, credential))
  admission.follow(coSign(coSign(revoking, a), c))
  t.throws(() => admission.check(d.peerId, credential), { instanceOf: IdentityError, code: 'PEER_REVOKED' })
  t.false(admission.mayConnect(d.peerId))
})

test('an allow-list lets in nobody else, and no revoked peer', (t) => {
  const open = networkOf([a], 1, { revocations: [c.peerId] })
  const admission = new Admission(open, { now: () => NOW, allow: [b.peerId, c.peerId] })
  t.notThrows(() => admission.check(b.peerId, null))
  t.throws(() => admission.check(d.peerId, null), { instanceOf: IdentityError, code: 'PEER_NOT_ALLOWED' })
  t.throws(() => admission.check(c.peerId, null), { code: 'PEER_REVOKED' })
})

const hex = (byte: string): string => byte.repeat(32)

test('a key file holds one key a line with its epoch, or a single key of epoch 0', async (t) => {
  t.deepEqual([...networkKeysText.decode(`${hex('AB')}\n`, 'x')], [[0, new Uint8Array(32).fill(0xab)]])
  const keys = networkKeysText.decode(`1 ${hex('01')}\n\n  2  ${hex('02')}\r\n`, 'x')
  t.deepEqual(networkKeysText.decode(networkKeysText.encode(keys), 'x'), keys)
  t.deepEqual(keysInUse(keys, 2, 'x').map(({ epoch }) => epoch), [2, 1])
  t.deepEqual(keysInUse(keys, 1, 'x').map(({ epoch }) => epoch), [1])
  t.throws(() => keysInUse(keys, 3, 'house.key'), { instanceOf: IdentityError, code: 'NETWORK_KEY_EPOCH_MISSING', message: /epoch 3, and house\.key holds 1, 2/ })
  for (const text of ['', 'abc', `1 ${hex('01')} 3`, `1 ${hex('01')}\n1 ${hex('02')}`, `-1 ${hex('01')}`, 'x'.repeat(20_000)]) {
    t.throws(() => networkKeysText.decode(text, 'x'), { instanceOf: IdentityError, code: 'NETWORK_KEY_CORRUPTED' }, text.slice(0, 80))
  }
  const folder = await mkdtemp(join(tmpdir(), 'mw-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'key'), `7 ${hex('0a')}\n`)
  t.deepEqual([...await readNetworkKeys(join(folder, 'key'))], [[7, new Uint8Array(32).fill(10)]])
  await t.throwsAsync(readNetworkKeys(join(folder, 'none')), { instanceOf: IdentityError, code: 'NETWORK_KEY_UNREADABLE' })
})

test('whatever a key file holds, it is read or refused with its code', (t) => {
  const line = fc.oneof(fc.string(), fc.constant(`1 ${hex('01')}`), fc.constant(hex('02')), fc.constant(''))
  fc.assert(fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
    try {
      for (const [epoch, key] of networkKeysText.decode(lines.join('\n'), 'x')) t.true(Number.isSafeInteger(epoch) && key.length === 32)
    } catch (error) {
      t.is(codeOf(error), 'NETWORK_KEY_CORRUPTED')
    }
  }))
})

test('whatever a credential file holds, it lets nobody in but the peer that the owners named', (t) => {
  const admission = new Admission(network, { now: () => NOW })
  const valid = issueCredential([a, b], id, claim)
  const damaged = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 1, max: 255 })).map(([place, change]) => valid.map((byte, i) => i === place ? byte ^ change : byte))
  const cut = fc.nat(valid.length - 1).map((length) => valid.subarray(0, length))
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 6000 }), damaged, cut), (bytes) => {
    try {
      admission.check(d.peerId, bytes)
      t.fail('a damaged credential was taken')
    } catch (error) {
      t.true(['CREDENTIAL_INVALID', 'CREDENTIAL_EXPIRED'].includes(codeOf(error)), String(error))
    }
  }))
  fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String(), fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'))), (text) => {
    try {
      credentialClaim(credentialText.decode(text))
      t.fail('text was taken for a credential')
    } catch (error) {
      t.is(codeOf(error), 'CREDENTIAL_INVALID')
    }
  }))
})

test('a network file with anything changed is refused with a code', (t) => {
  const json = JSON.stringify(network)
  const paths = [['genesis'], ['genesis', 'name'], ['genesis', 'owners'], ['genesis', 'owners', 'threshold'], ['policy'], ['policy', 'version'], ['policy', 'keyEpoch'], ['policy', 'membership'],
    ['policy', 'revocations'], ['policy', 'foundingRoster'], ['signatures'], ['signatures', '0'], ['signatures', '1', 'key'], ['signatures', '0', 'signature'], ['successions']]
  fc.assert(fc.property(fc.constantFrom(...paths), fc.jsonValue(), (place, value) => {
    const changed: unknown = JSON.parse(json)
    if (JSON.stringify(put(changed, place, value)) === JSON.stringify(value)) return
    const taken = (): void => { verifyNetworkConfig(parseConfig(networkConfigSchema, changed, 'x')) }
    // No successions are the same as an empty list of them, and need no signature.
    if (place[0] === 'successions' && Array.isArray(value) && value.length === 0) return
    try {
      taken()
      t.fail(`${place.join('.')} = ${JSON.stringify(value)} was taken`)
    } catch (error) {
      if (error instanceof ConfigError) t.is(error.code, 'CONFIG_INVALID')
      else t.is(codeOf(error), 'OWNERS_SIGNATURES_TOO_FEW')
    }
  }))
})

/** Puts a value at a place of a JSON document. @returns what was there */
function put(document: unknown, place: readonly string[], value: unknown): unknown {
  const holder = place.slice(0, -1).reduce<unknown>((inner, key) => typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined, document)
  if (typeof holder !== 'object' || holder === null) throw new Error(`no ${place.join('.')}`)
  const before: unknown = Reflect.get(holder, place.at(-1)!)
  Reflect.set(holder, place.at(-1)!, value)
  return before
}

function codeOf(error: unknown): string {
  return error instanceof IdentityError ? error.code : String(error)
}
