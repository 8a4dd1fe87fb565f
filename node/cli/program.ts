import { Command } from 'commander'

import { chatCommand } from './commands/chat.js'
import { corpusCommand } from './commands/corpus.js'
import { checkCommand } from './commands/check.js'
import { demoCommand } from './commands/demo.js'
import { doctorCommand } from './commands/doctor.js'
import { evalCommand } from './commands/eval.js'
import { generateCommand } from './commands/generate.js'
import { initCommand } from './commands/init.js'
import { inspectCommand } from './commands/inspect.js'
import { networkCommand } from './commands/network/index.js'
import { personaliseCommand } from './commands/personalise.js'
import { roundsCommand } from './commands/rounds.js'
import { serveCommand } from './commands/serve.js'
import { startCommand } from './commands/start.js'
import { statusCommand } from './commands/status.js'
import { stopCommand } from './commands/stop.js'
import { packageVersion } from './version.js'

/** The command line. Commands load what they need when they run, so that `--help` costs nothing. */
export function createProgram(): Command {
  const program = new Command('meshwright')
    .description('A peer-to-peer network that trains hardware-design language models where the designs live.\nDesigns never leave the machine; small signed adapter deltas do, and `inspect outgoing` shows each of them.')
    .version(packageVersion(), '-v, --version', 'print the version')
    .option('--debug', 'print stack traces of errors')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('(add --help for the options)')
    .addHelpText('after', `
First steps:
  $ meshwright demo                                     watch six companies train together, in about five minutes
  $ meshwright init alice --designs ~/rtl               make a node's data folder
  $ meshwright start --data alice                       run it
  $ meshwright status --data alice                      where it stands
  $ meshwright doctor --data alice                      what keeps it from its work
  $ meshwright generate --data alice --spec "Write module gray4, a 4-bit binary to Gray code converter with input [3:0] bin and output [3:0] gray."
  $ meshwright chat --data alice                        talk with its models

Exit codes: 0 done, 1 failed, 2 wrong command line or settings, 3 no design passed its checks, 4 no node is running.
Guide: docs/guides/getting-started.md`)
  for (const command of [
    initCommand(), startCommand(), statusCommand(), generateCommand(), chatCommand(), serveCommand(), evalCommand(), roundsCommand(), personaliseCommand(), corpusCommand(), inspectCommand(),
    networkCommand(), checkCommand(), doctorCommand(), stopCommand(), demoCommand(),
  ]) program.addCommand(inherit(command))
  return program
}

/** Subcommands throw like the program itself, so that one place decides how the process ends. */
function inherit(command: Command): Command {
  command.exitOverride().helpCommand(false).showHelpAfterError('(add --help for the options)')
  command.commands.forEach((one) => inherit(one))
  return command
}
