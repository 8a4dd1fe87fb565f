import { controlAddress } from '../control/address.js'
import { connectControl } from '../control/client.js'
import { codeOf } from '../control/errors.js'
import { NodePartner } from './node-partner.js'
import type { Partner } from './partner.js'

/**
 * The node of a data folder where it runs, else what lies in the folder.
 *
 * @throws StoreError, ModelError and whatever else keeps the folder from being opened
 */
export async function openPartner(folder: string, checker: string | undefined): Promise<Partner> {
  const address = controlAddress(folder)
  if (await isServed(address)) return new NodePartner(address)
  // What a node has in memory already is not loaded here.
  const { openStandalonePartner } = await import('./standalone-partner.js')
  return openStandalonePartner(folder, checker)
}

async function isServed(address: string): Promise<boolean> {
  try {
    const node = await connectControl(address)
    node.close()
    return true
  } catch (error) {
    if (codeOf(error) === 'NODE_NOT_RUNNING') return false
    throw error
  }
}
