import { loadNetworkConfig, networkId } from '../../../../src/config/index.js'
import type { Policy } from '../../../../src/config/index.js'
import { credentialClaim, readCredential, signatureStanding, verifyNetworkConfig } from '../../../../src/identity/index.js'
import type { Credential, SignatureStanding } from '../../../../src/identity/index.js'
import { readCredentialFile } from '../../../settings/credentials.js'
import { loadVerifiedNetwork } from '../../../settings/network.js'
import { table } from '../../../terminal/table.js'

export interface DescribedNetwork {
  readonly name: string
  readonly id: string
  readonly base: string
  /** Whether nodes take the file as it is. */
  readonly holds: boolean
  readonly policy: Pick<Policy, 'version' | 'membership' | 'keyEpoch' | 'bootstrap' | 'foundingRoster' | 'revocations' | 'rollback'>
  readonly successions: readonly SignatureStanding[]
  readonly owners: SignatureStanding
}

export interface DescribedCredential extends Credential {
  readonly isExpired: boolean
  /** Absent where no network was named to check the signatures by. */
  readonly signers?: readonly string[]
  readonly missing?: number
  readonly isRevoked?: boolean
  readonly network?: string
}

/** @throws ConfigError where the file is no network.config.json */
export async function describeNetwork(file: string): Promise<DescribedNetwork> {
  const config = await loadNetworkConfig(file)
  const { successions, policy: owners } = signatureStanding(config)
  const { genesis, policy: { version, membership, keyEpoch, bootstrap, foundingRoster, revocations, rollback } } = config
  return {
    name: genesis.name,
    id: networkId(genesis),
    base: genesis.base,
    holds: [...successions, owners].every(({ missing }) => missing === 0),
    policy: { version, membership, keyEpoch, bootstrap, foundingRoster, revocations, ...rollback === undefined ? {} : { rollback } },
    successions,
    owners,
  }
}

/** @throws NodeError CREDENTIAL_UNREADABLE, IdentityError CREDENTIAL_INVALID */
export async function describeCredential(file: string, network: string | undefined, now: number): Promise<DescribedCredential> {
  const bytes = await readCredentialFile(file)
  const claim = credentialClaim(bytes)
  const isExpired = claim.expires <= now
  if (network === undefined) return { ...claim, isExpired }
  const { config, id } = await loadVerifiedNetwork(network)
  const { signers, missing } = readCredential(bytes, id, verifyNetworkConfig(config))
  return { ...claim, isExpired, signers, missing, isRevoked: config.policy.revocations.includes(claim.peer), network: config.genesis.name }
}

export function networkLines({ name, id, base, holds, policy, successions, owners }: DescribedNetwork): string[] {
  const { version, membership, keyEpoch, bootstrap, foundingRoster, revocations, rollback } = policy
  return [
    `Network "${name}"`,
    `  id           ${id}`,
    `  base model   ${base}`,
    `  policy       ${version}: ${holds ? 'signed by enough owners' : 'nodes refuse it until enough owners have signed'}`,
    `  membership   ${membership === 'credential' ? 'every peer needs a credential' : 'open'}`,
    `  key epoch    ${keyEpoch}`,
    ...listed('bootstrap', bootstrap),
    ...listed('founders', foundingRoster.map(({ peer, domain, organisation }) => `${peer} (${[domain, ...organisation === undefined ? [] : [organisation]].join(', ')})`)),
    ...listed('revoked', revocations),
    ...rollback === undefined ? [] : [`  rolled back  to round ${rollback.round} (${rollback.record.slice(0, 12)})`],
    ...successions.flatMap((standing, at) => ['', `Succession ${at + 1}, signed by the owners before it: ${standingText(standing)}`, ...ownerRows(standing)]),
    '',
    `Owners, of whom ${owners.owners.threshold} must sign the policy: ${standingText(owners)}`,
    ...ownerRows(owners),
  ]
}

export function credentialLines({ peer, organisation, expires, isExpired, signers, missing, isRevoked, network }: DescribedCredential): string[] {
  const signatures = signers === undefined || missing === undefined
    ? 'not checked: name the network with --network'
    : `by ${signers.length} owners of "${network ?? ''}", ${missing === 0 ? 'enough' : `${missing} missing`}`
  return [
    `Credential of ${peer}`,
    `  organisation  ${organisation}`,
    `  expires       ${new Date(expires).toISOString()}${isExpired ? ' (expired)' : ''}`,
    `  signatures    ${signatures}`,
    ...(signers ?? []).map((key) => `                ${key}`),
    ...isRevoked === true ? ['  The policy revokes this peer: the credential does not let it in.'] : [],
  ]
}

function listed(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : items.map((item, at) => `  ${(at === 0 ? title : '').padEnd(12)} ${item}`)
}

function standingText({ signers, missing }: SignatureStanding): string {
  return missing === 0 ? `${signers.length} did` : `${signers.length} did, ${missing} missing`
}

function ownerRows({ owners, signers }: SignatureStanding): string[] {
  return table(['public key', 'signed'], owners.keys.map((key) => [key, signers.includes(key) ? 'yes' : 'no'])).map((line) => `  ${line}`)
}
