import { Command } from 'commander'

import { dataOption, domainOption, path } from '../options.js'
import { addWritingOptions, writingOf } from '../writing-options.js'
import type { WritingOptions } from '../writing-options.js'

interface ChatOptions extends WritingOptions {
  readonly data?: string
  readonly domain?: 'verilog' | 'qasm'
  readonly checker?: string
}

export function chatCommand(): Command {
  return addWritingOptions(new Command('chat')
    .description('Talk with the running node\'s models or, where none runs, with those in its data folder: ask for a design, have it changed, checked and saved.')
    .addOption(dataOption())
    .addOption(domainOption())
    .option('--checker <socket>', 'use the checkers of `meshwright check` where no node runs', path), 'the longest answer')
    .addHelpText('after', `
/help lists what can be typed: /model NAME, /verify [TESTBENCH], /save FILE, /reset, /exit. A line that ends in \\ goes on in the next. Ctrl-C stops an answer,
Ctrl-D ends the conversation. Turns that no longer fit the model's context are left out, the oldest first, and the chat says so.
Answers go to standard output, everything else to standard error. Lines may be piped in, one turn each; the exit code is then that of the first
turn that failed.

Examples:
  $ meshwright chat --data alice
  $ printf '%s\\n' "Write module inv8, an 8-bit inverter with input [7:0] a and output [7:0] y." /verify "/save inv8.v" | meshwright chat --data alice`)
    .action(async (options: ChatOptions, command: Command) => {
      const { runChat } = await import('../chat-terminal.js')
      const { data, domain, checker } = options
      process.exitCode = await runChat({
        data, checker, debug: command.optsWithGlobals<{ debug?: boolean }>().debug ?? false,
        settings: { ...writingOf(options), ...domain === undefined ? {} : { domain } },
      })
    })
}
