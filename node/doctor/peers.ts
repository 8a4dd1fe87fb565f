import { setTimeout as sleep } from 'node:timers/promises'

// First of all: libp2p needs what the network's door brings.
import { createLibp2pTransport } from '../../src/network/index.js'
import type { BootstrapState, Libp2pTransport, ReachState } from '../../src/network/index.js'
import type { NodeConfig } from '../../src/config/index.js'
import { createIdentity, keysInUse, readNetworkKeys } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'

import { bootstrapText, reachText } from '../cli/status-lines.js'
import { admissionOf } from '../settings/admission.js'
import { readCredentialFile } from '../settings/credentials.js'
import { durationText } from '../terminal/numbers.js'
import { failure, ok, problem, warning } from './finding.js'
import type { Finding } from './finding.js'
import type { Network } from './settings.js'

/** How long bootstrap peers have to answer, and then to find out whether others get through. Milliseconds. */
const PATIENCE_MS = 12_000

/** Clocks that differ by so much. Credentials and address records carry times. Milliseconds. */
const NOTABLE_SKEW_MS = 5000
const HARMFUL_SKEW_MS = 300_000

/** How the node stands with others, from itself or tried out for it. */
export interface Contacts {
  readonly reachability: ReachState
  readonly bootstraps: readonly BootstrapState[]
  readonly connected: readonly { readonly skewMs: number }[]
}

/** Connects for a moment as the node would. @throws TransportError, IdentityError where it could not even begin */
export async function tryContacts(settings: NodeConfig, { config, id }: Network, identity: Identity | undefined): Promise<Contacts> {
  const { credentialFile, networkKeyFile, transport: { announce, listen, staticPeers } } = settings
  const transport = await createLibp2pTransport({
    identity: identity ?? await createIdentity(),
    networkId: id,
    genesis: config.genesis,
    listen, announce,
    bootstrap: [...config.policy.bootstrap, ...staticPeers],
    software: 'meshwright doctor',
    admission: admissionOf(settings, config),
    ...networkKeyFile === undefined ? {} : { networkKeys: keysInUse(await readNetworkKeys(networkKeyFile), config.policy.keyEpoch, networkKeyFile) },
    ...credentialFile === undefined ? {} : { credential: await readCredentialFile(credentialFile) },
  })
  try {
    await waitFor(() => transport.bootstraps().every(({ connectedSince, lastError }) => connectedSince !== undefined || lastError !== undefined))
    if (transport.peers().length > 0) await waitFor(() => isSettled(transport))
    return { reachability: transport.reachability(), bootstraps: transport.bootstraps(), connected: transport.peers() }
  } finally {
    await transport.stop()
  }
}

function isSettled(transport: Libp2pTransport): boolean {
  const { reach, relay } = transport.reachability()
  return reach === 'public' || relay !== undefined || reach === 'private' && transport.bootstraps().some(({ relayProblem }) => relayProblem !== undefined)
}

/** What the contacts say; the same for a node that runs and for one that was tried. */
export function examineContacts({ bootstraps, connected, reachability }: Contacts): Finding[] {
  return [...examineBootstraps(bootstraps, connected.length), examineReach(reachability, connected.length), examineClock(connected.map(({ skewMs }) => skewMs))]
}

export function examineFailure(error: unknown): Finding {
  return failure('connection', error, 'correct what the other findings name, and look again')
}

function examineBootstraps(bootstraps: readonly BootstrapState[], connected: number): Finding[] {
  if (bootstraps.length === 0) {
    const remedy = 'name a peer of the network with --peer or under transport.staticPeers, or ask its owners for a policy with bootstrap peers'
    return [connected > 0 ? ok('bootstrap', 'the network names none, and other peers are connected') : warning('bootstrap', 'the network names no bootstrap peer, and nobody is connected', remedy)]
  }
  return bootstraps.map((state) => {
    const found = bootstrapText(state)
    if (state.connectedSince !== undefined) return ok('bootstrap', found)
    const remedy = remedyOf(state.lastError?.message ?? '')
    // Training goes on without them; who knows nobody else does not find the network.
    return connected > 0 ? warning('bootstrap', found, remedy) : problem('bootstrap', found, remedy)
  })
}

function remedyOf(error: string): string {
  if (/other network/.test(error)) return 'use the network.config.json of the network that it serves'
  if (/handshake failed/.test(error)) return 'check networkKeyFile: the key must be that of the network'
  if (/it refuses this node/.test(error)) return 'do what its answer says, or ask the owners of the network'
  if (/it has no room now/.test(error)) return 'nothing: the node tries again by itself'
  return 'check the way there: a firewall, a proxy, the address itself. The node goes on trying; docs/guides/testnet.md says what else helps'
}

function examineReach(state: ReachState, connected: number): Finding {
  const found = state.reach === 'unknown' && state.relay === undefined ? 'not known: nobody has tried to connect' : `reached ${reachText(state)}`
  if (state.reach === 'public') return ok('reachability', found)
  if (state.relay !== undefined) return warning('reachability', found, 'for full speed, let TCP connections to the listen port in, and set transport.announce to the address outside')
  if (state.reach === 'private') return warning('reachability', found, 'let TCP connections to the listen port in, or name a bootstrap peer that relays')
  return connected > 0 ? ok('reachability', found) : warning('reachability', found, 'look again when a peer is connected')
}

function examineClock(skews: readonly number[]): Finding {
  if (skews.length === 0) return ok('clock', 'nobody to compare with')
  // The middle one: a single peer may be wrong itself.
  const skew = [...skews].sort((x, y) => x - y)[Math.floor(skews.length / 2)]!
  const size = Math.abs(skew)
  if (size < NOTABLE_SKEW_MS) return ok('clock', `within ${durationText(Math.max(1000, size))} of ${skews.length} ${skews.length === 1 ? 'peer' : 'peers'}`)
  const found = `${durationText(size)} ${skew > 0 ? 'behind' : 'ahead of'} ${skews.length === 1 ? 'the only peer' : 'most of the peers'}`
  const remedy = 'set the clock, best by the system\'s time service'
  return size < HARMFUL_SKEW_MS ? warning('clock', found, remedy) : problem('clock', found, remedy)
}

async function waitFor(condition: () => boolean): Promise<void> {
  const due = performance.now() + PATIENCE_MS
  while (!condition() && performance.now() < due) await sleep(50)
}
