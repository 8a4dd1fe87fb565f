import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import anyTest from 'ava'

import { examineApi } from '../../node/doctor/api.js'
import { examineMemory, examineNode } from '../../node/doctor/machine.js'
import { examineContacts } from '../../node/doctor/peers.js'
import type { Contacts } from '../../node/doctor/peers.js'
import type { Finding } from '../../node/doctor/finding.js'
import { parseNodeConfig } from '../../src/config/index.js'
import { BOOTSTRAP, folderFor, freePort, meshwright, startMeshwright, succeed, testNetwork } from './house.js'

// One after the other: each starts checkers of its own.
const test = anyTest.serial

interface Report {
  readonly healthy: boolean
  readonly findings: readonly Finding[]
}

async function doctor(folder: string): Promise<Report & { readonly code: number }> {
  const { code, stdout, stderr } = await meshwright(['doctor', '--data', folder, '--json'])
  if (!stdout.endsWith('}\n')) throw new Error(`doctor ended with ${code} before it had reported: ${stderr}`)
  return { ...JSON.parse(stdout) as Report, code }
}

const of = ({ findings }: Report, subject: string): Finding[] => findings.filter((finding) => finding.subject === subject)

/** A node's folder in a network whose bootstrap peer listens at a port. */
async function setUp(t: ExecutionContext): Promise<{ readonly folder: string, readonly alice: string, readonly alicePort: number, readonly seedPort: number, readonly network: string }> {
  const folder = folderFor(t)
  const seedPort = await freePort()
  const network = join(folder, 'network.config.json')
  const nodes = await testNetwork(folder, ['alice'])
  const { folder: alice, port: alicePort } = nodes.get('alice')!
  const config = JSON.parse(readFileSync(network, 'utf8')) as { policy: { version: number, bootstrap: string[] } }
  const seed = JSON.parse(await succeed(['init', join(folder, 'seed'), '--json'])) as { peer: string }
  config.policy.version++
  config.policy.bootstrap = [`/ip4/127.0.0.1/tcp/${seedPort}/p2p/${seed.peer}`]
  writeFileSync(network, JSON.stringify(config))
  await succeed(['network', 'sign', network])
  return { folder, alice, alicePort, seedPort, network }
}

async function startSeed(t: ExecutionContext, { folder, network, seedPort }: { readonly folder: string, readonly network: string, readonly seedPort: number }): Promise<void> {
  const seed = startMeshwright(t, ['--data', join(folder, 'seed'), '--network', network, '--listen', `/ip4/127.0.0.1/tcp/${seedPort}`], BOOTSTRAP)
  await seed.says('Others reach it at')
}

test('a healthy node that does not run: everything is ok, its bootstrap peer answers and reaches it', async (t) => {
  const house = await setUp(t)
  await startSeed(t, house)
  const report = await doctor(house.alice)
  const bad = report.findings.filter(({ grade, subject }) => grade !== 'ok' && !['memory', 'disk', 'testbenches'].includes(subject))
  t.deepEqual(bad, [])
  t.is(report.code, 0)
  t.true(report.healthy)
  t.regex(of(report, 'bootstrap')[0]!.found, /connected for/)
  t.regex(of(report, 'reachability')[0]!.found, /directly/)
  t.regex(of(report, 'clock')[0]!.found, /within/)
  for (const subject of ['node', 'data folder', 'identity', 'settings', 'network file', 'port', 'API', 'base model', 'yosys', 'qsharp', 'testbenches']) t.is(of(report, subject).length, 1, subject)
})

test('a node that runs is asked itself, and holds its own port', async (t) => {
  const house = await setUp(t)
  await startSeed(t, house)
  const node = startMeshwright(t, ['start', '--data', house.alice])
  await node.says('the node is running')
  const report = await doctor(house.alice)
  t.is(of(report, 'running node')[0]!.grade, 'ok')
  t.regex(of(report, 'port')[0]!.found, /the running node listens/)
  const { stdout } = await meshwright(['status', '--data', house.alice])
  t.regex(stdout, /bootstraps +\.\.\.\w{6}: /)
  t.regex(stdout, /reached +/)
  t.regex(stdout, /API +http:\/\/127\.0\.0\.1:\d+\/v1/)
  t.regex(of(report, 'API')[0]!.found, /the running node serves it at http/)
})

test('an API whose port is taken is a warning, since the node goes on; one whose key is missing is a problem', async (t) => {
  const folder = folderFor(t)
  const taker = createServer()
  const port = await freePort()
  await new Promise<void>((resolve) => { taker.listen(port, '127.0.0.1', resolve) })
  t.teardown(() => taker.close())
  const examined = async (api: object): Promise<Finding> => examineApi(parseNodeConfig({ api }, { source: 'the test', folder }).api, undefined)
  t.like(await examined({ port }), { grade: 'warning', subject: 'API' })
  t.like(await examined({ port: 0 }), { grade: 'ok' })
  t.like(await examined({ port, enabled: false }), { grade: 'ok', found: 'off' })
  t.regex((await examined({ port: 0, keyFile: 'nowhere' })).found, /keys cannot be read/)
  t.like(await examineApi(parseNodeConfig({}, { source: 'the test', folder }).api, { problem: 'taken' }), { grade: 'warning', found: 'taken' })
})

test('with an allow-list, static peers are let in as the node lets them in', async (t) => {
  const house = await setUp(t)
  await startSeed(t, house)
  const settings = join(house.alice, 'meshwright.json')
  const { policy: { bootstrap } } = JSON.parse(readFileSync(house.network, 'utf8')) as { policy: { bootstrap: string[] } }
  const before = JSON.parse(readFileSync(settings, 'utf8')) as { transport: object }
  const { peer } = JSON.parse(await succeed(['init', join(house.folder, 'bob'), '--json'])) as { peer: string }
  const write = (staticPeers: readonly string[]): void => writeFileSync(settings, JSON.stringify({ ...before, transport: { ...before.transport, allow: [peer], staticPeers } }))
  write(bootstrap)
  t.regex(of(await doctor(house.alice), 'bootstrap')[0]!.found, /connected for/)
  write([])
  t.regex(of(await doctor(house.alice), 'bootstrap')[0]!.found, /not connected/)
})

test('a bootstrap peer that is down, and a port that is taken, are problems with a remedy', async (t) => {
  const house = await setUp(t)
  const without = await doctor(house.alice)
  t.is(without.code, 1)
  t.is(of(without, 'bootstrap')[0]!.grade, 'problem')
  t.regex(of(without, 'bootstrap')[0]!.found, /not connected/)
  t.truthy(of(without, 'bootstrap')[0]!.remedy)

  const taker = createServer()
  await new Promise<void>((resolve) => { taker.listen(house.alicePort, '127.0.0.1', resolve) })
  t.teardown(() => taker.close())
  const taken = await doctor(house.alice)
  t.is(of(taken, 'port')[0]!.grade, 'problem')
  t.regex(of(taken, 'port')[0]!.found, /another program listens/)
})

test('a folder that does not exist is not made', async (t) => {
  const folder = join(folderFor(t), 'nowhere')
  const report = await doctor(folder)
  t.is(report.code, 1)
  t.regex(of(report, 'data folder')[0]!.found, /does not exist/)
  t.throws(() => readFileSync(folder), { code: 'ENOENT' })
})

test('a damaged key, keys that others can read, settings and a network file that are wrong: each is named', async (t) => {
  const { alice, network } = await setUp(t)
  const key = join(alice, 'identity.key')
  if (process.platform !== 'win32') {
    chmodSync(key, 0o644)
    t.is(of(await doctor(alice), 'key file')[0]!.grade, 'warning')
  }
  writeFileSync(key, 'no key')
  const settings = join(alice, 'meshwright.json')
  const good = readFileSync(settings, 'utf8')
  writeFileSync(network, readFileSync(network, 'utf8').replace('"strict":false', '"strict":true').replace('"strict": false', '"strict": true'))
  const damaged = await doctor(alice)
  t.is(of(damaged, 'identity')[0]!.grade, 'problem')
  t.regex(of(damaged, 'network file')[0]!.found, /sign/)
  t.is(damaged.code, 1)

  writeFileSync(settings, good.replace('"verilog"', '5').replace('{', '{ "nonsense": 1,'))
  t.regex(of(await doctor(alice), 'settings')[0]!.found, /nonsense/)
})

test('designs that are gone, and another base than the network\'s, are problems', async (t) => {
  const { alice, folder } = await setUp(t)
  rmSync(join(alice, 'designs'), { recursive: true })
  const settings = JSON.parse(readFileSync(join(alice, 'meshwright.json'), 'utf8')) as object
  mkdirSync(join(folder, 'empty'))
  writeFileSync(join(alice, 'meshwright.json'), JSON.stringify({ ...settings, modelFolder: join(folder, 'empty') }))
  const report = await doctor(alice)
  t.is(of(report, 'designs')[0]!.grade, 'problem')
  t.is(of(report, 'base model')[0]!.grade, 'problem')
})

test('old versions of Node and little memory are told', (t) => {
  t.is(examineNode('20.18.3').grade, 'problem')
  t.is(examineNode('20.19.0').grade, 'ok')
  t.is(examineNode('24.1.0').grade, 'ok')
  t.is(examineMemory(2 ** 29, 2 ** 33).grade, 'warning')
  t.is(examineMemory(2 ** 32, 2 ** 33).grade, 'ok')
})

const CONTACTS: Contacts = { reachability: { reach: 'public' }, bootstraps: [], connected: [] }
const only = (contacts: Partial<Contacts>, subject: string): Finding => examineContacts({ ...CONTACTS, ...contacts }).find((finding) => finding.subject === subject)!

test('a clock is compared with the middle of the others, so that one peer\'s wrong clock is not taken for ours', (t) => {
  t.is(only({ connected: [{ skewMs: 40 }, { skewMs: -9e9 }, { skewMs: 100 }] }, 'clock').grade, 'ok')
  t.is(only({ connected: [{ skewMs: 20_000 }] }, 'clock').grade, 'warning')
  t.regex(only({ connected: [{ skewMs: 20_000 }] }, 'clock').found, /20 s behind/)
  t.is(only({ connected: [{ skewMs: -600_000 }, { skewMs: -600_100 }, { skewMs: 0 }] }, 'clock').grade, 'problem')
  t.regex(only({ connected: [{ skewMs: -600_000 }] }, 'clock').found, /10 m 0 s ahead/)
})

test('a bootstrap peer that is down is a warning while others are connected, and a problem else', (t) => {
  const bootstraps = [{ peer: '12D3KooWabcdef', addresses: [], lastError: { message: 'no answer', at: 0 }, nextTryAt: 1 }]
  t.is(only({ bootstraps, connected: [{ skewMs: 0 }] }, 'bootstrap').grade, 'warning')
  t.is(only({ bootstraps }, 'bootstrap').grade, 'problem')
  t.is(only({ reachability: { reach: 'private', relay: '12D3KooWabcdef' } }, 'reachability').grade, 'warning')
})
