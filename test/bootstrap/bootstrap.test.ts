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
import { toString } from 'uint8arrays'

import { ADAPTER_TARGETS, DEFAULT_POLICY, networkId } from '../../src/config/index.js'
import type { Genesis } from '../../src/config/index.js'
import { createIdentity, signPolicy } from '../../src/identity/index.js'
import { createLibp2pTransport } from '../../src/network/index.js'

const owner = await createIdentity(new Uint8Array(32).fill(9))
const genesis: Genesis = {
  name: 'bootstrap test',
  base: 'ab'.repeat(32),
  adapter: { rank: 16, alpha: 32, targets: [...ADAPTER_TARGETS] },
  codec: 'sign-block64-1',
  owners: { keys: [toString(owner.publicKey, 'hex')], threshold: 1 },
}

async function setUp(t: ExecutionContext, policy = DEFAULT_POLICY): Promise<{ data: string, network: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'meshwright-bootstrap-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const network = join(folder, 'network.config.json')
  await writeFile(network, JSON.stringify({ genesis, policy, signatures: [signPolicy(owner, genesis, DEFAULT_POLICY)] }))
  return { data: join(folder, 'data'), network }
}

function start(t: ExecutionContext, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [new URL('../../bootstrap/main.js', import.meta.url).pathname, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

interface Started { peer: string, network: string, addresses: string[] }

async function firstLine(child: ChildProcess): Promise<Started> {
  const [line] = await once(createInterface(child.stdout!), 'line') as [string]
  return JSON.parse(line) as Started
}

const listen = ['--listen', '/ip4/127.0.0.1/tcp/0']

test('peers find each other through a bootstrap process, and stay together when it dies', async (t) => {
  const { data, network } = await setUp(t)
  const child = start(t, ['--json', '--data', data, '--network', network, ...listen])
  const { addresses, network: id } = await firstLine(child)
  t.is(id, networkId(genesis))
  const peers = await Promise.all([1, 2].map(async (seed) => createLibp2pTransport({
    identity: await createIdentity(new Uint8Array(32).fill(seed)), networkId: id, genesis, bootstrap: addresses,
  })))
  t.teardown(() => Promise.all(peers.map((peer) => peer.stop())))
  while (!peers.every((peer) => peer.peers().length === 2)) await sleep(20)
  child.kill('SIGKILL')
  while (!peers.every((peer) => peer.peers().length === 1)) await sleep(20)
  const heard = new Promise((resolve) => { peers[1]!.subscribe('topic', (message) => resolve(Buffer.from(message).toString())) })
  while (await peers[0]!.publish('topic', Buffer.from('without it')) === 0) await sleep(50)
  t.is(await heard, 'without it')
})

test('a bootstrap peer keeps its identity, and ends when it is told to', async (t) => {
  const { data, network } = await setUp(t)
  const ids: string[] = []
  for (let run = 0; run < 2; run++) {
    const child = start(t, ['--json', '--data', data, '--network', network, ...listen])
    ids.push((await firstLine(child)).peer)
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit') as [number]
    t.is(code, 0)
  }
  t.is(ids[0], ids[1])
})

const failures: readonly [string, (paths: { data: string, network: string }) => string[], RegExp][] = [
  ['a network file that is not there', ({ data }) => ['--data', data, '--network', '/nowhere.json'], /CONFIG_FILE_MISSING/],
  ['an address that cannot be listened on', ({ data, network }) => ['--data', data, '--network', network, '--listen', '/ip4/192.0.2.1/tcp/0'], /LISTEN_FAILED/],
  ['a data folder that cannot be used', ({ network }) => ['--data', join(network, 'x'), '--network', network, ...listen], /IDENTITY_FILE_/],
  ['a number that is none', () => ['--maximum-connections', 'many'], /Write a whole number from 4 to 100000/],
]
for (const [what, args, message] of failures) {
  test(`${what} ends the program with a message`, async (t) => {
    const child = start(t, args(await setUp(t)))
    let said = ''
    child.stderr!.on('data', (text: Buffer) => { said += text.toString() })
    const [code] = await once(child, 'close') as [number]
    t.is(code, 1)
    t.regex(said, message)
  })
}

test('a policy that its owners did not sign is refused', async (t) => {
  const { data, network } = await setUp(t, { ...DEFAULT_POLICY, strict: true })
  const child = start(t, ['--data', data, '--network', network, ...listen])
  let said = ''
  child.stderr!.on('data', (text: Buffer) => { said += text.toString() })
  await once(child, 'close')
  t.regex(said, /OWNERS_SIGNATURES_TOO_FEW/)
})
