import { writeFile } from 'node:fs/promises'

import { Command } from 'commander'

import { dataOption, domainOption, jsonOption, path, whole } from '../options.js'
import { addWritingOptions, writingOf } from '../writing-options.js'
import type { WritingOptions } from '../writing-options.js'

interface GenerateOptions extends WritingOptions {
  readonly data?: string
  readonly spec?: string
  readonly specFile?: string
  readonly domain?: 'verilog' | 'qasm'
  readonly verify: boolean
  readonly reference?: string
  readonly testbench?: string
  readonly n?: number
  readonly out?: string
  readonly checker?: string
  readonly json: boolean
}

export function generateCommand(): Command {
  return addWritingOptions(new Command('generate')
    .description('Write a design from a specification, with the running node\'s models or, where none runs, with those in its data folder.')
    .addOption(dataOption())
    .option('--spec <text>', 'the specification')
    .option('--spec-file <file>', 'a file with the specification; - for standard input')
    .addOption(domainOption())
    .option('--verify', 'check what was written: synthesis for Verilog, meaning for OpenQASM', false)
    .option('--reference <file>', 'a design to be equivalent to; implies --verify', path)
    .option('--testbench <file>', 'a Verilog testbench that the design has to pass, run by iverilog in a sandbox; implies --verify. With --reference, it may compare with that', path)
    .option('--n <number>', 'write up to so many designs until one passes, or all where the settings have metrics, and take the best by them; implies --verify beyond 1 (default: where they are checked, as many tries as experience says)', whole(1, 64))
    .option('--out <file>', 'write the design to a file, too', path)
    .option('--checker <socket>', 'use the checkers of `meshwright check` where no node runs', path)
    .addOption(jsonOption()), 'the longest design')
    .addHelpText('after', `
The design goes to standard output, everything else to standard error. On a terminal, tokens that a draft had proposed are green.
A draft changes only the time, never the design. Exit code 3 says that no design passed its checks.
A testbench makes one instance of the module that it tests, prints MESHWRIGHT PASS where all is well, and calls $fatal where it is not; docs/guides/evaluation.md has other forms.

Examples:
  $ meshwright generate --data alice --spec "Write module inv8, an 8-bit inverter with input [7:0] a and output [7:0] y." --verify
  $ meshwright generate --data alice --spec-file fifo.md --n 5 --temperature 0.8 --out fifo.v
  $ meshwright generate --data alice --spec-file fifo.md --testbench fifo_tb.v
  $ meshwright generate --data bob --domain qasm --spec "..." --reference bell.qasm --draft none --json`)
    .action(async (options: GenerateOptions) => {
      const { runGenerate } = await import('../generate-design.js')
      const { NodeError } = await import('../../errors.js')
      const { readText } = await import('../../terminal/read-text.js')
      const { spec, specFile, reference, testbench, n, out, data, checker, json } = options
      if ((spec === undefined) === (specFile === undefined)) throw new NodeError('USAGE_INVALID', 'give the specification with --spec or with --spec-file, one of them')
      const specification = spec ?? (specFile === '-' ? await standardInput() : await readText(specFile!, 'specification')).trim()
      const answer = await runGenerate({
        data, checker, json,
        request: {
          specification, ...writingOf(options),
          verify: options.verify || reference !== undefined || testbench !== undefined || (n ?? 1) > 1,
          ...n === undefined ? {} : { samples: n },
          ...options.domain === undefined ? {} : { domain: options.domain },
          ...reference === undefined ? {} : { reference: await readText(reference, 'reference') },
          ...testbench === undefined ? {} : { testbench: await readText(testbench, 'testbench') },
        },
      })
      if (out !== undefined) await writeFile(out, answer.design)
      if (answer.verdict && answer.verdict.outcome !== 'pass') {
        throw new NodeError('NOTHING_PASSED', `${answer.candidates === 1 ? 'the design did' : `none of ${answer.candidates} designs did`} not pass its checks (${answer.verdict.outcome}: ${answer.verdict.reason})`)
      }
    })
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
