import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import test from 'ava'

import {
  ADAPTER_TARGETS, ConfigError, DEFAULT_POLICY, findPackageRoot, loadNetworkConfig, loadNodeConfig, networkConfigSchema, networkFileOf, networkId, parseConfig, parseNodeConfig,
} from '../../src/config/index.js'
import type { NetworkConfig } from '../../src/config/index.js'

const network: NetworkConfig = {
  genesis: {
    name: 'test',
    base: 'ab'.repeat(32),
    adapter: { rank: 16, alpha: 32, targets: [...ADAPTER_TARGETS] },
    codec: 'sign-block64-1',
    owners: { keys: ['cd'.repeat(32)], threshold: 1 },
  },
  policy: DEFAULT_POLICY,
  signatures: [],
}

async function file(t: ExecutionContext, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'meshwright-config-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'config.json'), content)
  return join(folder, 'config.json')
}

/** The network's configuration as JSON with one field changed. */
function changed(path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(network) as unknown
  let at = copy
  for (const key of path.slice(0, -1)) at = Reflect.get(at as object, key)
  Reflect.set(at as object, path.at(-1)!, value)
  return copy
}

test('a network\'s configuration is read as it was written', async (t) => {
  t.deepEqual(await loadNetworkConfig(await file(t, JSON.stringify(network))), network)
})

const wrong: readonly [readonly string[], unknown, RegExp][] = [
  [['genesis', 'base'], 'xyz', /genesis\.base is "xyz": write a SHA-256: 64 lowercase hex digits/],
  [['genesis', 'adapter', 'rank'], 0, /genesis\.adapter\.rank is 0: write a whole number from 1 to 1024/],
  [['genesis', 'adapter', 'targets'], ['q_proj', 'x'], /genesis\.adapter\.targets\[1\] is "x": write one of q_proj/],
  [['genesis', 'codec'], 'other', /genesis\.codec is "other": write "sign-block64-1"/],
  [['genesis', 'owners', 'threshold'], 2, /genesis\.owners\.threshold is 2: .*not above the number of keys/],
  [['policy', 'clusterSize'], 2.5, /policy\.clusterSize is 2\.5: write a whole number/],
  [['policy', 'clusterMinimum'], 9, /policy\.clusterMinimum is 9: .*not above clusterSize/],
  [['policy', 'roundSteps'], { min: 5, target: 4, max: 9 }, /policy\.roundSteps\.min is 5: /],
  [['policy', 'strict'], 'yes', /policy\.strict is "yes": write true or false/],
  [['policy', 'bootstrap'], ['/ip4/1.2.3.4/tcp/1'], /policy\.bootstrap\[0\] is .*: write a multiaddr that ends in \/p2p\//],
  [['policy', 'foundingRoster'], [{ peer: 'peer', domain: 'verilog' }], /policy\.foundingRoster\[0\]\.peer is "peer": write a peer id/],
  [['policy', 'learning'], null, /policy\.learning is null: write an object in braces/],
  [['policy', 'learning', 'rat'], 1, /policy\.learning\.rat is 1: no such field is known, did you mean policy\.learning\.rate\?/],
  [['policy', 'entirelyUnknown'], 1, /policy\.entirelyUnknown is 1: no such field is known, remove it/],
  [['policy', 'heartbeatMs'], undefined, /policy\.heartbeatMs is missing: write milliseconds from 100/],
  [['signatures'], [{ key: 'a', signature: 'b' }], /signatures\[0\]\.key is "a"/],
]
for (const [path, value, message] of wrong) {
  test(`${path.join('.')} = ${JSON.stringify(value)} is refused with the field, its value and what to write`, (t) => {
    const error = t.throws(() => parseConfig(networkConfigSchema, changed(path, value), 'network.config.json'), { instanceOf: ConfigError, code: 'CONFIG_INVALID' })
    t.regex(error.message, message)
    t.true(error.problems.length >= 1)
  })
}

test('several problems are listed together, and a flood of them is cut', (t) => {
  const error = t.throws(() => parseConfig(networkConfigSchema, { genesis: {}, policy: {}, signatures: 1, more: 2 }, 'a file'), { instanceOf: ConfigError })
  t.true(error.problems.length > 8)
  t.regex(error.message, /and \d+ more$/)
  t.regex(t.throws(() => parseConfig(networkConfigSchema, 5, 'a file'), { instanceOf: ConfigError }).message, /the file is 5: write an object/)
})

test('the network\'s id is that of its genesis alone, whatever the order of its fields', (t) => {
  const { name, ...rest } = network.genesis
  t.is(networkId({ ...rest, name }), networkId(network.genesis))
  t.not(networkId({ ...network.genesis, name: 'other' }), networkId(network.genesis))
  // Fixed: a change of the encoding would split every network.
  t.is(networkId(network.genesis), '15e468e1c843b137084096627f167c84f507995017698736c657f6d0d4aea470')
})

test('a file that is missing, cannot be read or is no JSON is reported with what to do', async (t) => {
  await t.throwsAsync(loadNetworkConfig('/nowhere/network.config.json'), { instanceOf: ConfigError, code: 'CONFIG_FILE_MISSING', message: /\/nowhere\/network\.config\.json/ })
  await t.throwsAsync(loadNetworkConfig(tmpdir()), { instanceOf: ConfigError, code: 'CONFIG_FILE_UNREADABLE' })
  await t.throwsAsync(loadNodeConfig(await file(t, '{\n  "domain": "qasm",\n}')), { instanceOf: ConfigError, code: 'CONFIG_NOT_JSON', message: /line 3, column 1/ })
})

test('an empty file is a node with defaults', async (t) => {
  const config = await loadNodeConfig(await file(t, '{}'))
  t.like(config, { network: 'testnet', domain: 'verilog', corpus: { folders: [], exclude: [] }, api: { host: '127.0.0.1', enabled: true }, log: { level: 'info' } })
  t.is(networkFileOf(config), join(findPackageRoot(), 'network.config.json'))
})

test('relative paths start at the file\'s folder, and absolute ones stay', (t) => {
  const config = parseNodeConfig({
    dataFolder: 'data', network: '../net.json', corpus: { folders: ['rtl', '/abs'] }, metrics: [{ name: 'm', module: 'metric.mjs' }], api: { keyFile: 'key' },
  }, { source: 'node.config.json', folder: '/etc/meshwright' })
  t.is(config.dataFolder, '/etc/meshwright/data')
  t.is(networkFileOf(config), '/etc/net.json')
  t.deepEqual(config.corpus.folders, ['/etc/meshwright/rtl', '/abs'])
  t.like(config.metrics[0], { module: '/etc/meshwright/metric.mjs', weight: 1 })
  t.is(config.api.keyFile, '/etc/meshwright/key')
})

const wrongNode: readonly [unknown, RegExp][] = [
  [{ api: { port: 99_999 } }, /api\.port is 99999: write a port \(0 = any free one\) from 0 to 65535/],
  [{ api: { host: '0.0.0.0' } }, /api\.host is "0\.0\.0\.0": .*api\.keyFile/],
  [{ domain: 'Verilog HDL' }, /domain is "Verilog HDL": write a domain tag/],
  [{ transport: { allow: [] } }, /transport\.allow is \[\]: list at least one peer id, or leave the field out/],
  [{ transport: { allow: ['alice'] } }, /transport\.allow\[0\] is "alice": write a peer id/],
  [{ previousKeyHours: 1000 }, /previousKeyHours is 1000: write hours from 0 to 720/],
  [{ transport: { listen: ['4101'] } }, /transport\.listen\[0\] is "4101": write a multiaddr/],
  [{ transport: { listne: [] } }, /did you mean transport\.listen\?/],
  [{ metrics: [{ name: 'm', module: 'a' }, { name: 'm', module: 'b' }] }, /metrics is .*a name of its own/],
  [{ log: { level: 'loud' } }, /log\.level is "loud": write debug, info, warn or error/],
]
for (const [value, message] of wrongNode) {
  test(`a node's settings ${JSON.stringify(value)} are refused with what to write`, (t) => {
    const error = t.throws(() => parseNodeConfig(value, { source: 'node.config.json', folder: '/' }), { instanceOf: ConfigError, code: 'CONFIG_INVALID' })
    t.regex(error.message, message)
  })
}

test('an API that others can reach is allowed with a key, or when it is off', (t) => {
  for (const api of [{ host: '0.0.0.0', keyFile: 'key' }, { host: '0.0.0.0', enabled: false }, { host: '::1' }]) {
    t.notThrows(() => parseNodeConfig({ api }, { source: 'x', folder: '/' }))
  }
})

test('the package\'s own folder is found', async (t) => {
  t.regex(await readFile(join(findPackageRoot(), 'package.json'), 'utf8'), /"name": "meshwright"/)
})

test('a node may listen nowhere, and let in some peers only', (t) => {
  const allow = ['12D3KooWGQL87Q9qDEp4Bd5uXrp5QJin7wscZHVLJADf5USDaGPV']
  const { transport } = parseNodeConfig({ transport: { listen: [], allow } }, { source: 'x', folder: '/' })
  t.deepEqual(transport.listen, [])
  t.deepEqual(transport.allow, allow)
})

test('a value that is nested deeper than can be shown is refused like any other', (t) => {
  const value: unknown = JSON.parse(`{"api":{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`)
  t.throws(() => parseNodeConfig(value, { source: 'x', folder: '/' }), { code: 'CONFIG_INVALID', message: /api\.x is a value that is nested too deep/ })
})
