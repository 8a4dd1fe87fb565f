import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { KeptCorpusIndex } from '../../node/serving/kept-corpus-index.js'
import { indexCorpus } from '../../src/inference/drafts/corpus-index.js'
import { openStore } from '../../src/store/index.js'
import { createLogger } from '../../src/telemetry/index.js'
import { folderFor } from './house.js'

test('the index of the own designs outlives the node, and one that cannot be read is made again', async (t) => {
  const folder = folderFor(t)
  const warnings: string[] = []
  const log = createLogger({ level: 'warn', write: (line) => warnings.push(line) })
  const store = await openStore(folder)
  t.teardown(() => store.close())
  const kept = new KeptCorpusIndex(store, log)
  t.deepEqual(await kept.read(), [])
  const documents = [[1, 2, 3, 1, 2], [4, 5], [4, 5]]
  const { segments } = indexCorpus(documents, [])
  kept.keep(segments)
  await kept.close()
  const read = await new KeptCorpusIndex(store, log).read()
  t.deepEqual(read, segments)
  t.false(indexCorpus(documents, read).isChanged)
  t.deepEqual(warnings, [])

  const [segment] = segments
  const wrong = [
    { ...segment!, order: segment!.order.map((at) => at + 1) },
    { ...segment!, order: segment!.order.slice(1) },
    { ...segment!, documents: segment!.documents.slice(1) },
    { ...segment!, documents: ['nonsense'] },
  ]
  for (const one of wrong) {
    kept.keep([one])
    t.deepEqual(await kept.read(), [])
  }
  t.is(warnings.length, wrong.length)

  kept.keep(segments)
  await kept.close()
  const [name] = readdirSync(join(folder, 'state')).filter((file) => file.startsWith('corpus-index'))
  const file = join(folder, 'state', name!)
  const bytes = readFileSync(file)
  bytes[bytes.length - 3]! ^= 1
  writeFileSync(file, bytes)
  t.deepEqual(await kept.read(), [])
  kept.keep(segments)
  t.deepEqual(await kept.read(), segments)
})
