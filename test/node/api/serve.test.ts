import { existsSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'
import OpenAI from 'openai'

import { folderFor, meshwright, startMeshwright } from '../house.js'
import { ADDER } from './serving.js'

test('serve serves a data folder until it is stopped, and says what keeps it from it', async (t) => {
  const folder = folderFor(t)
  const data = join(folder, 'data')
  const running = startMeshwright(t, ['serve', '--data', data, '--port', '0', '--json'])
  await running.says('"ready":true')
  const { url, models } = JSON.parse(/^\{"ready".*$/m.exec(running.log())![0]) as { url: string, models: string[] }
  t.deepEqual(models, ['base'])
  const client = new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 })
  const { choices } = await client.chat.completions.create({ model: 'meshwright', messages: [{ role: 'user', content: ADDER }] })
  t.true(choices[0]!.message.content!.startsWith('module add8'))

  const taken = await meshwright(['serve', '--data', join(folder, 'other'), '--port', new URL(url).port])
  t.is(taken.code, 2)
  t.regex(taken.stderr, /error API_ADDRESS_UNUSABLE: .*another program listens there/)
  const same = await meshwright(['serve', '--data', data, '--port', '0'])
  t.regex(same.stderr, /error STORE_IN_USE/)
  const open = await meshwright(['serve', '--data', join(folder, 'open'), '--host', '0.0.0.0'])
  t.is(open.code, 2)
  t.regex(open.stderr, /error CONFIG_INVALID: [\s\S]*api\.host is "0\.0\.0\.0": write 127\.0\.0\.1, or set api\.keyFile/)
  const keyless = await meshwright(['serve', '--data', join(folder, 'open'), '--host', '0.0.0.0', '--api-key-file', join(folder, 'nowhere')])
  t.is(keyless.code, 2)
  t.regex(keyless.stderr, /error API_KEY_UNREADABLE/)

  running.process.kill('SIGINT')
  t.is(await running.ended, 0)
  t.false(existsSync(join(data, 'lock')))
})
