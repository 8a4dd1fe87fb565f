import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { HousePair } from '../settings/model-data.js'

/** Writes a company's designs as a designer keeps them: a folder a family, each design beside its specification. */
export async function writeCompany(folder: string, pairs: readonly Pick<HousePair, 'domain' | 'family' | 'specification' | 'design'>[]): Promise<void> {
  const numbers = new Map<string, number>()
  for (const { domain, family, specification, design } of pairs) {
    const number = (numbers.get(family) ?? 0) + 1
    numbers.set(family, number)
    const stem = join(folder, family, `${family}-${String(number).padStart(3, '0')}`)
    if (number === 1) await mkdir(join(folder, family), { recursive: true })
    await writeFile(`${stem}.${domain === 'qasm' ? 'qasm' : 'v'}`, design)
    await writeFile(`${stem}.md`, `${specification}\n`)
  }
}
