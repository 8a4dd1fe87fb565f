import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { loadIdentity, loadOrCreateIdentity, publicKeyOf } from '../../src/identity/index.js'
import { NodeError } from '../errors.js'
import { loadSettings, SETTINGS_FILE } from './settings.js'

export interface Founder {
  readonly peer: string
  readonly domain: string
  readonly organisation?: string
}

/**
 * Founders as a person names them: by the data folder of a node on this machine, or as <peer id>:<domain>[:<organisation>].
 *
 * @throws NodeError SETTINGS_FOUNDER
 */
export function foundersOf(named: readonly string[]): Promise<Founder[]> {
  return Promise.all(named.map(founderOf))
}

/**
 * A bootstrap peer as a person names it: its full address, or <data folder>=<address> for one on this machine, which gets its identity then.
 *
 * @returns the full address
 */
export async function bootstrapOf(named: string): Promise<string> {
  const [, folder, address] = /^([^=]+)=(\/.+)$/.exec(named) ?? []
  if (folder === undefined || address === undefined) return named
  return `${address}/p2p/${(await loadOrCreateIdentity(resolve(folder))).peerId}`
}

/** A peer as a person names it: by its id, or by its data folder on this machine. @throws NodeError SETTINGS_FOUNDER, IdentityError IDENTITY_FILE_MISSING */
export async function peerNamed(named: string): Promise<string> {
  if (named.startsWith('12D3KooW')) return checkedPeer(named)
  return (await loadIdentity(resolve(named))).peerId
}

function checkedPeer(peer: string): string {
  try {
    publicKeyOf(peer)
    return peer
  } catch (error) {
    throw new NodeError('SETTINGS_FOUNDER', `${peer} is no peer id: copy it from \`meshwright init\` or \`meshwright status\` of that node`, { cause: error })
  }
}

async function founderOf(named: string): Promise<Founder> {
  const [, peer, domain, of] = /^(12D3KooW[^:]+):([^:]+)(?::(.+))?$/.exec(named) ?? []
  if (peer !== undefined && domain !== undefined) return { peer: checkedPeer(peer), domain, ...of === undefined ? {} : { organisation: of } }
  const folder = resolve(named)
  if (!existsSync(join(folder, SETTINGS_FILE))) {
    throw new NodeError('SETTINGS_FOUNDER', `the founder "${named}" is neither a node's data folder nor <peer id>:<domain>[:<organisation>]: make the folder with \`meshwright init ${named}\` first`)
  }
  const [{ domain: ownDomain, organisation }, { peerId }] = [await loadSettings(folder), await loadOrCreateIdentity(folder)]
  return { peer: peerId, domain: ownDomain, ...organisation === undefined ? {} : { organisation } }
}
