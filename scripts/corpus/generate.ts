import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { heldOutRecords, trainingRecords, Withheld } from './draw.js'
import { families } from './families/index.js'
import { openJudge } from './judge.js'
import { probesOf } from './probes.js'
import type { CorpusRecord, ProbeRecord } from './record.js'
import { writeRecords } from './record.js'

const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: 'build/corpus' },
    seed: { type: 'string', default: '1' },
    train: { type: 'string', default: '4000' },
    'held-out': { type: 'string', default: '128' },
    probes: { type: 'string', default: '64' },
    workers: { type: 'string', default: '2' },
    timeout: { type: 'string', default: '20' },
    family: { type: 'string', multiple: true },
  },
})

const seed = Number(options.seed)
const chosen = families.filter((family) => options.family?.includes(family.name) ?? true)
const withheld = new Withheld()
await mkdir(options.out, { recursive: true })

const heldOut: CorpusRecord[] = chosen.flatMap((family) => [...heldOutRecords(family, { seed, count: Number(options['held-out']) })])
heldOut.forEach((record) => withheld.add(record))
await writeRecords(join(options.out, 'held-out.jsonl.gz'), heldOut)
console.log(`held-out: ${heldOut.length} specifications of ${chosen.length} families`)

const judge = openJudge(options.out, { workers: Number(options.workers), timeoutMs: 1000 * Number(options.timeout) })
const probes: ProbeRecord[] = []
for (const family of chosen) {
  const started = performance.now()
  const { found, tried } = await probesOf(judge, family, { seed, count: Number(options.probes), workers: Number(options.workers) })
  probes.push(...found)
  console.log(`probes: ${family.name}: ${found.length} of ${tried} references, ${((performance.now() - started) / 1000).toFixed(0)} s`)
}
await judge.close()
probes.forEach(({ specification, reference }) => withheld.add({ specification, design: reference }))
await writeRecords(join(options.out, 'probes.jsonl.gz'), probes)

const counts = new Map<string, number>()
await writeRecords(join(options.out, 'train.jsonl.gz'), (function* () {
  for (const family of chosen) {
    for (const record of trainingRecords(family, { seed, count: Number(options.train), withheld })) {
      counts.set(family.name, (counts.get(family.name) ?? 0) + 1)
      yield record
    }
  }
})())
for (const [name, count] of counts) {
  if (count < Number(options.train)) console.log(`train: ${name} has only ${count} different examples`)
}
console.log(`train: ${[...counts.values()].reduce((sum, count) => sum + count, 0)} examples, ${probes.length} probes with ${probes.reduce((sum, probe) => sum + probe.nearMisses.length, 0)} near misses`)
