import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import { loadNodeConfig, parseNodeConfig } from '../../src/config/index.js'
import type { NodeConfig } from '../../src/config/index.js'

/** A node's settings lie in its data folder under this name. */
export const SETTINGS_FILE = 'meshwright.json'

/** What the command line lays over the settings' file. */
export interface SettingsOverrides {
  readonly network?: string
  readonly designs?: readonly string[]
  readonly listen?: readonly string[]
  readonly peer?: readonly string[]
  readonly domain?: string
  readonly threads?: number
  readonly logLevel?: string
  readonly apiEnabled?: boolean
  readonly apiHost?: string
  readonly apiPort?: number
  readonly apiKeyFile?: string
  readonly logFormat?: string
}

/** The data folder that a command means. */
export function dataFolderOf(given: string | undefined): string {
  return resolve(given ?? process.env['MESHWRIGHT_DATA'] ?? join(homedir(), '.meshwright'))
}

/**
 * The settings of the node in a data folder. Without a settings file the defaults hold.
 *
 * @throws ConfigError
 */
export async function loadSettings(dataFolder: string, overrides: SettingsOverrides = {}): Promise<NodeConfig> {
  const file = join(dataFolder, SETTINGS_FILE)
  const kept = existsSync(file) ? await loadNodeConfig(file) : parseNodeConfig({}, { source: 'the settings', folder: dataFolder })
  const { network, designs, listen, peer, domain, threads, logLevel, logFormat, apiEnabled, apiHost, apiPort, apiKeyFile } = overrides
  return parseNodeConfig({
    ...kept,
    dataFolder,
    ...given({ network, domain }),
    corpus: { ...kept.corpus, ...given({ folders: designs }) },
    transport: { ...kept.transport, ...given({ listen }), staticPeers: [...new Set([...kept.transport.staticPeers, ...peer ?? []])] },
    api: { ...kept.api, ...given({ enabled: apiEnabled, host: apiHost, port: apiPort, keyFile: apiKeyFile }) },
    training: { ...kept.training, ...given({ threads }) },
    log: { ...kept.log, ...given({ level: logLevel, format: logFormat }) },
  }, { source: 'the command line', folder: process.cwd() })
}

/** Writes a settings file, as small as it can be, so that defaults stay defaults. Its folder is made where it is missing. */
export async function writeSettings(dataFolder: string, settings: Readonly<Record<string, unknown>>): Promise<string> {
  // What cannot be read back must not be written.
  parseNodeConfig(settings, { source: 'the settings', folder: dataFolder })
  const file = join(dataFolder, SETTINGS_FILE)
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  await writeFile(file, `${JSON.stringify(settings, undefined, 2)}\n`, { mode: 0o600, flag: 'w' })
  return file
}

function given<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}
