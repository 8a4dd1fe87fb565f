import { encodeCanonical, networkConfigSchema, networkId, nodeConfigSchema, parseConfig, parseNodeConfig } from '../../../src/config/index.js'
import { contentId, credentialText, issueCredential, networkKeysText, readCredential, supersedes, verifyCredential, verifyNetworkConfig } from '../../../src/identity/index.js'

import { CONFIG_ID, CONFIG_OWNERS, NETWORK_CONFIG } from '../examples/network.js'
import { PEERS } from '../examples/identities.js'
import { encodeAnyhow } from '../loose-cbor.js'
import { foreignBytes } from '../mutate-bytes.js'
import { foreignText } from '../mutate-text.js'
import { foreignValue } from '../mutate-values.js'
import { must, mustBeSame, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const CREDENTIAL = { peer: PEERS[1]!.peerId, organisation: 'a company', expires: 1_900_000_000_000 }
const ISSUED = issueCredential(PEERS.slice(0, 1), CONFIG_ID, CREDENTIAL)
const SIGNED = PEERS[0]!.sign(new Uint8Array(0))

const credential = surface({
  name: 'credential',
  from: 'a peer',
  make: (draw) => draw.chance(0.5) ? foreignBytes(ISSUED, draw) : encodeAnyhow(foreignValue([CREDENTIAL, [[PEERS[0]!.publicKey, SIGNED]]], draw), draw),
  feed: (bytes) => {
    const read = readCredential(bytes, CONFIG_ID, CONFIG_OWNERS)
    mustBeSame(credentialText.decode(credentialText.encode(bytes)), bytes)
    if (read.signers.length > 0) must(read.credential.expires === CREDENTIAL.expires && read.credential.organisation === CREDENTIAL.organisation, 'an owner\'s signature holds under what it never signed')
    verifyCredential(bytes, { peer: CREDENTIAL.peer, network: CONFIG_ID, owners: CONFIG_OWNERS, now: 1_800_000_000_000 })
    must(read.signers.length > 0, 'a credential without a signature lets a peer in')
  },
})

const credentialFile = surface({
  name: 'credential-text',
  from: 'a user',
  make: (draw) => foreignText([credentialText.encode(ISSUED)], ['=', '+', '/', '-', '_', ' ', '\n', 'A', '{', 'ä'], draw),
  feed: (text) => { credentialText.decode(credentialText.encode(credentialText.decode(text))) },
})

const KEYS = networkKeysText.encode(new Map([[3, new Uint8Array(32).fill(7)], [4, new Uint8Array(32).fill(8)]]))

const networkKeys = surface({
  name: 'network-keys',
  from: 'a user',
  make: (draw) => foreignText([KEYS, '0f'.repeat(32), KEYS.toUpperCase()], ['\n', ' ', '\t', '0', '-1', '1e3', '999999999999999', 'f'.repeat(64), 'g', '\r'], draw),
  feed: (text) => {
    const keys = networkKeysText.decode(text, 'the file')
    must([...keys].every(([epoch, key]) => Number.isSafeInteger(epoch) && key.length === 32), 'a key of another length or epoch')
    const again = networkKeysText.decode(networkKeysText.encode(keys), 'the file')
    must(networkKeysText.encode(again) === networkKeysText.encode(keys), 'keys are written otherwise than they are read')
  },
})

const networkConfig = surface({
  name: 'network-config',
  from: 'a user',
  make: (draw) => foreignValue(NETWORK_CONFIG, draw),
  feed: (value) => {
    const config = parseConfig(networkConfigSchema, value, 'network.config.json')
    must(contentId(encodeCanonical(config, { fractions: true })).length === 64 && networkId(config.genesis).length === 64, 'a network without an id')
    verifyNetworkConfig(config)
    if (networkId(config.genesis) === CONFIG_ID) mustBeSame(encodeCanonical(config.policy, { fractions: true }), encodeCanonical(NETWORK_CONFIG.policy, { fractions: true }))
    must(!supersedes(config, NETWORK_CONFIG), 'a policy that the owners did not sign replaces theirs')
  },
})

const SETTINGS = {
  dataFolder: 'data', network: 'house.config.json', networkKeyFile: 'house.key', previousKeyHours: 12, credentialFile: 'a.credential', domain: 'verilog', organisation: 'a company',
  modelFolder: 'model', corpus: { folders: ['designs'], exclude: ['vendor/**'] }, metrics: [{ name: 'mine', module: 'mine.mjs', weight: 2 }],
  transport: { listen: ['/ip4/127.0.0.1/tcp/4101'], announce: [], staticPeers: [], allow: [PEERS[0]!.peerId], maximumConnections: 64 },
  api: { enabled: true, host: '127.0.0.1', port: 0 }, training: { threads: 1 }, checkers: { workers: 1 }, log: { level: 'info', format: 'json' },
}

const nodeSettings = surface({
  name: 'node-settings',
  from: 'a user',
  make: (draw) => foreignValue(SETTINGS, draw),
  feed: (value) => {
    const config = parseNodeConfig(value, { source: 'meshwright.json', folder: '/data' })
    must(nodeConfigSchema.safeParse(config).success, 'settings that were taken cannot be read again')
  },
})

/** What lies in a folder as JSON: also what `JSON.parse` takes and no mutation of values makes. */
const settingsText = surface({
  name: 'settings-text',
  from: 'a user',
  signals: [SyntaxError],
  make: (draw) => foreignText([JSON.stringify(SETTINGS), JSON.stringify(NETWORK_CONFIG)], ['{', '}', '[', ']', '"', ',', ':', '0', '-', 'e9', '\\', 'null', '{"a":', '[[', '"__proto__":', '\n'], draw),
  feed: (text) => { parseNodeConfig(JSON.parse(text), { source: 'meshwright.json', folder: '/data' }) },
})

export const networkFileSurfaces: readonly Surface[] = [credential, credentialFile, networkKeys, networkConfig, nodeSettings, settingsText]
