import { Command } from 'commander'

import { jsonOption, path } from '../../options.js'
import { print, printJson } from '../../output.js'
import { missingLines, missingSignatures } from './lines.js'
import { ownerOption } from './options.js'

interface SignOptions {
  readonly owner?: readonly string[]
  readonly network?: string
  readonly json: boolean
}

export function signCommand(): Command {
  return new Command('sign')
    .description('Add an owner\'s signature to a network.config.json or to a credential.')
    .argument('<file>', 'the network.config.json, or a credential', path)
    .addOption(ownerOption())
    .option('--network <file>', 'the network.config.json that a credential is for', path)
    .addOption(jsonOption())
    .addHelpText('after', `
After an edit of the policy by hand, raise its "version" first: nodes that know the version refuse another content under it. Look at what you sign with
\`meshwright network show\`.

Examples:
  $ meshwright network sign house.config.json
  $ meshwright network sign house.config.json --owner ~/meshwright-owner
  $ meshwright network sign acme.credential --network house.config.json --owner ~/meshwright-owner`)
    .action(async (file: string, { owner: folders, network, json }: SignOptions) => {
      const { holdsCredential } = await import('../../../settings/credentials.js')
      if (await holdsCredential(file)) await signCredential(file, { folders, network, json })
      else await signNetwork(file, folders, json)
    })
}

async function signNetwork(file: string, folders: readonly string[] | undefined, json: boolean): Promise<void> {
  const { signedBy, writeNetwork } = await import('../../../settings/network.js')
  const { loadOwners } = await import('../../../settings/owners.js')
  const { loadNetworkConfig } = await import('../../../../src/config/index.js')
  const config = signedBy(await loadNetworkConfig(file), await loadOwners(file, folders))
  await writeNetwork(file, config)
  if (json) printJson({ file, policy: config.policy.version, missing: missingSignatures(config) })
  else print(`Signed policy ${config.policy.version} of "${config.genesis.name}"`, ...missingLines(config, file))
}

async function signCredential(file: string, { folders, network, json }: { readonly folders: readonly string[] | undefined, readonly network: string | undefined, readonly json: boolean }): Promise<void> {
  const { NodeError } = await import('../../../errors.js')
  const { credentialMissingLines, readCredentialFile, writeCredentialFile } = await import('../../../settings/credentials.js')
  const { loadVerifiedNetwork } = await import('../../../settings/network.js')
  const { loadOwners } = await import('../../../settings/owners.js')
  const { coSignCredential, readCredential, verifyNetworkConfig } = await import('../../../../src/identity/index.js')
  if (network === undefined) throw new NodeError('USAGE_INVALID', `${file} is a credential: name the network that it is for with --network <network.config.json>`)
  const { config, id } = await loadVerifiedNetwork(network)
  const owners = verifyNetworkConfig(config)
  let bytes = await readCredentialFile(file)
  for (const owner of await loadOwners(network, folders)) bytes = coSignCredential(bytes, owner, id, owners)
  await writeCredentialFile(file, bytes)
  const { credential, missing } = readCredential(bytes, id, owners)
  if (json) printJson({ file, ...credential, missing })
  else print(`Signed the credential of ${credential.peer} (${credential.organisation})`, ...credentialMissingLines(missing, file, network))
}
