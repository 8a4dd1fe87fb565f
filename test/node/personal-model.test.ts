import test from 'ava'

import type { NodeStatus } from '../../node/daemon/status.js'
import { folderFor, startMeshwright, succeed, testNetwork } from './house.js'

const statusOf = async (folder: string): Promise<NodeStatus> => JSON.parse(await succeed(['status', '--data', folder, '--json'])) as NodeStatus

test('between rounds the personal model follows the network, and a node that was killed still serves it', async (t) => {
  const nodes = await testNetwork(folderFor(t), ['alice', 'bob'], { campaignRounds: 1000 })
  const [alice, bob] = [nodes.get('alice')!, nodes.get('bob')!]
  const first = startMeshwright(t, ['start', '--data', alice.folder])
  await first.says('the node is running')
  const { peer } = await statusOf(alice.folder)
  const second = startMeshwright(t, ['start', '--data', bob.folder, '--peer', `/ip4/127.0.0.1/tcp/${alice.port}/p2p/${peer}`, '--no-personalise'])
  await first.says('the personal model is ready')
  const { personal } = await statusOf(alice.folder)
  t.true(personal!.round >= 1 && personal!.time > 0)
  t.regex(await succeed(['status', '--data', alice.folder]), /personal {3}.*, best of \d+ on own validation designs; refreshed .* ago, after round \d+/)
  t.is((await statusOf(bob.folder)).personal, null)

  first.process.kill('SIGKILL')
  second.process.kill('SIGKILL')
  await Promise.all([first.ended, second.ended])
  const written = JSON.parse(await succeed(['generate', '--data', alice.folder, '--spec', 'Module m3: y is a << 1, 5 bits.', '--max-tokens', '10', '--json'])) as { adapter: string }
  t.is(written.adapter, 'personal')
  const again = startMeshwright(t, ['start', '--data', alice.folder, '--no-personalise'])
  await again.says('the node is running')
  t.true((await statusOf(alice.folder)).personal!.round >= personal!.round)
  await succeed(['stop', '--data', alice.folder])
  t.is(await again.ended, 0)
})
