import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import test from 'ava'

const SCRIPT = fileURLToPath(new URL('runtime-process.js', import.meta.url))

for (const where of ['main thread', 'other thread']) {
  test(`ONNX Runtime in the ${where} keeps no usage data to send: its client leaves no file behind`, async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'meshwright-uploads-'))
    t.teardown(() => rm(folder, { recursive: true }))
    const environment: NodeJS.ProcessEnv = { ...process.env, TMPDIR: folder, HOME: folder, XDG_CACHE_HOME: folder, XDG_DATA_HOME: folder }
    delete environment.ORT_DISABLE_TELEMETRY
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, where], { env: environment })
    t.is(stdout, 'ran\n')
    t.deepEqual(await readdir(folder), [])
  })
}
