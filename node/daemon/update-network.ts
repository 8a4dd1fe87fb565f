import type { NodeConfig } from '../../src/config/index.js'
import type { Admission } from '../../src/identity/index.js'
import type { Libp2pTransport } from '../../src/network/index.js'

import { readCredentialFile } from '../settings/credentials.js'
import type { FollowedNetwork, NetworkUpdate } from './followed-network.js'

export interface UpdateParts {
  readonly settings: NodeConfig
  readonly followed: FollowedNetwork
  readonly admission: Admission
  readonly transport: Libp2pTransport
}

/** Reads the network's file and the node's credential again, and parts at once from peers that the new policy shuts out. */
export async function updateNetwork({ settings: { credentialFile }, followed, admission, transport }: UpdateParts): Promise<NetworkUpdate> {
  const credential = credentialFile === undefined ? null : await readCredentialFile(credentialFile)
  const update = await followed.update()
  admission.follow(followed.config)
  transport.showCredential(credential)
  transport.reviewPeers()
  return update
}
