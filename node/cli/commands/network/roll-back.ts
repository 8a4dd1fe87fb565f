import { Command } from 'commander'

import type { NodeStatus } from '../../../daemon/status.js'
import { table } from '../../../terminal/table.js'
import { dataOption, jsonOption, path, whole } from '../../options.js'
import { print, printJson } from '../../output.js'
import { missingLines, missingSignatures } from './lines.js'
import { ownerOption } from './options.js'

interface RollBackOptions {
  readonly to?: number
  readonly data?: string
  readonly owner?: readonly string[]
  readonly json: boolean
}

export function rollBackCommand(): Command {
  return new Command('roll-back')
    .description('Have the whole network go back to an earlier model, under a policy of the next version.')
    .argument('<file>', 'the network.config.json', path)
    .option('--to <round>', 'the round of the root, or of the only cluster, to go back to (default: show those that there are)', whole(1, Number.MAX_SAFE_INTEGER))
    .addOption(dataOption())
    .addOption(ownerOption())
    .addOption(jsonOption())
    .addHelpText('after', `
A running node of the network, named by --data, tells which rounds it still has the model of. One of them runs
\`meshwright network update\` with the file, and the others take the policy from it. Once a quorum of a cluster has it, the cluster's next record takes the earlier model, and nothing counts any more that was
learnt since. Members keep what they have on their own disks: designs, personal models, and what they know of others.

Examples:
  $ meshwright network roll-back house.config.json --data acme/node
  $ meshwright network roll-back house.config.json --data acme/node --to 128`)
    .action(async (file: string, { to, data, owner: folders, json }: RollBackOptions) => {
      const { NodeError } = await import('../../../errors.js')
      const { withNode } = await import('../../control.js')
      const { changePolicy, signedBy, writeNetwork } = await import('../../../settings/network.js')
      const { loadOwners } = await import('../../../settings/owners.js')
      const { loadNetworkConfig, networkId } = await import('../../../../src/config/index.js')
      const config = await loadNetworkConfig(file)
      const { network, rounds } = await withNode(data, (node) => node.call('status')) as NodeStatus
      if (network.id !== networkId(config.genesis)) throw new NodeError('USAGE_INVALID', `the node follows the network ${network.id.slice(0, 12)}, not that of ${file}: name another node with --data`)
      const checkpoints = rounds?.checkpoints ?? []
      if (to === undefined) {
        if (json) printJson({ checkpoints })
        else if (checkpoints.length === 0) print('This node has no earlier model yet: one is kept every few rounds, on nodes that follow the network\'s root.')
        else print(...table(['round', 'record'], checkpoints.map(({ round, record }) => [String(round), record.slice(0, 12)])), 'Go back to one of them with --to <round>.')
        return
      }
      const rollback = checkpoints.find(({ round }) => round === to)
      if (rollback === undefined) throw new NodeError('CHECKPOINT_UNKNOWN', `this node has no model of round ${to}: choose one of ${checkpoints.map(({ round }) => round).join(', ') || 'those of another node'}`)
      const changed = signedBy(changePolicy(config, { rollback }), await loadOwners(file, folders))
      await writeNetwork(file, changed)
      if (json) printJson({ file, policy: changed.policy.version, rollback, missing: missingSignatures(changed) })
      else print(`Policy ${changed.policy.version} of "${config.genesis.name}" goes back to round ${to} (${rollback.record.slice(0, 12)})`, ...missingLines(changed, file))
    })
}
