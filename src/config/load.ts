import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'

import { ConfigError } from './errors.js'
import { networkConfigSchema } from './network-config.js'
import type { NetworkConfig } from './network-config.js'
import { nodeConfigSchema } from './node-config.js'
import type { NodeConfig } from './node-config.js'
import { findPackageRoot } from './package-root.js'
import { parseConfig } from './parse.js'

/**
 * Reads a network.config.json. Its signatures are not checked here: see `verifyNetworkConfig` of identity.
 *
 * @throws ConfigError CONFIG_FILE_MISSING, CONFIG_FILE_UNREADABLE, CONFIG_NOT_JSON, CONFIG_INVALID
 */
export async function loadNetworkConfig(path: string): Promise<NetworkConfig> {
  return parseConfig(networkConfigSchema, await readJson(path), path)
}

/**
 * Reads a node's settings; paths in them come back absolute.
 *
 * @throws ConfigError CONFIG_FILE_MISSING, CONFIG_FILE_UNREADABLE, CONFIG_NOT_JSON, CONFIG_INVALID
 */
export async function loadNodeConfig(path: string): Promise<NodeConfig> {
  return parseNodeConfig(await readJson(path), { source: path, folder: dirname(resolve(path)) })
}

/**
 * Settings from a value, such as a file's content with the command line's options laid over it.
 *
 * @param folder - where relative paths start
 * @throws ConfigError CONFIG_INVALID
 */
export function parseNodeConfig(value: unknown, { source, folder }: { readonly source: string, readonly folder: string }): NodeConfig {
  const config = parseConfig(nodeConfigSchema, value, source)
  const absolute = (path: string): string => isAbsolute(path) ? path : join(folder, path)
  const { networkKeyFile, credentialFile, modelFolder } = config
  return {
    ...config,
    dataFolder: absolute(config.dataFolder),
    network: config.network === 'testnet' ? config.network : absolute(config.network),
    ...networkKeyFile === undefined ? {} : { networkKeyFile: absolute(networkKeyFile) },
    ...credentialFile === undefined ? {} : { credentialFile: absolute(credentialFile) },
    ...modelFolder === undefined ? {} : { modelFolder: absolute(modelFolder) },
    corpus: { ...config.corpus, folders: config.corpus.folders.map(absolute) },
    metrics: config.metrics.map((metric) => ({ ...metric, module: absolute(metric.module) })),
    api: {
      ...config.api,
      ...config.api.keyFile === undefined ? {} : { keyFile: absolute(config.api.keyFile) },
      ...config.api.adapterFolder === undefined ? {} : { adapterFolder: absolute(config.api.adapterFolder) },
    },
  }
}

/** The network.config.json that a node's settings mean: the shipped one for 'testnet'. */
export function networkFileOf(config: NodeConfig): string {
  return config.network === 'testnet' ? join(findPackageRoot(), 'network.config.json') : config.network
}

async function readJson(path: string): Promise<unknown> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw reason === 'ENOENT'
      ? new ConfigError('CONFIG_FILE_MISSING', `there is no ${path}: check the path, or make the file first`, [], { cause: error })
      : new ConfigError('CONFIG_FILE_UNREADABLE', `${path} cannot be read (${reason}): give this user the right to read it`, [], { cause: error })
  }
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new ConfigError('CONFIG_NOT_JSON', `${path} is no valid JSON ${whereIn(content, error)}: mend that place (trailing commas and comments are not allowed)`, [], { cause: error })
  }
}

function whereIn(content: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const position = /position (\d+)/.exec(message)?.[1]
  const before = content.slice(0, position === undefined ? content.length : Number(position)).split('\n')
  return `at line ${before.length}, column ${before.at(-1)!.length + 1}`
}
