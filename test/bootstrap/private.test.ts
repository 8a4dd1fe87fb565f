import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

import type { ExecutionContext } from 'ava'
import test from 'ava'

import { networkId } from '../../src/config/index.js'
import { Admission, createIdentity, credentialText, issueCredential, loadOrCreateIdentity, networkKeysText } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'
import { createLibp2pTransport, TransportError } from '../../src/network/index.js'
import type { Libp2pTransport } from '../../src/network/index.js'

import { networkOf } from '../identity/networks.js'

const owner = await createIdentity(new Uint8Array(32).fill(9))
const config = networkOf([owner], 1, { membership: 'credential' })
const network = networkId(config.genesis)
const key = new Uint8Array(32).fill(5)
const now = (): number => Date.now()
const credentialOf = ({ peerId }: Identity): Uint8Array => issueCredential([owner], network, { peer: peerId, organisation: 'Acme', expires: now() + 3_600_000 })

/** The bootstrap process of a private network, with its key and, where wanted, its credential. */
async function startBootstrap(t: ExecutionContext, { withCredential }: { readonly withCredential: boolean }): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mw-'))
  const data = join(folder, 'data')
  const files = { network: join(folder, 'network.json'), key: join(folder, 'key'), credential: join(folder, 'credential') }
  await writeFile(files.network, JSON.stringify(config))
  await writeFile(files.key, networkKeysText.encode(new Map([[0, key]])))
  await writeFile(files.credential, credentialText.encode(credentialOf(await loadOrCreateIdentity(data))))
  const child: ChildProcess = spawn(process.execPath, [
    new URL('../../bootstrap/main.js', import.meta.url).pathname, '--json', '--data', data, '--network', files.network, '--network-key-file', files.key,
    ...withCredential ? ['--credential-file', files.credential] : [], '--listen', '/ip4/127.0.0.1/tcp/0',
  ], { stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  const [line] = await once(createInterface(child.stdout!), 'line') as [string]
  return (JSON.parse(line) as { addresses: string[] }).addresses
}

async function startMember(t: ExecutionContext, { credential = true, bootstrap = [] as readonly string[] } = {}): Promise<Libp2pTransport> {
  const identity = await createIdentity()
  const peer = await createLibp2pTransport({
    identity, networkId: network, genesis: config.genesis, bootstrap,
    networkKeys: [{ epoch: 0, key }],
    admission: new Admission(config, { now }),
    ...credential ? { credential: credentialOf(identity) } : {},
  })
  t.teardown(() => peer.stop())
  return peer
}

test('members of a private network meet through its bootstrap process, which lets in nobody else', async (t) => {
  const addresses = await startBootstrap(t, { withCredential: true })
  const members = [await startMember(t, { bootstrap: addresses }), await startMember(t, { bootstrap: addresses })]
  while (!members.every((member) => member.peers().length === 2)) await sleep(20)
  const stranger = await startMember(t, { credential: false })
  await t.throwsAsync(stranger.dial(addresses[0]!), { instanceOf: TransportError, code: 'NETWORK_MISMATCH', message: /shows no credential/ })
})

test('a bootstrap process without a credential is not let in by members, and they say so', async (t) => {
  const [address] = await startBootstrap(t, { withCredential: false })
  const member = await startMember(t)
  await t.throwsAsync(member.dial(address!), { instanceOf: TransportError, code: 'NETWORK_MISMATCH', message: /shows no credential.*credentialFile/ })
})
