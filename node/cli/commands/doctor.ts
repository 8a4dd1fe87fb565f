import { Command } from 'commander'

import type { Finding } from '../../doctor/finding.js'
import { EXIT } from '../exit-codes.js'
import { dataOption, jsonOption } from '../options.js'
import { print, printJson } from '../output.js'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Look for what keeps a node from its work, whether it runs or not, and say what to do.')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', `
Looked at: Node and memory; the data folder, its disk and keys; settings, designs and the network's file; ports; the base model; each bootstrap
peer, whether others can reach this node, and its clock against theirs; the checkers, on a tiny design each. Nothing is changed.
Without a running node, it connects for a moment as the node would.

Exit code 1 where something is a problem, 0 with warnings only.

Examples:
  $ meshwright doctor --data alice
  $ meshwright doctor --data alice --json | jq '.findings[] | select(.grade != "ok")'`)
    .action(async ({ data, json }: { readonly data?: string, readonly json: boolean }) => {
      const { dataFolderOf } = await import('../../settings/settings.js')
      const { examine } = await import('../../doctor/examine.js')
      const { findingLines, summaryLine } = await import('../doctor-lines.js')
      const folder = dataFolderOf(data)
      const isColoured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
      const findings: Finding[] = []
      await examine(folder, (finding) => {
        findings.push(finding)
        if (!json) print(...findingLines(finding, isColoured))
      })
      const healthy = findings.every(({ grade }) => grade !== 'problem')
      if (json) printJson({ dataFolder: folder, healthy, findings })
      else print('', summaryLine(findings))
      process.exitCode = healthy ? EXIT.ok : EXIT.failed
    })
}
