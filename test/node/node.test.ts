import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { Conversation } from '../../node/chat/conversation.js'
import { openPartner } from '../../node/chat/open-partner.js'
import type { Outgoing } from '../../node/cli/outgoing-lines.js'
import type { NodeStatus } from '../../node/daemon/status.js'
import type { GenerateAnswer } from '../../node/serving/request.js'
import { folderFor, meshwright, startMeshwright, succeed, testNetwork } from './house.js'

const statusOf = async (folder: string): Promise<NodeStatus> => JSON.parse(await succeed(['status', '--data', folder, '--json'])) as NodeStatus

test('two nodes train together, tell what they did, personalise, serve, and stop cleanly', async (t) => {
  const folder = folderFor(t)
  const nodes = await testNetwork(folder, ['alice', 'bob'], { campaignRounds: 4 })
  const alice = nodes.get('alice')!
  const bob = nodes.get('bob')!
  const settings = join(alice.folder, 'meshwright.json')
  writeFileSync(join(folder, 'short.mjs'), 'export const score = ({ design }) => 100 / (100 + design.length)')
  writeFileSync(settings, JSON.stringify({ ...JSON.parse(readFileSync(settings, 'utf8')) as object, metrics: [{ name: 'short', module: '../short.mjs', weight: 2 }] }))
  const first = startMeshwright(t, ['start', '--data', alice.folder, '--rounds', '4', '--no-personalise'])
  await first.says('the node is running')
  const { peer } = await statusOf(alice.folder)
  const second = startMeshwright(t, ['start', '--data', bob.folder, '--peer', `/ip4/127.0.0.1/tcp/${alice.port}/p2p/${peer}`, '--rounds', '4', '--no-personalise'])
  await Promise.all([first.says('stage=serving'), second.says('stage=serving')])

  const status = await statusOf(alice.folder)
  t.is(status.stage, 'serving')
  t.is(status.rounds!.members.length, 2)
  t.is(status.rounds!.cluster, 'verilog.0')
  t.true(status.traffic.bytesSent > 0 && status.traffic.bytesReceived > 0)
  t.true(status.traffic.f32Bytes / status.traffic.deltaBytes > 25)

  const served = await (await fetch(`${status.api.url!}/models`)).json() as { data: { id: string }[] }
  t.true(served.data.some(({ id }) => id === 'meshwright/network'))
  t.is((await fetch(`${status.api.url!}/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"prompt": "module m", "max_tokens": 4}' })).status, 200)

  const [metric] = status.metrics
  t.like(metric, { name: 'short', weight: 2, failures: {}, lastFailure: null })
  t.true(metric!.scored > 0)

  const { rounds } = JSON.parse(await succeed(['rounds', '--data', bob.folder, '--json', '--limit', '10'])) as { rounds: { round: number, contributions: { outcome: string }[] }[] }
  t.deepEqual(rounds.map(({ round }) => round), [1, 2, 3, 4])
  t.true(rounds.some(({ contributions }) => contributions.filter(({ outcome }) => outcome === 'counted').length === 2))

  const outgoingOf = async (...options: readonly string[]): Promise<Outgoing> =>
    JSON.parse(await succeed(['inspect', 'outgoing', '--data', alice.folder, '--json', ...options])) as Outgoing
  const outgoing = await outgoingOf('--content', '--kind', 'manifest', '--limit', '1000')
  t.true(['heartbeat', 'manifest', 'votes', 'delta'].every((kind) => outgoing.totals.some((total) => total.kind === kind)))
  t.is(outgoing.entries[0]!.content!.signer, peer)
  const pulled = (await outgoingOf('--kind', 'delta', '--since', '1h')).entries.filter(({ action }) => action === 'pulled')
  const { peer: other } = await statusOf(bob.folder)
  t.true(pulled.length > 0 && pulled.every(({ to, bytes }) => to === other && bytes === status.traffic.deltaBytes))
  t.true(['own messages by gossip', 'content pulled by others', 'hello', 'encryption'].every((name) => outgoing.wire.some((line) => line.name === name)))
  t.is(outgoing.wire.reduce((sum, { bytes }) => sum + bytes, 0), outgoing.sentBytes)
  t.true(status.traffic.bytesSent <= outgoing.sentBytes && outgoing.sentBytes > outgoing.servedBytes)

  const chosen = JSON.parse(await succeed(['personalise', '--data', alice.folder, '--steps', '3', '--json'])) as { chosen: string, scores: { name: string, passed?: number, own?: number }[] }
  t.true(chosen.scores.some(({ name }) => name === 'local') && chosen.scores.some(({ name }) => name.startsWith('mixture')))
  t.is(chosen.scores[0]!.name, chosen.chosen)
  const finalists = chosen.scores.filter(({ passed }) => passed !== undefined)
  t.true(['network', 'local'].every((name) => finalists.some((one) => one.name === name)))
  t.true(finalists.every(({ own }) => own! >= 0 && own! <= chosen.scores[0]!.own!) && chosen.scores[0]!.own! > 0)
  t.true(chosen.scores.slice(finalists.length).every(({ passed, own }) => passed === undefined && own === undefined))

  const ask = ['generate', '--data', alice.folder, '--spec', 'Module m3: y is a << 1, 5 bits.', '--max-tokens', '40', '--json']
  const plain = JSON.parse(await succeed([...ask, '--draft', 'none'])) as GenerateAnswer
  const drafted = JSON.parse(await succeed(ask)) as GenerateAnswer
  t.is(plain.adapter, 'personal')
  t.is(plain.design, drafted.design)
  t.is(plain.acceptanceLength, 1)

  const talk = await meshwright(['chat', '--data', alice.folder, '--max-tokens', '20'], { input: '/model\nModule m3: y is a << 1, 5 bits.\n/model base\nAnd 6 bits?\n/verify\n' })
  t.is(talk.code, 0, talk.stderr)
  t.regex(talk.stderr, /^ {2}base\n {2}network\n {2}local\n\* personal\nmodel personal, [\s\S]*\n\* base\n[\s\S]*\nmodel base, [\s\S]*\nfail: /)
  const partner = await openPartner(alice.folder, undefined)
  const conversation = new Conversation(partner, await partner.models(), { draft: 'none' })
  const stop = new AbortController()
  t.is(await conversation.ask('Module m3.', { signal: stop.signal, onPart: () => stop.abort() }), undefined)
  t.true((await conversation.ask('Module m4.', { signal: new AbortController().signal, onPart: () => undefined }))!.text.length > 0)

  // A model of some thousand weights writes nothing that synthesises.
  const reference = join(folder, 'reference.v')
  writeFileSync(reference, 'module m3(input [4:0] a, output [4:0] y);\n  assign y = a << 1;\nendmodule\n')
  const out = join(folder, 'out.v')
  const checked = await meshwright([...ask, '--reference', reference, '--out', out])
  t.is(checked.code, 3)
  t.regex(checked.stderr, /^error NOTHING_PASSED: /m)
  // Told by the node, which writes nothing for it.
  writeFileSync(reference, 'no module')
  const refused = await meshwright([...ask, '--testbench', reference])
  t.is(refused.code, 2)
  t.regex(refused.stderr, /^error INFERENCE_TESTBENCH_INVALID: no design can be tested/m)

  await succeed(['stop', '--data', alice.folder])
  second.process.kill('SIGINT')
  t.deepEqual(await Promise.all([first.ended, second.ended]), [0, 0])

  const again = startMeshwright(t, ['start', '--data', alice.folder, '--rounds', '4', '--no-personalise'])
  await again.says('the node is running')
  const since = await outgoingOf('--kind', 'manifest', '--limit', '1000')
  t.like(since, { runs: 2, crashes: [], since: outgoing.since, entriesSince: outgoing.since })
  t.deepEqual(since.entries.slice(0, outgoing.entries.length).map(({ hash }) => hash), outgoing.entries.map(({ hash }) => hash))
  t.true(since.sentBytes >= outgoing.sentBytes)
  t.regex(await succeed(['inspect', 'outgoing', '--data', alice.folder, '--limit', '5']), /^Left this node since .*, in 2 runs: /)
  await succeed(['stop', '--data', alice.folder])
  t.is(await again.ended, 0)

  // What the node has learnt serves without it.
  const alone = JSON.parse(await succeed(ask)) as GenerateAnswer
  t.is(alone.adapter, 'personal')
  t.is(alone.design, drafted.design)
})
