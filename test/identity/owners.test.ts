import test from 'ava'
import { toString } from 'uint8arrays'

import { ADAPTER_TARGETS, DEFAULT_POLICY, networkId } from '../../src/config/index.js'
import type { Genesis, NetworkConfig, Owners, Policy } from '../../src/config/index.js'
import { createIdentity, credentialText, IdentityError, issueCredential, signPolicy, signSuccession, supersedes, verifyCredential, verifyNetworkConfig } from '../../src/identity/index.js'

const [a, b, c, d] = await Promise.all([1, 2, 3, 4].map((seed) => createIdentity(new Uint8Array(32).fill(seed))))
const ownersOf = (threshold: number, ...identities: (typeof a)[]): Owners => ({ keys: identities.map((identity) => toString(identity!.publicKey, 'hex')), threshold })

const genesis: Genesis = {
  name: 'test',
  base: 'ab'.repeat(32),
  adapter: { rank: 16, alpha: 32, targets: [...ADAPTER_TARGETS] },
  codec: 'sign-block64-1',
  owners: ownersOf(2, a, b, c),
}
const policy: Policy = { ...DEFAULT_POLICY, version: 3 }
const config = (...signers: (typeof a)[]): NetworkConfig => ({ genesis, policy, signatures: signers.map((signer) => signPolicy(signer!, genesis, policy)) })
const tooFew = { instanceOf: IdentityError, code: 'OWNERS_SIGNATURES_TOO_FEW' }

test('a policy holds with the signatures of enough owners', (t) => {
  t.deepEqual(verifyNetworkConfig(config(a, c)), genesis.owners)
  t.notThrows(() => verifyNetworkConfig(config(a, b, c)))
})

test('one owner twice, or a stranger, do not make up for an owner', (t) => {
  t.throws(() => verifyNetworkConfig(config(a)), tooFew)
  t.throws(() => verifyNetworkConfig(config(a, a)), tooFew)
  t.throws(() => verifyNetworkConfig(config(a, d)), tooFew)
})

test('a policy changed after signing, or of another network, does not hold', (t) => {
  t.throws(() => verifyNetworkConfig({ ...config(a, b), policy: { ...policy, learning: { ...policy.learning, rate: 2 * policy.learning.rate } } }), tooFew)
  t.throws(() => verifyNetworkConfig({ ...config(a, b), genesis: { ...genesis, name: 'other' } }), tooFew)
})

const successors = ownersOf(1, d)
const succession = { owners: successors, signatures: [a, b].map((owner) => signSuccession(owner!, genesis, 0, successors)) }

test('owners hand over to successors, and have no say any more', (t) => {
  const after: NetworkConfig = { ...config(d), successions: [succession] }
  t.deepEqual(verifyNetworkConfig(after), successors)
  t.throws(() => verifyNetworkConfig({ ...config(a, b), successions: [succession] }), tooFew)
})

test('a succession needs the owners before it, and holds at its place only', (t) => {
  t.throws(() => verifyNetworkConfig({ ...config(d), successions: [{ ...succession, signatures: [signSuccession(d!, genesis, 0, successors)] }] }), tooFew)
  t.throws(() => verifyNetworkConfig({ ...config(d), successions: [succession, succession] }), tooFew)
})

test('only a higher version by no earlier owners replaces a policy', (t) => {
  const current = config(a, b)
  const higher = { ...current, policy: { ...policy, version: 4 } }
  t.true(supersedes(higher, current))
  t.false(supersedes(current, current))
  t.false(supersedes({ ...higher, genesis: { ...genesis, name: 'other' } }, current))
  t.false(supersedes(higher, { ...current, successions: [succession] }))
})

const network = networkId(genesis)
const claim = { peer: d!.peerId, organisation: 'Acme', expires: 2000 }
const expected = { peer: d!.peerId, network, owners: genesis.owners, now: 1000 }

test('a credential holds for its peer and network until it expires', (t) => {
  const credential = issueCredential([a!, b!], network, claim)
  t.deepEqual(verifyCredential(credential, expected), claim)
  t.deepEqual(verifyCredential(credentialText.decode(`${credentialText.encode(credential)}\n`), expected), claim)
  t.throws(() => verifyCredential(credential, { ...expected, now: 2000 }), { instanceOf: IdentityError, code: 'CREDENTIAL_EXPIRED' })
  t.throws(() => verifyCredential(credential, { ...expected, peer: a!.peerId }), { instanceOf: IdentityError, code: 'CREDENTIAL_INVALID' })
  t.throws(() => verifyCredential(credential, { ...expected, network: 'cd'.repeat(32) }), { code: 'CREDENTIAL_INVALID' })
  t.throws(() => verifyCredential(null, expected), { instanceOf: IdentityError, code: 'CREDENTIAL_MISSING' })
  t.throws(() => verifyCredential(new Uint8Array(5000), expected), { code: 'CREDENTIAL_INVALID' })
})

test('a credential with too few owners, or with changed fields, does not hold', (t) => {
  t.throws(() => verifyCredential(issueCredential([a!, d!], network, claim), expected), { code: 'CREDENTIAL_INVALID' })
  const credential = issueCredential([a!, b!], network, claim)
  const at = Buffer.from(credential).indexOf('Acme')
  credential[at]! ^= 1
  t.throws(() => verifyCredential(credential, expected), { code: 'CREDENTIAL_INVALID' })
})
