import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import test from 'ava'

import { findPackageRoot, loadNetworkConfig } from '../../src/config/index.js'
import { credentialClaim, credentialText, signatureStanding, verifyNetworkConfig } from '../../src/identity/index.js'

const root = findPackageRoot()
const guide = readFileSync(join(root, 'docs', 'guides', 'private-network.md'), 'utf8')

/** Runs the commands of one step as the guide has them, up to the first that fails. */
async function run(folder: string, step: string): Promise<string> {
  const commands = new RegExp(`^\`\`\`sh ${step}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(guide)![1]!
  const shell = `set -e\nmeshwright() { node "${root}/dist/program/meshwright.js" "$@"; }\n${commands}`
  return (await promisify(execFile)('bash', ['-c', shell], { cwd: folder })).stdout
}

test('the guide\'s commands for owners work in their order, from the first key to the loss of one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mw-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'owners', 'house.config.json')
  for (const step of ['prepare', 'owners', 'invite', 'hand-out']) await run(folder, step)
  const first = await loadNetworkConfig(join(folder, 'core', 'house.config.json'))
  t.is(credentialClaim(credentialText.decode(readFileSync(join(folder, 'core', 'core.credential'), 'utf8'))).organisation, 'Core')
  t.regex(await run(folder, 'revoke'), /Missing: 1 signature under policy 2 \(1 of 2\)[\s\S]*signed by enough owners/)
  await run(folder, 'renew')
  t.is((await loadNetworkConfig(file)).policy.keyEpoch, 2)
  await run(folder, 'succeed')
  const last = await loadNetworkConfig(file)
  t.deepEqual(last.genesis, first.genesis)
  t.is(last.policy.version, 4)
  t.is(verifyNetworkConfig(last).keys.length, 3)
  t.is(signatureStanding(last).successions.length, 1)
})
