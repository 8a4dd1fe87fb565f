/**
 * What a network is (`network.config.json`: genesis and policy) and how a node is set up, each by one schema with messages that name
 * the field, its value and the fix; and the canonical encoding by which networks and messages are hashed.
 */
export { contentId, decodeCanonical, encodeCanonical, hashCanonical } from './canonical.js'
export type { CanonicalOptions, ContentId } from './canonical.js'
export { CanonicalError } from './canonical-error.js'
export type { CanonicalErrorCode } from './canonical-error.js'
export { ConfigError } from './errors.js'
export type { ConfigErrorCode, ConfigProblem } from './errors.js'
export { LONGEST_ADDRESS } from './fields.js'
export { loadNetworkConfig, loadNodeConfig, networkFileOf, parseNodeConfig } from './load.js'
export { ADAPTER_TARGETS, genesisSchema, LARGEST_CLUSTER, networkConfigSchema, networkId, policySchema } from './network-config.js'
export type { Genesis, NetworkConfig, Owners, Policy } from './network-config.js'
export { nodeConfigSchema } from './node-config.js'
export type { NodeConfig } from './node-config.js'
export { findPackageRoot } from './package-root.js'
export { parseConfig } from './parse.js'
export { DEFAULT_POLICY } from './policy-defaults.js'
