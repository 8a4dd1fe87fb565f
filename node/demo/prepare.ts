import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { networkId } from '../../src/config/index.js'
import { foundingClusters, founder, rank } from '../../src/hierarchy/index.js'
import { loadOrCreateIdentity } from '../../src/identity/index.js'

import { readBase } from '../daemon/base-model.js'
import { loadFamilies, loadHouses, modelFolderOf } from '../settings/model-data.js'
import { createNetwork, writeNetwork } from '../settings/network.js'
import { makeOwners, ownersFrom } from '../settings/owners.js'
import { writeSettings } from '../settings/settings.js'
import { writeCompany } from './company-folder.js'
import { demoPolicy, mismatched, planCompanies } from './plan.js'
import type { Company, DemoOptions } from './plan.js'

/** A company with its node's data folder. */
export interface Member extends Company {
  readonly peer: string
  readonly dataFolder: string
  readonly cluster: string
  /** Whether its specifications do not belong to its designs. */
  readonly damaged: boolean
}

export interface Prepared {
  readonly folder: string
  readonly networkFile: string
  readonly members: readonly Member[]
}

/** The folder of a demo. Short, since a socket's path may not be long. */
export function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'meshwright-demo-'))
}

/**
 * Writes what the demo starts from: each company's folder with designs, identity and settings, and a network of these founders, signed by its owner.
 *
 * @param bootstrap - address of the bootstrap peer
 */
export async function prepare(options: DemoOptions, folder: string, bootstrapPeer: string, bootstrapPort: number): Promise<Prepared> {
  const model = modelFolderOf()
  const companies = planCompanies(options, await loadHouses(model), await loadFamilies(model))
  const placed = await Promise.all(companies.map(async (company) => {
    const dataFolder = join(folder, company.name.toLowerCase())
    await mkdir(dataFolder, { recursive: true, mode: 0o700 })
    return { ...company, dataFolder, peer: (await loadOrCreateIdentity(dataFolder, createHash('sha256').update(`demo ${options.seed} ${company.name}`).digest())).peerId }
  }))
  const networkFile = join(folder, 'network.config.json')
  const owners = (await makeOwners(networkFile, 1)).map(({ identity }) => identity)
  const config = createNetwork({
    name: 'demo',
    base: (await readBase(model)).contentId,
    owners: ownersFrom(owners, [], 1),
    signers: owners,
    founders: placed.map(({ peer, domain }) => ({ peer, domain })),
    policy: demoPolicy(options.rounds, [`/ip4/127.0.0.1/tcp/${bootstrapPort}/p2p/${bootstrapPeer}`]),
  })
  await writeNetwork(networkFile, config)

  const clusters = foundingClusters(config.policy.foundingRoster, config.policy.clusterSize, networkId(config.genesis))
  // Last in rank, so that the head that is killed is another one.
  const verilog = clusters.find(({ domain }) => domain === 'verilog')!
  const damagedPeer = rank(verilog.members.map((peer) => founder(peer, 'verilog')), verilog.id).at(-1)
  const members = placed.map((company): Member => ({
    ...company, damaged: company.peer === damagedPeer, cluster: clusters.find(({ members: peers }) => peers.includes(company.peer))!.id,
  }))
  await Promise.all(members.map(async ({ dataFolder, domain, name, pairs, damaged }) => {
    const designs = join(dataFolder, 'designs')
    await writeCompany(designs, damaged ? mismatched(pairs) : pairs)
    await writeSettings(dataFolder, {
      dataFolder: '.', network: networkFile, domain, organisation: name,
      corpus: { folders: ['designs'] },
      transport: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      // All on one machine: one port would not do for them, and nobody asks.
      api: { enabled: false },
      // What is written once with and once without a draft is compared.
      drafts: { history: false },
      log: { format: 'json' },
    })
  }))
  await writeFile(join(folder, 'README.txt'), 'A demo of Meshwright: one folder for each company, with its designs, its node\'s data and its log.\n')
  return { folder, networkFile, members }
}
