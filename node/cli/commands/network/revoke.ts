import { Command } from 'commander'

import { collect, jsonOption, path } from '../../options.js'
import { print, printJson } from '../../output.js'
import { missingLines, missingSignatures } from './lines.js'
import { ownerOption } from './options.js'

interface RevokeOptions {
  readonly peer: readonly string[]
  readonly owner?: readonly string[]
  readonly networkKey?: string
  readonly keepKey: boolean
  readonly json: boolean
}

export function revokeCommand(): Command {
  return new Command('revoke')
    .description('Shut a peer out: the next policy names it, and a private network gets its next key.')
    .argument('<file>', 'the network.config.json', path)
    .requiredOption('--peer <who>', 'the peer\'s id, or its data folder; may be repeated', collect)
    .addOption(ownerOption())
    .option('--network-key <file>', 'the network\'s key file (default: the .key file beside the network)', path)
    .option('--keep-key', 'do not renew the network key', false)
    .addOption(jsonOption())
    .addHelpText('after', `
Afterwards hand the file, and the key file where it has changed, to all remaining members. Each runs \`meshwright network update\`, from which on the peer is
refused, and restarts the node when it suits, from which on it uses the new key. A new identity of the revoked peer's owner that still has the old key
is kept out by the credentials that the network asks for, and after the change by the key.

Examples:
  $ meshwright network revoke house.config.json --peer 12D3KooW...
  $ meshwright network revoke house.config.json --peer 12D3KooW... --owner owner-1 --owner owner-2`)
    .action(async (file: string, { peer: named, owner: folders, networkKey, keepKey, json }: RevokeOptions) => {
      const { peerNamed } = await import('../../../settings/founders.js')
      const { changePolicy, signedBy, writeNetwork } = await import('../../../settings/network.js')
      const { addNetworkKey, renewableKeyFile } = await import('../../../settings/network-keys.js')
      const { loadOwners } = await import('../../../settings/owners.js')
      const { loadNetworkConfig } = await import('../../../../src/config/index.js')
      const peers = await Promise.all(named.map(peerNamed))
      const config = await loadNetworkConfig(file)
      const { policy } = config
      const signers = await loadOwners(file, folders)
      const keyFile = keepKey ? undefined : renewableKeyFile(file, policy, networkKey)
      const keyEpoch = policy.keyEpoch + (keyFile === undefined ? 0 : 1)
      const revoked = signedBy(changePolicy(config, { keyEpoch, revocations: [...new Set([...policy.revocations, ...peers])] }), signers)
      if (keyFile !== undefined) await addNetworkKey(keyFile, keyEpoch)
      await writeNetwork(file, revoked)
      if (json) {
        printJson({ file, policy: revoked.policy.version, peers, keyEpoch, networkKey: keyFile ?? null, missing: missingSignatures(revoked) })
        return
      }
      print(
        `Policy ${revoked.policy.version} of "${config.genesis.name}" revokes ${peers.join(', ')}`,
        ...keyFile === undefined ? ['The network key stays as it is.'] : [`  network key  ${keyFile} (epoch ${keyEpoch}; hand it to the remaining members only)`],
        ...missingLines(revoked, file),
      )
    })
}
