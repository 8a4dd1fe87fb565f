import { Command } from 'commander'

import { dataOption, jsonOption, path, whole } from '../options.js'
import { print, printJson } from '../output.js'

interface ScanOptions {
  readonly data?: string
  readonly checker?: string
  readonly examples: number
  readonly json: boolean
}

export function corpusCommand(): Command {
  return new Command('corpus')
    .description('Look at designs as training examples, without training.')
    .addCommand(scanSubcommand())
    .addCommand(exampleSubcommand())
}

function scanSubcommand(): Command {
  return new Command('scan')
    .description('Scan folders as a node would: what is kept, what is left out, and why. Nothing leaves the machine.')
    .argument('[folders...]', 'folders or files (default: those of the node\'s settings)')
    .addOption(dataOption())
    .option('--checker <socket>', 'use the checkers of `meshwright check`', path)
    .option('--examples <number>', 'examples to show', whole(0, 1000), 1)
    .addOption(jsonOption())
    .addHelpText('after', `
Reads .v, .sv, .vh, .svh and .qasm files, and .jsonl files of {"specification": ..., "design": ...}. A specification is a text file of the same
name beside the design (fifo.v, fifo.md); without one it is derived from header comments and ports. Files that the settings' corpus.exclude means are
not read, and counted as excluded.

Examples:
  $ meshwright corpus scan ~/rtl
  $ meshwright corpus scan --data alice --json`)
    .action(async (folders: readonly string[], { data, checker: socket, examples, json }: ScanOptions) => {
      const { dataFolderOf, loadSettings } = await import('../../settings/settings.js')
      const { scanCorpus } = await import('../../../src/corpus/index.js')
      const { Checkers } = await import('../../daemon/checkers.js')
      const { NodeError } = await import('../../errors.js')
      const { corpusLines } = await import('../corpus-lines.js')
      const settings = await loadSettings(dataFolderOf(data))
      const sources = folders.length > 0 ? folders : settings.corpus.folders
      if (sources.length === 0) throw new NodeError('SETTINGS_NO_DESIGNS', 'no folder to scan: name one, or a node that has some with --data')
      const checkers = new Checkers(settings.checkers, socket)
      try {
        const corpus = await scanCorpus(sources, {
          checker: checkers.get(),
          exclude: settings.corpus.exclude,
          onProgress: ({ file, designs }) => { if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${designs} designs, ${file.slice(-60)}`) },
        })
        if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
        if (json) printJson({ report: corpus.report, examples: corpus.examples.slice(0, examples) })
        else print(...corpusLines(corpus, examples))
      } finally {
        await checkers.close()
      }
    })
}

function exampleSubcommand(): Command {
  return new Command('example')
    .description('Write the designs of a fictional company into a folder, to try Meshwright with.')
    .argument('<company>', 'verilog-1 to verilog-8, or qasm-1 to qasm-4')
    .argument('<folder>', 'where to write', path)
    .option('--limit <number>', 'designs to write', whole(1, 10_000), 80)
    .addHelpText('after', `
Example:
  $ meshwright corpus example verilog-1 alice/designs`)
    .action(async (company: string, folder: string, { limit }: { readonly limit: number }) => {
      const { writeCompany } = await import('../../demo/company-folder.js')
      const { loadHouses, modelFolderOf } = await import('../../settings/model-data.js')
      const { NodeError } = await import('../../errors.js')
      const pairs = (await loadHouses(modelFolderOf())).filter(({ house }) => house === company).slice(0, limit)
      if (pairs.length === 0) throw new NodeError('USAGE_INVALID', `there is no company "${company}": name one of verilog-1 to verilog-8 or qasm-1 to qasm-4`)
      await writeCompany(folder, pairs)
      print(`Wrote ${pairs.length} designs of the fictional company ${company} to ${folder}`)
    })
}
