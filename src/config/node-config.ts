import { availableParallelism, homedir } from 'node:os'
import { join } from 'node:path'

import { z } from 'zod'

import { addressField, between, contentIdField, distinct, domainField, flag, originField, peerAddressField, peerIdField, text, whole } from './fields.js'

const path = (what: string): z.ZodString => text(`the path of ${what}`, 4096)

const paths = (what: string): z.ZodDefault<z.ZodArray<z.ZodString>> => z.array(path(what), { error: `list paths of ${what}` }).max(1000).default([])

/** A node's own settings. Every field has a default, so an empty object is a node that works. Relative paths are meant from the file's folder. */
export const nodeConfigSchema = z.strictObject({
  /** Where key, state, checkpoints and the audit trail live. One node a folder. */
  dataFolder: path('the data folder').default(join(homedir(), '.meshwright')),
  /** 'testnet' for the network that ships with this version, or the path of a network.config.json. */
  network: path('a network.config.json, or "testnet"').default('testnet'),
  /** A file with the keys of a private network. */
  networkKeyFile: path('the network key\'s file').optional(),
  /** For so long after a new policy renews the network key, peers that still use the key before are let in; hours. */
  previousKeyHours: whole(0, 720, 'hours').default(24),
  /** The owners' credential for this peer, where the network asks for one. */
  credentialFile: path('the credential').optional(),
  /** Clusters are formed by domain: 'verilog', 'qasm' or a tag of one's own. */
  domain: domainField.default('verilog'),
  /** Whose node this is; written into a network that is made with this folder as a founder. */
  organisation: text('the organisation\'s name', 64).optional(),
  /** The base model's folder; without it, the one that ships. */
  modelFolder: path('the base model').optional(),
  corpus: z.strictObject({
    /** Folders with one's own designs. They are read, never changed, and nothing of them leaves the machine. */
    folders: paths('folders with designs'),
    /** Glob patterns to leave out, for example "vendor/**". */
    exclude: z.array(text('a glob pattern', 1000)).max(1000).default([]),
  }).prefault({}),
  /** Modules with the user's own metrics, for the personal model. */
  metrics: z.array(z.strictObject({
    name: text('the metric\'s name', 64),
    module: path('the metric\'s module'),
    weight: between(0, 1000).default(1),
    /** SHA-256 of the module's file; another file is refused where this is given. */
    hash: contentIdField.optional(),
  })).max(32, { error: 'list at most 32 metrics' }).refine((metrics) => distinct(metrics.map(({ name }) => name)), { error: 'give every metric a name of its own' }).default([]),
  transport: z.strictObject({
    /** Empty for a node that only dials, behind a firewall that lets nothing in. */
    listen: z.array(addressField).max(16).default(['/ip4/0.0.0.0/tcp/4101']),
    /** Addresses to tell others instead, behind a NAT or a load balancer. */
    announce: z.array(addressField).max(16).default([]),
    /** Peers that are dialled besides the policy's bootstrap addresses. */
    staticPeers: z.array(peerAddressField).max(256).default([]),
    /** The only peers to connect to, by their ids, besides the static ones; without it, all peers of the network. */
    allow: z.array(peerIdField).min(1, { error: 'list at least one peer id, or leave the field out to let all peers of the network in' }).max(4096, { error: 'list at most 4096 peers' }).optional(),
    maximumConnections: whole(4, 10_000).default(128),
    /** Of these, inbound ones from one IP address; without it, half. */
    connectionsPerAddress: whole(1, 10_000).optional(),
    /** MiB of content a second that are served to one peer; without it, as fast as it goes. */
    servedMegabytesPerSecond: between(0.01, 100_000).optional(),
  }).prefault({}),
  api: z.strictObject({
    enabled: flag.default(true),
    host: text('a host name or an IP address').default('127.0.0.1'),
    port: whole(0, 65_535, 'a port (0 = any free one)').default(4180),
    /** A file with the keys that clients must send, one a line; without one, the API listens on loopback only. */
    keyFile: path('the API key\'s file').optional(),
    /** Clients may load adapters from folders in here; without it, from nowhere. */
    adapterFolder: path('the folder with adapters').optional(),
    /** A longer request is refused. */
    bodyLimitBytes: whole(1024, 64 << 20, 'bytes').default(1 << 20),
    /** Texts that wait to be written; who comes then is asked to come later. */
    queueLimit: whole(64, 100_000).default(256),
    /** Threads that write side by side where many texts are asked for, each with the model in memory. By default one for each processor core, up to 4. */
    writers: whole(1, 64).default(() => Math.min(4, availableParallelism())),
    /** Origins of web pages that may use the API from a browser. */
    corsOrigins: z.array(originField).max(100, { error: 'list at most 100 origins' }).default([]),
  }).prefault({}),
  training: z.strictObject({
    enabled: flag.default(true),
    threads: whole(1, 1024).default(1),
  }).prefault({}),
  personal: z.strictObject({
    /** Whether the personal model follows the network after each round, where the machine has time for it. */
    refresh: flag.default(true),
  }).prefault({}),
  drafts: z.strictObject({
    /** Whether drafts learn from what the node has written for its users, too; it is kept in the data folder. */
    history: flag.default(true),
    /** Whether a small draft is distilled from the personal model, where the base is large enough for it to pay. */
    trained: flag.default(true),
  }).prefault({}),
  checkers: z.strictObject({
    workers: whole(1, 256).default(1),
    timeoutMs: whole(100, 600_000, 'milliseconds').default(10_000),
  }).prefault({}),
  log: z.strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error'], { error: 'write debug, info, warn or error' }).default('info'),
    format: z.enum(['human', 'json'], { error: 'write human or json' }).default('human'),
  }).prefault({}),
}).refine(({ api }) => !api.enabled || api.keyFile !== undefined || isLoopback(api.host), {
  path: ['api', 'host'],
  error: 'write 127.0.0.1, or set api.keyFile: without a key, anyone who reaches the port could use the model',
})

export type NodeConfig = z.infer<typeof nodeConfigSchema>

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
