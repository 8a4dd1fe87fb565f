import { DEFAULT_POLICY, networkId } from '../../../src/config/index.js'
import type { Genesis, NetworkConfig } from '../../../src/config/index.js'
import { addSuccession, coSign, encodeCanonical } from '../../../src/identity/index.js'

import { idOf, PEERS } from './identities.js'

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const OWNERS = { keys: PEERS.slice(0, 2).map(({ publicKey }) => hexOf(publicKey)), threshold: 1 }

const GENESIS: Genesis = {
  name: 'fuzzed', base: idOf('base'), adapter: { rank: 16, alpha: 32, targets: ['q_proj', 'v_proj'] }, codec: 'sign-block64-1', owners: OWNERS,
}
export const GENESIS_BYTES = encodeCanonical(GENESIS)
export const OTHER_GENESIS = { ...GENESIS, adapter: { ...GENESIS.adapter, rank: 8 } }

const FIRST: NetworkConfig = {
  genesis: GENESIS,
  policy: {
    ...DEFAULT_POLICY,
    foundingRoster: PEERS.map(({ peerId: peer }) => ({ peer, domain: 'verilog' })),
    bootstrap: [`/ip4/10.0.0.1/tcp/4100/p2p/${PEERS[3]!.peerId}`],
    revocations: [PEERS[2]!.peerId],
    rollback: { record: idOf('rollback'), round: 5, adapter: idOf('adapter'), velocity: idOf('velocity') },
  },
  signatures: [],
}

/** A network whose owners have handed over once, signed. */
export const NETWORK_CONFIG: NetworkConfig = [PEERS[0]!, PEERS[2]!].reduce(coSign, addSuccession(FIRST, { keys: [hexOf(PEERS[2]!.publicKey)], threshold: 1 }))
export const CONFIG_OWNERS = OWNERS
export const CONFIG_ID = networkId(GENESIS)
