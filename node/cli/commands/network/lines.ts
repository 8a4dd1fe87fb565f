import type { NetworkConfig } from '../../../../src/config/index.js'
import { signatureStanding } from '../../../../src/identity/index.js'
import type { SignatureStanding } from '../../../../src/identity/index.js'

/** What a configuration still lacks before nodes take it, and how to go on; nothing where it holds. */
export function missingLines(config: NetworkConfig, file: string): string[] {
  const { successions, policy } = signatureStanding(config)
  const lacking: [string, SignatureStanding][] = [
    ...successions.map((standing, at): [string, SignatureStanding] => [`succession ${at + 1}`, standing]),
    [`policy ${config.policy.version}`, policy],
  ]
  const lines = lacking.filter(([, { missing }]) => missing > 0)
    .map(([what, { missing, signers, owners }]) => `Missing: ${missing} ${missing === 1 ? 'signature' : 'signatures'} under ${what} (${signers.length} of ${owners.threshold})`)
  return lines.length === 0 ? [] : [...lines, 'Nodes refuse the file until then. The next owner runs', `  meshwright network sign ${file} --owner <folder of the owner's key>`]
}

/** What is still missing, for programs. */
export function missingSignatures(config: NetworkConfig): { readonly successions: readonly number[], readonly policy: number } {
  const { successions, policy } = signatureStanding(config)
  return { successions: successions.map(({ missing }) => missing), policy: policy.missing }
}
