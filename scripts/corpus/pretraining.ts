/**
 * Writes what `scripts/pretrain` trains the embedded base on: train.jsonl.gz, held-out.jsonl.gz (with every accepted text of a specification) and split.json.
 *
 *   node dist/scripts/corpus/pretraining.js --out build/pretrain [--train 4000] [--held-out 32]
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { families } from './families/index.js'
import type { Family, Point } from './family.js'
import { house } from './house.js'
import type { HouseStyle } from './house.js'
import { Random } from './random.js'
import { writeRecords } from './record.js'
import { EVALUATION_CANDIDATES, UNSEEN } from './roles.js'

const { values: options } = parseArgs({
  options: { out: { type: 'string', default: 'build/pretrain' }, train: { type: 'string', default: '4000' }, 'held-out': { type: 'string', default: '32' } },
})
await mkdir(options.out, { recursive: true })
await writeRecords(join(options.out, 'train.jsonl.gz'), families.flatMap((family) => training(family, Number(options.train))))
await writeRecords(join(options.out, 'held-out.jsonl.gz'), families.flatMap((family) => heldOut(family, Number(options['held-out']))))
const known = families.map(({ name }) => name).filter((name) => !EVALUATION_CANDIDATES.includes(name) && !UNSEEN.includes(name))
await writeFile(join(options.out, 'split.json'), JSON.stringify({ known, evaluation: EVALUATION_CANDIDATES, unseen: UNSEEN }, null, 1))
console.log(`${known.length} known families, ${EVALUATION_CANDIDATES.length} that are seen a little, ${UNSEEN.length} that are not`)

function training(family: Family, count: number): object[] {
  const random = new Random(`train ${family.name}`)
  const seen = new Set<string>()
  const records: object[] = []
  for (let tries = 0; records.length < count && tries < 2 * count; tries++) {
    const style = house(`r${random.below(1e9)}`, (length) => random.below(length))
    const point = random.one(family.trainingPoints)
    const specification = family.describe(point, style, random.below(family.phrasings))
    const design = family.write(point, style, random.below(family.codings))
    if (seen.has(specification + design)) continue
    seen.add(specification + design)
    records.push({ family: family.name, specification, design })
  }
  return records
}

function heldOut(family: Family, count: number): object[] {
  const random = new Random(`held ${family.name}`)
  const seen = new Set<string>()
  const records: object[] = []
  for (let tries = 0; records.length < count && tries < 10 * count; tries++) {
    const style = house(`h${random.below(1e9)}`, (length) => random.below(length))
    const point = family.evaluationPoints[records.length % family.evaluationPoints.length]!
    const specification = family.describe(point, style, random.below(family.phrasings))
    if (seen.has(specification)) continue
    seen.add(specification)
    records.push({ family: family.name, specification, design: family.write(point, style, random.below(family.codings)), accepted: acceptedTexts(family, point, style) })
  }
  return records
}

/** Every text that answers a specification in its names, without white space: all codings in all layouts. What else is right, only checkers can tell. */
function acceptedTexts(family: Family, point: Point, style: HouseStyle): string[] {
  const layouts: HouseStyle[] = family.domain === 'qasm'
    ? [style]
    : [true, false].flatMap((alwaysBegin) => (['verilog', 'systemverilog'] as const).map((dialect) => ({ ...style, alwaysBegin, dialect })))
  return [...new Set(layouts.flatMap((layout) => Array.from({ length: family.codings }, (_, coding) => family.write(point, layout, coding).replace(/\s+/g, ''))))]
}
