import { createHash } from 'node:crypto'

import type { ConnectionEncrypter } from '@libp2p/interface'
import { noise } from '@libp2p/noise'

import { NETWORK_KEY_BYTES } from '../../identity/index.js'
import type { EpochKey } from '../../identity/index.js'
import { TransportError } from '../errors.js'
import type { ContentId } from '../transport.js'

import { sparing } from './sparing-noise.js'

type Encrypter = ReturnType<typeof noise>

const REPLACED = 'this network key has been replaced'

export interface EncryptionOptions {
  readonly networkId: ContentId
  /** The newest first; absent in an open network. */
  readonly networkKeys?: readonly EpochKey[]
  readonly isKeyInUse?: (epoch: number) => boolean
}

/**
 * Noise, once for each network key. A listener can mix only one key into a handshake, so each key is a protocol of its own and the two sides agree on one
 * first: the newest that both have.
 *
 * @throws TransportError NETWORK_KEY_LENGTH
 */
export function encryptersOf({ networkId, networkKeys, isKeyInUse = () => true }: EncryptionOptions): Encrypter[] {
  // Without a key, the handshake only keeps other software out, so that `hello` can say in which field two networks differ.
  if (networkKeys === undefined) {
    const make = noise({ prologueBytes: hash('meshwright/noise/1') })
    return [(components) => sparing(make(components))]
  }
  return networkKeys.map(({ epoch, key }) => {
    if (key.length !== NETWORK_KEY_BYTES) {
      throw new TransportError('NETWORK_KEY_LENGTH', `the network key of epoch ${epoch} has ${key.length} bytes and needs ${NETWORK_KEY_BYTES}: write it as 64 hex digits`)
    }
    const make = noise({ prologueBytes: hash('meshwright/noise/1', networkId, key) })
    return (components) => whileInUse(sparing(make(components)), protocolOf({ epoch }), () => isKeyInUse(epoch))
  })
}

/** How peers name the handshake with the key of an epoch, or that of an open network. */
export function protocolOf(key: Pick<EpochKey, 'epoch'> | undefined): string {
  return key === undefined ? '/noise' : `/meshwright/noise/1/${key.epoch}`
}

/** Whether a dial failed because the two sides have no key in common. libp2p gives the same error to a handshake that only took too long. */
export function isKeyMismatch(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isKeyMismatch)
  return error instanceof Error && error.name === 'EncryptionFailedError' && (error.message === REPLACED || /validation fail|decryption|protocol selection failed/i.test(error.message))
}

/** An encrypter under another name, for as long as its key counts. */
function whileInUse<Extension>(encrypter: ConnectionEncrypter<Extension>, protocol: string, isInUse: () => boolean): ConnectionEncrypter<Extension> {
  const check = (): void => {
    if (!isInUse()) throw new Error(REPLACED)
  }
  return {
    protocol,
    async secureInbound(connection, options) {
      check()
      return encrypter.secureInbound(connection, options)
    },
    async secureOutbound(connection, options) {
      check()
      return encrypter.secureOutbound(connection, options)
    },
  }
}

function hash(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const all = createHash('sha256')
  for (const part of parts) all.update(part)
  return all.digest()
}
