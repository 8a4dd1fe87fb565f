import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import type { Problem } from '../problem.js'
import { invalid, textOf } from './files.js'

const PROMPT = '_prompt.txt'
/** What every testbench of the suite calls the design. */
const TOP = 'TopModule'

export const isVerilogEval = (names: readonly string[]): boolean => names.some((name) => name.endsWith(PROMPT))

/**
 * VerilogEval version 2: `ProbNNN_name_prompt.txt`, `_ref.sv` with the module RefModule, `_test.sv`, and `_ifc.txt` where the design is to be completed.
 *
 * @throws NodeError SUITE_INVALID
 */
export async function readVerilogEval(folder: string, suite: string): Promise<Problem[]> {
  const names = new Set(await readdir(folder))
  const stems = [...names].filter((name) => name.endsWith(PROMPT)).map((name) => name.slice(0, -PROMPT.length)).sort()
  const problems: Problem[] = []
  for (const id of stems) {
    for (const part of ['_ref.sv', '_test.sv']) if (!names.has(id + part)) throw invalid(join(folder, id + PROMPT), `${id}${part} is missing beside it`)
    const read = (part: string): Promise<string> => textOf(join(folder, id + part))
    const [specification, reference, testbench] = [await read(PROMPT), await read('_ref.sv'), await read('_test.sv')]
    problems.push({
      id, suite, domain: 'verilog', top: TOP, reference, testbench,
      specification: nonEmpty(specification, join(folder, id + PROMPT)),
      ...names.has(`${id}_ifc.txt`) ? { header: (await read('_ifc.txt')).trim() } : {},
    })
  }
  return problems
}

function nonEmpty(text: string, file: string): string {
  if (text.trim() === '') throw invalid(file, 'it is empty')
  return text.trim()
}
