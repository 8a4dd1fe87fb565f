import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import test from 'ava'

import { loadFamilies, loadReplay } from '../../node/settings/model-data.js'

import { folderFor } from './house.js'

const damage: readonly [string, Uint8Array | string][] = [
  ['no gzip file', 'text'], ['cut off', gzipSync('{}').subarray(0, 12)], ['no JSON', gzipSync('{"a"')], ['of another form', gzipSync('{"a": 1}')],
]
for (const [what, bytes] of damage) {
  test(`public data that are ${what} say which file to install again`, async (t) => {
    const folder = folderFor(t)
    writeFileSync(join(folder, 'replay.jsonl.gz'), bytes)
    await t.throwsAsync(loadReplay(folder), { code: 'MODEL_DATA_MISSING', message: /replay\.jsonl\.gz.*install the package again/ })
  })
}

test('families that are no JSON, or of another form, are told likewise', async (t) => {
  const folder = folderFor(t)
  for (const text of ['{', '[]', '{"known": 1}']) {
    writeFileSync(join(folder, 'families.json'), text)
    await t.throwsAsync(loadFamilies(folder), { code: 'MODEL_DATA_MISSING', message: /families\.json/ })
  }
})
