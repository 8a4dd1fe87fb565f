import { contentId, encodeCanonical, networkId } from '../config/index.js'
import type { NetworkConfig } from '../config/index.js'

import { IdentityError } from './errors.js'

/**
 * Whether a verified configuration replaces the one that a node follows: it goes on from the same successions, and its version is higher. Owners who handed
 * over have no say any more.
 */
export function supersedes(newer: NetworkConfig, current: NetworkConfig): boolean {
  return networkId(newer.genesis) === networkId(current.genesis) && continues(newer, current) && newer.policy.version > current.policy.version
}

/**
 * Compares a verified configuration with the newest that a node has followed.
 *
 * @param source - how the new one is called in messages, usually its file
 * @returns whether it replaces the other; false where both are the same
 * @throws IdentityError POLICY_OUTDATED, POLICY_CONFLICTING
 */
export function checkSuperseding(newer: NetworkConfig, current: NetworkConfig, source: string): boolean {
  if (supersedes(newer, current)) return true
  const [offered, followed] = [newer.policy.version, current.policy.version]
  if (offered < followed || handovers(newer) < handovers(current)) {
    throw new IdentityError('POLICY_OUTDATED', `${source} holds policy ${offered}, and this node has followed policy ${followed} already: get the newest file from the network's owners`)
  }
  if (continues(newer, current) && handovers(newer) === handovers(current) && contentId(policyBytes(newer)) === contentId(policyBytes(current))) return false
  throw new IdentityError('POLICY_CONFLICTING', `${source} holds a policy ${offered} that does not go on from the policy ${followed} which this node has followed: its owners signed two at once and must sign one of a higher version that goes on from the file that most nodes have`)
}

function continues(newer: NetworkConfig, current: NetworkConfig): boolean {
  return (current.successions ?? []).every(({ owners }, place) => {
    const other = newer.successions?.[place]
    return other !== undefined && contentId(encodeCanonical(other.owners)) === contentId(encodeCanonical(owners))
  })
}

function handovers({ successions = [] }: NetworkConfig): number {
  return successions.length
}

function policyBytes({ policy }: NetworkConfig): Uint8Array {
  return encodeCanonical(policy, { fractions: true })
}
