import { readCredentialFile } from '../node/settings/credentials.js'
import { loadNetworkConfig, networkId } from '../src/config/index.js'
import { Admission, keysInUse, loadOrCreateIdentity, readNetworkKeys } from '../src/identity/index.js'
import { createLibp2pTransport } from '../src/network/index.js'
import type { Libp2pTransport } from '../src/network/index.js'
import type { Logger } from '../src/telemetry/index.js'

import type { BootstrapOptions } from './options.js'

export interface BootstrapPeer {
  readonly transport: Libp2pTransport
  /** Name and id of the network that it serves. */
  readonly network: { readonly name: string, readonly id: string }
}

/** Relayed connections that one peer may have at once: a cluster, and some more. */
const RELAYED_PER_PEER = 24

/** Peers with which a bootstrap peer connects by itself: the rest come to it. */
const TARGET_PEERS = 4

/**
 * Starts a bootstrap peer: the same stack as a node's, with a lasting identity, a relay for peers that cannot be reached directly, and nothing else.
 *
 * @throws ConfigError, IdentityError, NodeError, TransportError where settings, key, credential or port are not usable
 */
export async function serveBootstrap(options: BootstrapOptions, log: Logger): Promise<BootstrapPeer> {
  const config = await loadNetworkConfig(options.network)
  const admission = new Admission(config, { now: () => Date.now() })
  const { genesis, policy } = config
  const { networkKeyFile, credentialFile } = options
  const identity = await loadOrCreateIdentity(options.data)
  const others = [...policy.bootstrap, ...options.peer].filter((address) => !address.endsWith(`/p2p/${identity.peerId}`))
  const transport = await createLibp2pTransport({
    identity,
    networkId: networkId(genesis),
    genesis,
    admission,
    ...networkKeyFile === undefined ? {} : { networkKeys: keysInUse(await readNetworkKeys(networkKeyFile), policy.keyEpoch, networkKeyFile) },
    ...credentialFile === undefined ? {} : { credential: await readCredentialFile(credentialFile) },
    listen: options.listen,
    announce: options.announce,
    bootstrap: others,
    limits: { maximumConnections: options.maximumConnections, targetPeers: TARGET_PEERS },
    ...options.relay
      ? {
          relay: {
            reservations: options.relayReservations,
            reservationsPerAddress: options.relayReservationsPerAddress,
            connectionsPerPeer: RELAYED_PER_PEER,
            bytes: options.relayMegabytes * 2 ** 20,
            durationMs: options.relayMinutes * 60_000,
          },
        }
      : {},
    software: 'meshwright-bootstrap',
    log,
  })
  return { transport, network: { name: genesis.name, id: networkId(genesis) } }
}
