/**
 * Who said what: keys, signed envelopes, the owners' signatures under a network's policy, membership credentials.
 *
 * Whatever is signed starts with the purpose of the signature and the network's id, so a signature given for one use proves nothing in another.
 */
export { CanonicalError, contentId, decodeCanonical, encodeCanonical } from '../config/index.js'
export type { ContentId } from '../config/index.js'
export { open, seal } from './envelope.js'
export type { Opened, OpenOptions } from './envelope.js'
export { IdentityError } from './errors.js'
export type { IdentityErrorCode } from './errors.js'
export { createIdentity } from './identity.js'
export type { Identity, Signer } from './identity.js'
export { KEY_FILE, loadOrCreateIdentity } from './key-file.js'
export type { PeerId } from './keys.js'
export { peerOf, publicKeyOf, verifySignature, verifyWithKey } from './keys.js'
export { signPolicy, signSuccession, supersedes, verifyNetworkConfig } from './owners.js'
export type { OwnerSignature } from './owners.js'
export { credentialText, issueCredential, verifyCredential } from './credential.js'
export type { Credential } from './credential.js'
export { readNetworkKey } from './network-key.js'
