import { Command } from 'commander'

import { createCommand } from './create.js'
import { inviteCommand } from './invite.js'
import { ownerCommand } from './owner.js'
import { renewKeyCommand } from './renew-key.js'
import { revokeCommand } from './revoke.js'
import { rollBackCommand } from './roll-back.js'
import { showCommand } from './show.js'
import { signCommand } from './sign.js'
import { succeedCommand } from './succeed.js'
import { updateCommand } from './update.js'

export function networkCommand(): Command {
  return new Command('network')
    .description('Make a network of your own, let peers in and shut them out, and change its policy and owners.')
    .addCommand(createCommand())
    .addCommand(ownerCommand())
    .addCommand(signCommand())
    .addCommand(inviteCommand())
    .addCommand(showCommand())
    .addCommand(revokeCommand())
    .addCommand(renewKeyCommand())
    .addCommand(rollBackCommand())
    .addCommand(succeedCommand())
    .addCommand(updateCommand())
    .addHelpText('after', `
A network is one file, network.config.json: a genesis that never changes (its hash is the network's id) and a policy that its owners sign. Hand the file to
every founder and to the bootstrap peer. Where several owners must sign, each in turn does so with \`meshwright network sign\`.`)
}
