import { fromString, toString } from 'uint8arrays'
import { z } from 'zod'

import { decodeCanonical, encodeCanonical } from '../config/index.js'
import type { ContentId, Owners } from '../config/index.js'

import { IdentityError } from './errors.js'
import type { Identity } from './identity.js'
import { PUBLIC_KEY_BYTES, publicKeyOf, SIGNATURE_BYTES, verifyWithKey } from './keys.js'
import type { PeerId } from './keys.js'

const DOMAIN = 'meshwright/credential/1'

/** Bytes of the longest credential: the signatures of 32 owners. */
const MAXIMUM_BYTES = 4096

/** That the owners of a network let a peer in. */
export interface Credential {
  readonly peer: PeerId
  readonly organisation: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

const bytesOf = (length: number): z.ZodCustom<Uint8Array> => z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length)

const schema = z.tuple([
  z.strictObject({ peer: z.string().max(64), organisation: z.string().min(1).max(64), expires: z.int().nonnegative() }),
  z.array(z.tuple([bytesOf(PUBLIC_KEY_BYTES), bytesOf(SIGNATURE_BYTES)])).max(32),
])

/** A credential signed by these owners, to be handed to the peer. */
export function issueCredential(owners: readonly Identity[], network: ContentId, credential: Credential): Uint8Array {
  publicKeyOf(credential.peer)
  const bytes = signedBytes(network, credential)
  return encodeCanonical([credential, owners.map((owner) => [owner.publicKey, owner.sign(bytes)])])
}

/**
 * Checks a credential that a peer showed.
 *
 * @param bytes - null where it showed none
 * @param owners - of the network, as `verifyNetworkConfig` returns them
 * @param now - milliseconds since 1970
 * @throws IdentityError CREDENTIAL_MISSING, CREDENTIAL_INVALID, CREDENTIAL_EXPIRED
 */
export function verifyCredential(bytes: Uint8Array | null, { peer, network, owners, now }: {
  readonly peer: PeerId
  readonly network: ContentId
  readonly owners: Owners
  readonly now: number
}): Credential {
  if (bytes === null) throw new IdentityError('CREDENTIAL_MISSING', `${peer} shows no credential, and this network needs one: ask its owners for it`)
  const [credential, signatures] = parse(bytes)
  if (credential.peer !== peer) throw new IdentityError('CREDENTIAL_INVALID', `the credential is that of ${credential.peer}, not of ${peer}: each peer needs its own`)
  const signed = signedBytes(network, credential)
  const signers = new Set(signatures
    .filter(([key, signature]) => owners.keys.includes(toString(key, 'hex')) && verifyWithKey(key, signed, signature))
    .map(([key]) => toString(key, 'hex')))
  if (signers.size < owners.threshold) {
    throw new IdentityError('CREDENTIAL_INVALID', `the credential of ${peer} has valid signatures of ${signers.size} owners, and ${owners.threshold} are needed: ask the owners for a new one`)
  }
  if (credential.expires <= now) {
    throw new IdentityError('CREDENTIAL_EXPIRED', `the credential of ${peer} expired on ${new Date(credential.expires).toISOString()}: ask the owners for a new one`)
  }
  return credential
}

function parse(bytes: Uint8Array): z.infer<typeof schema> {
  try {
    if (bytes.length > MAXIMUM_BYTES) throw new RangeError(`${bytes.length} bytes are above the limit of ${MAXIMUM_BYTES}`)
    return schema.parse(decodeCanonical(bytes))
  } catch (error) {
    throw new IdentityError('CREDENTIAL_INVALID', 'the credential is damaged: copy it again from what the owners sent', { cause: error })
  }
}

function signedBytes(network: ContentId, { peer, organisation, expires }: Credential): Uint8Array {
  return encodeCanonical([DOMAIN, network, { peer, organisation, expires }])
}

/** A credential as text for a file, and back. */
export const credentialText = {
  encode: (bytes: Uint8Array): string => toString(bytes, 'base64url'),
  decode: (text: string): Uint8Array => fromString(text.trim(), 'base64url'),
}
