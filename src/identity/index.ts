/**
 * Who said what: keys, signed envelopes, the owners' signatures under a network's policy, membership credentials.
 *
 * Whatever is signed starts with the purpose of the signature and the network's id, so a signature given for one use proves nothing in another.
 */
export { CanonicalError, contentId, decodeCanonical, encodeCanonical, hashCanonical } from '../config/index.js'
export type { ContentId } from '../config/index.js'
export { open, seal } from './envelope.js'
export type { Opened, OpenOptions } from './envelope.js'
export { IdentityError } from './errors.js'
export type { IdentityErrorCode } from './errors.js'
export { createIdentity } from './identity.js'
export type { Identity, Signer } from './identity.js'
export { KEY_FILE, loadIdentity, loadOrCreateIdentity } from './key-file.js'
export type { PeerId } from './keys.js'
export { peerOf, publicKeyOf, verifySignature, verifyWithKey } from './keys.js'
export { addSuccession, coSign, signatureStanding, signPolicy, signSuccession, verifyNetworkConfig } from './owners.js'
export type { OwnerSignature, SignatureStanding, Standing } from './owners.js'
export { checkSuperseding, supersedes } from './superseding.js'
export { coSignCredential, credentialClaim, credentialText, issueCredential, readCredential, verifyCredential } from './credential.js'
export type { Credential, SignedCredential } from './credential.js'
export { Admission } from './admission.js'
export type { AdmissionOptions } from './admission.js'
export { keysInUse, networkKeysText, NETWORK_KEY_BYTES, readNetworkKeys } from './network-key.js'
export type { EpochKey, NetworkKeys } from './network-key.js'
