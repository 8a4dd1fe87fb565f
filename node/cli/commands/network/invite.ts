import { Command } from 'commander'

import { future, jsonOption, path } from '../../options.js'
import { print, printJson } from '../../output.js'
import { ownerOption } from './options.js'

interface InviteOptions {
  readonly peer: string
  readonly organisation: string
  readonly expires: number
  readonly owner?: readonly string[]
  readonly out?: string
  readonly json: boolean
}

export function inviteCommand(): Command {
  return new Command('invite')
    .description('Issue the credential with which a peer is let into a network that asks for one.')
    .argument('<file>', 'the network.config.json', path)
    .requiredOption('--peer <who>', 'the peer\'s id, or its data folder')
    .requiredOption('--organisation <name>', 'whose peer it is')
    .requiredOption('--expires <when>', 'days from now, or a date', future)
    .addOption(ownerOption())
    .option('--out <file>', 'where to write it (default: <organisation>-<end of the peer id>.credential beside the network)', path)
    .addOption(jsonOption())
    .addHelpText('after', `
Hand the file to whoever runs the peer: its path goes into the node's settings as "credentialFile". It is no secret, since it holds for that peer alone. Where
several owners must sign, the next ones add theirs with \`meshwright network sign\`.

Examples:
  $ meshwright network invite house.config.json --peer 12D3KooW... --organisation Acme --expires 365
  $ meshwright network invite house.config.json --peer alice --organisation Acme --expires 2027-12-31 --owner owner-1 --owner owner-2`)
    .action(async (file: string, { peer: named, organisation, expires, owner: folders, out, json }: InviteOptions) => {
      const { credentialFileFor, credentialMissingLines, writeCredentialFile } = await import('../../../settings/credentials.js')
      const { peerNamed } = await import('../../../settings/founders.js')
      const { loadVerifiedNetwork } = await import('../../../settings/network.js')
      const { loadOwners } = await import('../../../settings/owners.js')
      const { NodeError } = await import('../../../errors.js')
      const { coSignCredential, issueCredential, readCredential, verifyNetworkConfig } = await import('../../../../src/identity/index.js')
      if (organisation.length === 0 || organisation.length > 64) throw new NodeError('USAGE_INVALID', 'the organisation\'s name has 1 to 64 characters: write a shorter one')
      const peer = await peerNamed(named)
      const { config, id } = await loadVerifiedNetwork(file)
      if (config.policy.revocations.includes(peer)) throw new NodeError('USAGE_INVALID', `${peer} is revoked, and no credential would let it in: take it from "revocations" in the policy first, or invite another peer`)
      const owners = verifyNetworkConfig(config)
      let bytes = issueCredential([], id, { peer, organisation, expires })
      for (const owner of await loadOwners(file, folders)) bytes = coSignCredential(bytes, owner, id, owners)
      const target = out ?? credentialFileFor(file, organisation, peer)
      await writeCredentialFile(target, bytes)
      const { missing } = readCredential(bytes, id, owners)
      if (json) printJson({ file: target, peer, organisation, expires, missing })
      else print(`Invited ${peer} of ${organisation} until ${new Date(expires).toISOString()}`, `  credential  ${target}`, ...credentialMissingLines(missing, target, file))
    })
}
