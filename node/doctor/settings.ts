import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { networkFileOf } from '../../src/config/index.js'
import type { NetworkConfig, NodeConfig } from '../../src/config/index.js'
import { keysInUse, readNetworkKeys, verifyCredential, verifyNetworkConfig } from '../../src/identity/index.js'

import { readCredentialFile } from '../settings/credentials.js'
import { loadVerifiedNetwork } from '../settings/network.js'
import { loadSettings, SETTINGS_FILE } from '../settings/settings.js'
import { examineSecret } from './folder.js'
import { failure, ok, problem, warning } from './finding.js'
import type { Finding } from './finding.js'

export interface Network {
  readonly config: NetworkConfig
  readonly id: string
}

export async function examineSettings(folder: string): Promise<{ readonly findings: readonly Finding[], readonly settings?: NodeConfig }> {
  const file = join(folder, SETTINGS_FILE)
  try {
    const settings = await loadSettings(folder)
    const findings = [existsSync(file) ? ok('settings', `${file} is valid`) : ok('settings', `there is no ${SETTINGS_FILE}: the defaults hold`)]
    const missing = settings.corpus.folders.filter((designs) => !existsSync(designs))
    if (settings.corpus.folders.length === 0) findings.push(warning('designs', 'no folder of designs is named', 'name one under corpus.folders, or start with --designs <folder>'))
    else if (missing.length > 0) findings.push(problem('designs', `${missing.join(', ')} does not exist`, 'correct corpus.folders in the settings'))
    else findings.push(ok('designs', settings.corpus.folders.join(', ')))
    return { findings, settings }
  } catch (error) {
    return { findings: [failure('settings', error, `correct ${file}: docs/reference/configuration.md explains each field`)] }
  }
}

/** @param peer - the node's own, where it has an identity */
export async function examineNetwork(settings: NodeConfig, peer: string | undefined): Promise<{ readonly findings: readonly Finding[], readonly network?: Network }> {
  const file = networkFileOf(settings)
  let network: Network
  try {
    network = await loadVerifiedNetwork(file)
  } catch (error) {
    return { findings: [failure('network file', error, `get the network's file anew from its owners, and name it under "network" in the settings`)] }
  }
  const { genesis, policy } = network.config
  const findings = [ok('network file', `"${genesis.name}" (${network.id.slice(0, 12)}), policy ${policy.version}, signed by its owners`)]
  if (peer !== undefined && policy.revocations.includes(peer)) findings.push(problem('membership', 'the owners have revoked this peer', 'ask the owners of the network'))
  return { findings: [...findings, ...await examineKeys(settings, network, peer)], network }
}

async function examineKeys({ credentialFile, networkKeyFile }: NodeConfig, { config, id }: Network, peer: string | undefined): Promise<Finding[]> {
  const findings: Finding[] = []
  if (networkKeyFile !== undefined) {
    findings.push(...await examineSecret('network key', networkKeyFile))
    try {
      keysInUse(await readNetworkKeys(networkKeyFile), config.policy.keyEpoch, networkKeyFile)
    } catch (error) {
      findings.push(failure('network key', error, 'ask the network\'s owners for the present key file'))
    }
  }
  if (config.policy.membership === 'credential') {
    if (credentialFile === undefined) findings.push(problem('membership', 'the network asks for a credential, and none is named', 'ask the owners for one, and name its file under credentialFile'))
    else if (peer !== undefined) {
      try {
        verifyCredential(await readCredentialFile(credentialFile), { peer, network: id, owners: verifyNetworkConfig(config), now: Date.now() })
        findings.push(ok('membership', 'the credential is valid'))
      } catch (error) {
        findings.push(failure('membership', error, 'ask the owners for a new credential'))
      }
    }
  }
  return findings
}
