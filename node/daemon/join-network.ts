// First of all: libp2p needs what the network's door brings.
import { createLibp2pTransport } from '../../src/network/index.js'
import type { Libp2pTransport } from '../../src/network/index.js'
import type { NodeConfig } from '../../src/config/index.js'
import { credentialClaim, keysInUse, readNetworkKeys } from '../../src/identity/index.js'
import type { Admission, Identity } from '../../src/identity/index.js'
import { createPeer } from '../../src/rounds/index.js'
import type { Auditor, Learner, OwnMetric, Peer } from '../../src/rounds/index.js'
import type { Store } from '../../src/store/index.js'
import { systemClock } from '../../src/telemetry/index.js'
import type { Clock, Logger } from '../../src/telemetry/index.js'

import { admissionOf } from '../settings/admission.js'
import { readCredentialFile } from '../settings/credentials.js'
import type { FollowedNetwork } from './followed-network.js'
import type { Ledger } from './ledger/ledger.js'
import type { Life } from './life.js'

/** A credential that ends within so long is told of; milliseconds. */
const EXPIRY_NOTICE = 14 * 86_400_000

/** What stands between the peer and the transport, and counts. */
export type NetworkLedger = Pick<Ledger, 'watch' | 'followWire' | 'traffic' | 'onServed' | 'onSentLater'>

interface TransportParts {
  readonly settings: NodeConfig
  readonly followed: FollowedNetwork
  readonly identity: Identity
  readonly ledger: NetworkLedger
  readonly log: Logger
  /** Default the machine's. */
  readonly clock?: Clock
  /** Milliseconds since 1970, to compare with others'; default the machine's. */
  readonly wallTime?: () => number
}

export interface NetworkParts extends TransportParts {
  readonly store: Store
  readonly life: Life
  /** From which the network starts. */
  readonly adapter: Float32Array
  /** The two that may need a model; nothing else here does. */
  readonly learner: Learner
  readonly auditor: Auditor
  readonly ownMetric?: OwnMetric
}

/** A node's place in its network. */
export interface JoinedNetwork {
  readonly admission: Admission
  readonly transport: Libp2pTransport
  /** Not yet started. */
  readonly peer: Peer
}

/** Connects a node and makes it a peer of the rounds; everything that it says and shows passes its ledger. */
export async function joinNetwork(parts: NetworkParts): Promise<JoinedNetwork> {
  const { settings, followed, identity, ledger, life, store, adapter, learner, auditor, ownMetric, clock = systemClock } = parts
  const admission = admissionOf(settings, followed.config)
  const credential = settings.credentialFile === undefined ? null : await readCredentialFile(settings.credentialFile)
  const transport = await createTransport(parts, admission, credential)
  life.atEnd('transport', () => transport.stop())
  ledger.followWire(() => transport.traffic())
  const peer = createPeer({
    identity, store, adapter, auditor,
    policy: followed.config.policy,
    policies: followed.policies,
    network: followed.id,
    domain: settings.domain,
    credential,
    checkCredential: (peer, shown) => admission.checkCredential(peer, shown),
    transport: ledger.watch(transport),
    clock,
    learner: life.pausing(learner),
    traffic: () => ledger.traffic(),
    ...ownMetric === undefined ? {} : { ownMetric },
  })
  // A cluster's messages run along connections between its members only: in a large network a few chance ones might leave some out.
  const stayWith = ({ members }: { readonly members: readonly string[] }): void => transport.keepConnected(members.filter((member) => member !== identity.peerId))
  peer.events.on('cluster:formed', stayWith)
  peer.events.on('record:committed', stayWith)
  peer.events.on('policy:taken', () => {
    admission.follow(followed.config)
    transport.reviewPeers()
  })
  return { admission, transport, peer }
}

async function createTransport({ settings, followed, identity, ledger, log, clock = systemClock, wallTime = Date.now }: TransportParts, admission: Admission, credential: Uint8Array | null): Promise<Libp2pTransport> {
  const { networkKeyFile, previousKeyHours, transport: { listen, announce, staticPeers, maximumConnections, connectionsPerAddress, servedMegabytesPerSecond } } = settings
  const { config: { genesis, policy }, id, keyEpochSince } = followed
  warnOfOwnCredential(admission, identity.peerId, credential, log)
  return createLibp2pTransport({
    identity, genesis, listen, announce, staticPeers, log, admission,
    networkId: id,
    bootstrap: policy.bootstrap,
    clock,
    wallTime,
    limits: {
      maximumConnections,
      ...connectionsPerAddress === undefined ? {} : { connectionsPerAddress },
      ...servedMegabytesPerSecond === undefined ? {} : { servedBytesPerSecond: servedMegabytesPerSecond * 2 ** 20 },
    },
    onServed: ledger.onServed,
    onSentLater: ledger.onSentLater,
    ...networkKeyFile === undefined
      ? {}
      : {
          networkKeys: keysInUse(await readNetworkKeys(networkKeyFile), policy.keyEpoch, networkKeyFile),
          olderKeysUntil: keyEpochSince + previousKeyHours * 3_600_000,
        },
    ...credential === null ? {} : { credential },
  })
}

/** Without a credential that holds, a node runs on, alone: its owner should not have to guess why. */
function warnOfOwnCredential(admission: Admission, self: string, credential: Uint8Array | null, log: Logger): void {
  try {
    admission.checkCredential(self, credential)
  } catch (error) {
    log.warn('other peers will not let this node in', { reason: error instanceof Error ? error.message : String(error) })
    return
  }
  const expires = credential === null ? Infinity : credentialClaim(credential).expires
  if (expires - Date.now() < EXPIRY_NOTICE) log.warn('the credential of this node expires soon: ask the owners for a new one', { expires: new Date(expires).toISOString() })
}
