import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import test from 'ava'

import { folderFor, meshwright, startMeshwright, succeed, testNetwork } from './house.js'

const start = (folder: string, ...more: string[]) => meshwright(['start', '--data', folder, ...more])

test.serial('a base with a missing, truncated or foreign file stops the start with its code', async (t) => {
  const folder = folderFor(t)
  const alice = (await testNetwork(folder, ['alice'])).get('alice')!.folder
  const weights = join(folder, 'model', 'model.safetensors')
  const kept = readFileSync(weights)

  writeFileSync(weights, Buffer.concat([kept.subarray(0, -4), Buffer.from([1, 2, 3, 4])]))
  const other = await start(alice)
  t.is(other.code, 1)
  t.regex(other.stderr, /error BASE_MISMATCH: .*set modelFolder/)

  truncateSync(weights, Math.floor(kept.length / 2))
  const truncated = await start(alice)
  t.is(truncated.code, 1)
  t.regex(truncated.stderr, /error MODEL_FILE_INVALID/)

  rmSync(weights)
  const missing = await start(alice)
  t.is(missing.code, 1)
  t.regex(missing.stderr, /error MODEL_FILE_MISSING/)
})

test.serial('a node without designs, or with none that parses, says so and ends', async (t) => {
  const alice = (await testNetwork(folderFor(t), ['alice'])).get('alice')!.folder
  const designs = join(alice, 'designs')
  for (const name of readdirSync(designs)) writeFileSync(join(designs, name), 'module broken(\n')
  const broken = await start(alice)
  t.is(broken.code, 1)
  t.regex(broken.stderr, /error CORPUS_/)

  for (const name of readdirSync(designs)) rmSync(join(designs, name))
  const empty = await start(alice)
  t.is(empty.code, 1)
  t.regex(empty.stderr, /error CORPUS_EMPTY/)

  const settings = join(alice, 'meshwright.json')
  writeFileSync(settings, JSON.stringify({ ...JSON.parse(readFileSync(settings, 'utf8')) as object, corpus: {} }))
  const none = await start(alice)
  t.is(none.code, 2)
  t.regex(none.stderr, /error SETTINGS_NO_DESIGNS: .*--designs/)
})

test.serial('a metric that is not the agreed one, or cannot be read, and a pattern that is none stop the start and say what to do', async (t) => {
  const alice = (await testNetwork(folderFor(t), ['alice'])).get('alice')!.folder
  const settings = join(alice, 'meshwright.json')
  const kept = JSON.parse(readFileSync(settings, 'utf8')) as { corpus: object }
  const metric = { name: 'mine', module: 'mine.mjs' }
  writeFileSync(join(alice, 'mine.mjs'), 'export const score = () => 1')
  for (const [change, error] of [
    [{ metrics: [{ ...metric, hash: '0'.repeat(64) }] }, /error METRIC_HASH_MISMATCH: .*mine\.mjs.*put the new hash into the settings/],
    [{ metrics: [{ ...metric, module: 'elsewhere.mjs' }] }, /error METRIC_MODULE_UNREADABLE: .*elsewhere\.mjs/],
    [{ corpus: { ...kept.corpus, exclude: ['vendor/{a'] } }, /error CORPUS_PATTERN_INVALID: .*vendor/],
  ] as const) {
    writeFileSync(settings, JSON.stringify({ ...kept, ...change }))
    const { code, stderr } = await start(alice)
    t.is(code, 2)
    t.regex(stderr, error)
  }
})

test.serial('designs of another domain than the node\'s are refused with what to change', async (t) => {
  const alice = (await testNetwork(folderFor(t), ['alice'])).get('alice')!.folder
  const { code, stderr } = await start(alice, '--domain', 'qasm')
  t.is(code, 1)
  t.regex(stderr, /error DOMAIN_WITHOUT_DESIGNS/)
})

test.serial('a port in use is named', async (t) => {
  const { folder, port } = (await testNetwork(folderFor(t), ['alice'])).get('alice')!
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(port, '127.0.0.1', resolve) })
  const { code, stderr } = await start(folder)
  t.is(code, 1)
  t.regex(stderr, new RegExp(`error LISTEN_ADDRESS_IN_USE: .*${port}`))
  server.close()
})

test.serial('a network file that is missing, damaged or signed by somebody else is refused', async (t) => {
  const folder = folderFor(t)
  const alice = (await testNetwork(folder, ['alice'])).get('alice')!.folder
  const file = join(folder, 'network.config.json')
  const kept = readFileSync(file, 'utf8')
  const changed = JSON.parse(kept) as { policy: { clusterSize: number } }
  changed.policy.clusterSize = 7
  for (const [content, code] of [[JSON.stringify(changed), 'OWNERS_SIGNATURES_TOO_FEW'], [kept.slice(0, 500), 'CONFIG_NOT_JSON'], ['{}', 'CONFIG_INVALID']] as const) {
    writeFileSync(file, content)
    const ended = await start(alice)
    t.is(ended.code, 2)
    t.regex(ended.stderr, new RegExp(`error ${code}: `))
  }
  rmSync(file)
  t.regex((await start(alice)).stderr, /error CONFIG_FILE_MISSING/)
})

test.serial('a data folder that cannot be written to is named', async (t) => {
  const folder = folderFor(t)
  const file = join(folder, 'file')
  writeFileSync(file, 'no folder')
  await testNetwork(folder, ['alice'])
  const { code, stderr } = await start(join(file, 'data'), '--network', join(folder, 'network.config.json'), '--designs', join(folder, 'alice', 'designs'))
  t.is(code, 1)
  t.regex(stderr, /error STORE_UNWRITABLE/)
})

test.serial('a folder has one node, and corrupted state is moved aside, told and rebuilt', async (t) => {
  const { folder } = (await testNetwork(folderFor(t), ['alice'])).get('alice')!
  const first = startMeshwright(t, ['start', '--data', folder])
  await first.says('round finished')
  const second = await start(folder)
  t.is(second.code, 1)
  t.regex(second.stderr, /error STORE_IN_USE/)
  first.process.kill('SIGTERM')
  t.is(await first.ended, 0)

  for (const name of ['designs', 'optimiser', 'adapter-network']) writeFileSync(join(folder, 'state', `${name}.cbor`), 'damaged')
  const again = startMeshwright(t, ['start', '--data', folder])
  await again.says('round finished')
  t.regex(again.log(), /STATE_CORRUPTED/)
  t.true(readdirSync(join(folder, 'corrupted')).length >= 3)
  t.regex(await succeed(['status', '--data', folder]), /in rounds/)
})

test.serial('a peer of another network is refused by both, and both stay up', async (t) => {
  const one = (await testNetwork(folderFor(t), ['alice'])).get('alice')!
  const other = (await testNetwork(folderFor(t), ['mallory'])).get('mallory')!
  const alice = startMeshwright(t, ['start', '--data', one.folder])
  await alice.says('the node is running')
  const { peer } = JSON.parse(await succeed(['status', '--data', one.folder, '--json'])) as { peer: string }
  const mallory = startMeshwright(t, ['start', '--data', other.folder, '--peer', `/ip4/127.0.0.1/tcp/${one.port}/p2p/${peer}`])
  await mallory.says('the node is running')
  await mallory.says('refused')
  const status = JSON.parse(await succeed(['status', '--data', other.folder, '--json'])) as { refused: { reason: string }[], connected: unknown[] }
  t.deepEqual(status.connected, [])
  t.regex(status.refused[0]!.reason, /genesis|network|owners/)
  t.regex(await succeed(['status', '--data', one.folder]), /in rounds/)
})
