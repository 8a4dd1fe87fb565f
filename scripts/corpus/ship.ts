/**
 * Writes the data that ships beside the embedded model: replay (public pairs against forgetting), held-out specifications, the designs of fictional
 * companies for the demo, and the probe pool.
 *
 *   node dist/scripts/corpus/ship.js --probes build/corpus-eval/probes.jsonl.gz [--probes more.jsonl.gz] [--model models/embedded]
 *
 * families.json beside the model says which families are known, evaluation, retention and unseen.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'

import { heldOutRecords, trainingRecords, Withheld } from './draw.js'
import { families } from './families/index.js'
import type { Family } from './family.js'
import { house } from './house.js'
import { Random } from './random.js'
import type { ProbeRecord } from './record.js'
import { recordOf, writeRecords } from './record.js'

const REPLAY_EACH = 30
const HELD_OUT_EACH = 64
const HOUSES = { verilog: 8, qasm: 4 } as const
const DESIGNS_PER_HOUSE = 240

interface Shipped { readonly family: string, readonly domain: Family['domain'], readonly specification: string, readonly design: string }
interface Roles { readonly known: string[], readonly evaluation: string[], readonly retention: string[], readonly unseen: string[] }

const { values: options } = parseArgs({
  options: { model: { type: 'string', default: 'models/embedded' }, probes: { type: 'string', multiple: true, default: [] }, seed: { type: 'string', default: '1' } },
})
const seed = Number(options.seed)
const roles = JSON.parse(await readFile(join(options.model, 'families.json'), 'utf8')) as Roles
const named = (names: readonly string[]): Family[] => families.filter(({ name }) => names.includes(name))
const asked = named([...roles.evaluation, ...roles.retention])

const heldOut = asked.flatMap((family) => [...heldOutRecords(family, { seed, count: HELD_OUT_EACH })])
const withheld = new Withheld()
heldOut.forEach((record) => withheld.add(record))
await ship('held-out', heldOut)

if (options.probes.length > 0) {
  const probes: ProbeRecord[] = []
  for (const file of options.probes) probes.push(...lines<ProbeRecord>(await readFile(file)).filter(({ family }) => asked.some(({ name }) => name === family)))
  probes.forEach(({ specification, reference }) => withheld.add({ specification, design: reference }))
  await writeRecords(join(options.model, 'probes.jsonl.gz'), probes.map(({ family, domain, specification, reference, nearMisses }) => ({ family, domain, specification, reference, nearMisses })))
  console.log(`probes: ${probes.length}`)
}

await ship('replay', named(roles.known).flatMap((family) => [...trainingRecords(family, { seed, count: REPLAY_EACH, withheld })]))
await ship('houses', (['verilog', 'qasm'] as const).flatMap((domain) =>
  Array.from({ length: HOUSES[domain] }, (_, at) => companyDesigns(`${domain}-${at + 1}`, named(roles.evaluation).filter((family) => family.domain === domain))).flat()))

/** What a company has on its disk: training points of the evaluation families in its own names and layout, coded as its engineers please. */
function companyDesigns(name: string, own: readonly Family[]): (Shipped & { readonly house: string })[] {
  const random = new Random(`${seed} company ${name}`)
  const style = house(name, (length) => random.below(length))
  return Array.from({ length: DESIGNS_PER_HOUSE }, (_, at) => {
    const family = own[at % own.length]!
    const point = random.one(family.trainingPoints)
    return recordOf(family, point, style, random.below(family.phrasings), random.below(family.codings))
  }).filter((pair) => !withheld.has(pair))
}

async function ship(name: string, records: readonly Shipped[]): Promise<void> {
  await writeRecords(join(options.model, `${name}.jsonl.gz`), records.map(({ family, domain, specification, design, ...rest }) =>
    ({ ...'house' in rest && name === 'houses' ? { house: rest.house } : {}, family, domain, specification, design })))
  console.log(`${name}: ${records.length}`)
}

function lines<T>(bytes: Uint8Array): T[] {
  return gunzipSync(bytes).toString('utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as T)
}
