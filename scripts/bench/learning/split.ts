import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { families } from '../../corpus/families/index.js'
import type { FamilySplit } from './figures.js'

interface Roles { readonly evaluation: readonly string[], readonly retention: readonly string[] }

/** Which families the base knows well and which a little, as its card measured them: families.json beside the weights. */
export async function readSplit(folder: string): Promise<FamilySplit> {
  const { evaluation, retention } = JSON.parse(await readFile(path.join(folder, 'families.json'), 'utf8')) as Roles
  const domains = new Map(families.map(({ name, domain }) => [name, domain]))
  return { evaluation, retention, quantum: evaluation.filter((name) => domains.get(name) === 'qasm') }
}
