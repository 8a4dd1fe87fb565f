import { createHash } from 'node:crypto'

import { createIdentity, verifySignature } from '../../../src/identity/index.js'
import type { Identity } from '../../../src/identity/index.js'
import type { Reading } from '../../../src/rounds/index.js'

const hashOf = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest())

/** Any content id. */
export const idOf = (text: string): string => Buffer.from(hashOf(text)).toString('hex')

/** The network that everything valid belongs to, and another one. */
export const NETWORK = idOf('the network that is fuzzed')
/** How messages of that network are read. */
export const READING: Reading = { network: NETWORK, verify: verifySignature }
export const OTHER_NETWORK = idOf('another network')

/** Peers whose keys are at hand, so that their signatures are real. */
export const PEERS: readonly Identity[] = await Promise.all([0, 1, 2, 3].map((index) => createIdentity(hashOf(`member ${index}`))))

export const SIGNATURE = PEERS[0]!.sign(new Uint8Array(0))
