import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import test from 'ava'

import { createIdentity, IdentityError, KEY_FILE, loadOrCreateIdentity, peerOf, publicKeyOf, verifySignature } from '../../src/identity/index.js'

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'meshwright-identity-'))
  t.teardown(() => rm(path, { recursive: true }))
  return path
}

test('the first call makes a key that only its owner can read, and later calls find it', async (t) => {
  const data = join(await folder(t), 'deep', 'data')
  const { peerId } = await loadOrCreateIdentity(data)
  t.is((await loadOrCreateIdentity(data)).peerId, peerId)
  t.is((await stat(join(data, KEY_FILE))).mode & 0o777, 0o600)
  t.deepEqual(await readdir(data), [KEY_FILE])
})

test('processes that start at once agree on one key', async (t) => {
  const data = await folder(t)
  const identities = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateIdentity(data)))
  t.is(new Set(identities.map(({ peerId }) => peerId)).size, 1)
})

for (const [what, text] of [['empty', ''], ['cut off', 'meshwright-ed25519-1 abcdef'], ['of another kind', '-----BEGIN PRIVATE KEY-----'], ['too long', `meshwright-ed25519-1 ${'0'.repeat(65)}`]] as const) {
  test(`a key file that is ${what} is reported and left as it is`, async (t) => {
    const data = await folder(t)
    await writeFile(join(data, KEY_FILE), text)
    await t.throwsAsync(loadOrCreateIdentity(data), { instanceOf: IdentityError, code: 'IDENTITY_FILE_CORRUPTED' })
    t.is(await readFile(join(data, KEY_FILE), 'utf8'), text)
  })
}

test('a data folder that cannot be written is reported', async (t) => {
  const data = await folder(t)
  await writeFile(join(data, 'file'), '')
  await t.throwsAsync(loadOrCreateIdentity(join(data, 'file', 'data')), { instanceOf: IdentityError, code: 'IDENTITY_FILE_UNREADABLE' })
  if (process.getuid?.() === 0) return
  await chmod(data, 0o500)
  await t.throwsAsync(loadOrCreateIdentity(data), { instanceOf: IdentityError, code: 'IDENTITY_FILE_UNWRITABLE' })
})

test('a seed always gives the same peer, and must have 32 bytes', async (t) => {
  t.is((await createIdentity(new Uint8Array(32))).peerId, (await createIdentity(new Uint8Array(32))).peerId)
  t.not((await createIdentity()).peerId, (await createIdentity()).peerId)
  await t.throwsAsync(createIdentity(new Uint8Array(31)), { instanceOf: IdentityError, code: 'IDENTITY_SEED_LENGTH' })
})

test('a peer\'s id and its public key stand for each other', async (t) => {
  const { peerId, publicKey } = await createIdentity()
  t.is(peerOf(publicKey), peerId)
  t.deepEqual(publicKeyOf(peerId), publicKey)
})

for (const text of ['', 'peer', '12D3KooW', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N', 'bafzaajiaijccaqcpnqtkyu4vpcqagz75gs3jvkwtk2h6lzdjxxr7y4zrq6pi4yoq']) {
  test(`"${text}" is no peer id`, (t) => {
    t.throws(() => publicKeyOf(text), { instanceOf: IdentityError, code: 'PEER_ID_INVALID' })
    t.false(verifySignature(text, new Uint8Array(1), new Uint8Array(64)))
  })
}

test('a signature holds for its peer and its bytes only', async (t) => {
  const [one, two] = [await createIdentity(), await createIdentity()]
  const bytes = Buffer.from('what was said')
  const signature = one.sign(bytes)
  t.is(signature.length, 64)
  t.true(verifySignature(one.peerId, bytes, signature))
  t.false(verifySignature(two.peerId, bytes, signature))
  t.false(verifySignature(one.peerId, Buffer.from('what was sald'), signature))
  t.false(verifySignature(one.peerId, bytes, signature.slice(1)))
})
