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

/** The last moment that a date can name; milliseconds since 1970. */
const LATEST = 8.64e15

/** That the owners of a network let a peer in. */
export interface Credential {
  readonly peer: PeerId
  readonly organisation: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

const bytesOf = (length: number): z.ZodCustom<Uint8Array> => z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length)

const schema = z.tuple([
  z.strictObject({ peer: z.string().regex(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/), organisation: z.string().min(1).max(64), expires: z.int().nonnegative().max(LATEST) }),
  z.array(z.tuple([bytesOf(PUBLIC_KEY_BYTES), bytesOf(SIGNATURE_BYTES)])).max(32),
])

/** A credential with the owners whose signatures under it hold. */
export interface SignedCredential {
  readonly credential: Credential
  /** Public keys of these owners, hex. */
  readonly signers: readonly string[]
  /** Further owners that must sign; 0 where it holds. */
  readonly missing: number
}

/** A credential signed by these owners, to be handed to the peer. */
export function issueCredential(owners: readonly Identity[], network: ContentId, credential: Credential): Uint8Array {
  publicKeyOf(credential.peer)
  const bytes = signedBytes(network, credential)
  return encodeCanonical([credential, owners.map((owner) => [owner.publicKey, owner.sign(bytes)])])
}

/**
 * The credential with one more owner's signature.
 *
 * @throws IdentityError CREDENTIAL_INVALID, OWNER_UNKNOWN
 */
export function coSignCredential(bytes: Uint8Array, owner: Identity, network: ContentId, owners: Owners): Uint8Array {
  const key = toString(owner.publicKey, 'hex')
  if (!owners.keys.includes(key)) throw new IdentityError('OWNER_UNKNOWN', `the key ${key.slice(0, 12)} is none of the network's ${owners.keys.length} owners: use the folder of one of them`)
  const [credential, signatures] = parse(bytes)
  if (readCredential(bytes, network, owners).signers.includes(key)) return bytes
  const others = signatures.filter(([signer]) => toString(signer, 'hex') !== key)
  return encodeCanonical([credential, [...others, [owner.publicKey, owner.sign(signedBytes(network, credential))]]])
}

/** What a credential claims; nothing is checked. @throws IdentityError CREDENTIAL_INVALID where the bytes are none */
export function credentialClaim(bytes: Uint8Array): Credential {
  return parse(bytes)[0]
}

/**
 * What a credential says, and which of the owners signed it for the network. Peer and day are not checked: see `verifyCredential`.
 *
 * @throws IdentityError CREDENTIAL_INVALID where the bytes are none
 */
export function readCredential(bytes: Uint8Array, network: ContentId, owners: Owners): SignedCredential {
  const [credential, signatures] = parse(bytes)
  const signed = signedBytes(network, credential)
  const signers = [...new Set(signatures
    .filter(([key, signature]) => owners.keys.includes(toString(key, 'hex')) && verifyWithKey(key, signed, signature))
    .map(([key]) => toString(key, 'hex')))]
  return { credential, signers, missing: Math.max(0, owners.threshold - signers.length) }
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
  if (bytes === null) throw new IdentityError('CREDENTIAL_MISSING', `${peer} shows no credential, and this network needs one: ask its owners for it, and name its file as credentialFile in the settings`)
  const { credential, signers, missing } = readCredential(bytes, network, owners)
  if (credential.peer !== peer) throw new IdentityError('CREDENTIAL_INVALID', `the credential is that of ${credential.peer}, not of ${peer}: each peer needs its own`)
  if (missing > 0) {
    throw new IdentityError('CREDENTIAL_INVALID', `the credential of ${peer} has valid signatures of ${signers.length} of the present owners, and ${owners.threshold} are needed: ask the owners to sign it, or for a new one`)
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
    throw damaged(error)
  }
}

function damaged(cause?: unknown): IdentityError {
  return new IdentityError('CREDENTIAL_INVALID', 'the credential is damaged: copy it again from what the owners sent', { cause })
}

function signedBytes(network: ContentId, { peer, organisation, expires }: Credential): Uint8Array {
  return encodeCanonical([DOMAIN, network, { peer, organisation, expires }])
}

/** A credential as text for a file, and back. */
export const credentialText = {
  encode: (bytes: Uint8Array): string => `${toString(bytes, 'base64url')}\n`,

  /** @throws IdentityError CREDENTIAL_INVALID */
  decode: (text: string): Uint8Array => {
    const trimmed = text.trim()
    if (trimmed.length > MAXIMUM_BYTES * 2 || !/^[A-Za-z0-9_-]+$/.test(trimmed)) throw damaged()
    try {
      return fromString(trimmed, 'base64url')
    } catch (error) {
      throw damaged(error)
    }
  },
}
