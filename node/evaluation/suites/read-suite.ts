import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'

import { NodeError } from '../../errors.js'
import type { Problem, Suite } from '../problem.js'
import { invalid, textOf } from './files.js'
import { readOwn } from './own.js'
import { readRtllm, rtllmFolders } from './rtllm.js'
import { isVerilogEval, readVerilogEval } from './verilog-eval.js'

const LONGEST_LINES_BYTES = 64 * 1024 * 1024

/**
 * Reads a suite of problems, whichever of the known forms it has.
 *
 * @param path - a folder of VerilogEval or RTLLM, or a file of JSON lines
 * @throws NodeError SUITE_MISSING, SUITE_UNKNOWN, SUITE_INVALID
 */
export async function readSuite(path: string): Promise<Suite> {
  const entry = await stat(path).catch((error: unknown) => { throw new NodeError('SUITE_MISSING', `there is no suite at ${path}: check the path`, { cause: error }) })
  const name = basename(path, extname(path) === '.jsonl' ? '.jsonl' : '')
  if (entry.isFile()) {
    if (!path.endsWith('.jsonl')) throw unknown(path)
    return checked({ name, form: 'own', problems: readOwn(await textOf(path, LONGEST_LINES_BYTES), path, name) }, path)
  }
  const names = await readdir(path).catch((error: unknown) => { throw invalid(path, 'it cannot be read', error) })
  if (isVerilogEval(names)) return checked({ name, form: 'verilog-eval', problems: await readVerilogEval(path, name) }, path)
  const within = names.filter((one) => one.startsWith('dataset_'))
  if (within.length > 0) throw new NodeError('SUITE_UNKNOWN', `${path} holds several suites: name one of ${within.map((one) => join(path, one)).join(', ')}`)
  const folders = await rtllmFolders(path)
  if (folders.length > 0) return checked({ name, form: 'rtllm', problems: await readRtllm(path, folders, name) }, path)
  throw unknown(path)
}

function unknown(path: string): NodeError {
  return new NodeError('SUITE_UNKNOWN', `${path} is no suite: give a folder with ProbNNN_*_prompt.txt files (VerilogEval 2), one with design_description.txt files in its folders (RTLLM), or a .jsonl file of {id, domain, specification, reference?, testbench?, top?}`)
}

function checked(suite: Suite, path: string): Suite {
  if (suite.problems.length === 0) throw invalid(path, 'there is no problem in it')
  const seen = new Set<string>()
  for (const { id } of suite.problems) {
    if (seen.has(id)) throw invalid(path, `two problems are called ${id}`)
    seen.add(id)
  }
  return suite
}

/** Problems whose name or category holds one of the texts; all where there are none. @throws NodeError SUITE_EMPTY */
export function filtered(suites: readonly Suite[], texts: readonly string[]): Problem[] {
  const problems = suites.flatMap((suite) => suite.problems)
  const left = texts.length === 0 ? problems : problems.filter(({ id, category = '' }) => texts.some((text) => id.includes(text) || category.includes(text)))
  if (left.length === 0) throw new NodeError('SUITE_EMPTY', `no problem of ${problems.length} is called like ${texts.join(', ')}, such as ${problems[0]?.id ?? ''}: choose another --filter`)
  return left
}
