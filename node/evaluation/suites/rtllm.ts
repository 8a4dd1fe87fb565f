import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'

import { asDesign, targetOf } from '../../../src/quality/index.js'
import type { Problem } from '../problem.js'
import { invalid, textOf } from './files.js'

const DESCRIPTION = 'design_description.txt'
const TESTBENCH = 'testbench.v'
/** Texts that testbenches of the suite open. */
const DATA = /^\w[\w.-]*\.(?:txt|dat|data|hex|mem|bin|vh|svh)$/
/** Folders within folders beyond this are no suite. */
const DEEPEST = 6
const MOST_FOLDERS = 20_000

/** The folders, at any depth, that hold a problem; none where the folder is no suite of this form. */
export async function rtllmFolders(folder: string): Promise<string[]> {
  const found: string[] = []
  let seen = 0
  const walk = async (at: string, depth: number): Promise<void> => {
    if (depth > DEEPEST || ++seen > MOST_FOLDERS) return
    const entries = await readdir(at, { withFileTypes: true }).catch((): Dirent[] => [])
    if (entries.some((entry) => entry.isFile() && entry.name === DESCRIPTION)) found.push(at)
    for (const entry of entries) if (entry.isDirectory() && !entry.name.startsWith('.')) await walk(join(at, entry.name), depth + 1)
  }
  await walk(folder, 0)
  return found.sort()
}

/**
 * RTLLM: a folder a problem with `design_description.txt`, `testbench.v`, a reference `verified_*.v` and what the testbench reads. The folders above are its categories.
 *
 * @throws NodeError SUITE_INVALID
 */
export async function readRtllm(folder: string, folders: readonly string[], suite: string): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const at of folders) {
    const names = (await readdir(at)).sort()
    if (!names.includes(TESTBENCH)) throw invalid(at, `${TESTBENCH} is missing beside ${DESCRIPTION}`)
    const [specification, testbench] = [(await textOf(join(at, DESCRIPTION))).trim(), await textOf(join(at, TESTBENCH))]
    if (specification === '') throw invalid(join(at, DESCRIPTION), 'it is empty')
    const verified = names.find((name) => /^verified_.*\.s?v$/.test(name))
    const reference = verified === undefined ? undefined : await textOf(join(at, verified))
    const target = targetOf(testbench, undefined, undefined)
    if ('refused' in target) throw invalid(join(at, TESTBENCH), target.refused)
    const files = Object.fromEntries(await Promise.all(names.filter((name) => DATA.test(name) && name !== DESCRIPTION).map(async (name) => [name, await textOf(join(at, name))] as const)))
    const [category] = relative(folder, at).split(sep)
    problems.push({
      id: basename(at), suite, domain: 'verilog', specification, testbench, top: target.top,
      ...category !== undefined && category !== basename(at) && category !== '' ? { category } : {},
      // The references' own names begin with verified_; the testbenches ask for the name without it.
      ...reference === undefined ? {} : { reference: asDesign(reference, testbench, target.top) ?? reference },
      ...Object.keys(files).length > 0 ? { files } : {},
    })
  }
  return problems
}
