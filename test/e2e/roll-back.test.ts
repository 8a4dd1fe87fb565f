import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { freePorts } from '../../scripts/bench/village/free-ports.js'
import type { RoundNews } from '../../node/daemon/history.js'
import type { NodeStatus } from '../../node/daemon/status.js'
import { DEFAULT_POLICY } from '../../src/config/index.js'
import { end, type } from './terminal.js'
import type { Terminal } from './terminal.js'

/** Rounds of a few seconds: what is learnt in them does not matter here. */
const POLICY = {
  heartbeatMs: 500,
  roundSteps: { min: 1, target: 1, max: 1 },
  audit: { ...DEFAULT_POLICY.audit, probesPerRound: 1, everyRounds: 1000 },
}

test('the owner of a network sees its earlier models, and running nodes go back to one without a restart', async (t) => {
  t.timeout(600_000)
  const folder = mkdtempSync(join(tmpdir(), 'mw-'))
  const open: Terminal[] = []
  t.teardown(async () => {
    for (const terminal of open) end(terminal)
    await Promise.all(open.map(({ ended }) => ended))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  const run = async (command: string): Promise<string> => {
    const { code, output } = await type(folder, command).ended
    t.is(code, 0, `${command}\n${output}`)
    return output
  }
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(POLICY))
  const addresses = new Map<string, string>()
  for (const [at, name] of ['alice', 'bob'].entries()) {
    const address = `/ip4/127.0.0.1/tcp/${(await freePorts(1))[0]!}`
    addresses.set(name, address)
    await run(`meshwright corpus example verilog-${at + 1} ${name}/designs --limit 20`)
    await run(`meshwright init ${name} --designs ${name}/designs --network house.config.json --listen ${address}`)
  }
  await run(`meshwright network create house.config.json --name house --founder alice --founder bob --bootstrap alice=${addresses.get('alice')!} --policy policy.json`)
  const nodes = ['alice', 'bob'].map((name) => {
    const terminal = type(folder, `meshwright start --data ${name}`)
    open.push(terminal)
    return terminal
  })
  await Promise.all(nodes.map((node) => node.says('round finished round=5')))

  t.regex(await run('meshwright network roll-back house.config.json --data alice'), /^ *4  [0-9a-f]{12}$/m)
  const unknown = await type(folder, 'meshwright network roll-back house.config.json --data alice --to 3').ended
  t.is(unknown.code, 1)
  t.regex(unknown.output, /CHECKPOINT_UNKNOWN.*choose one of .*4/)
  await run('meshwright network roll-back house.config.json --data alice --to 4')
  t.regex(await run('meshwright network show house.config.json'), /rolled back {2}to round 4/)
  // The other one has it from her.
  t.regex(await run('meshwright network update --data alice'), /follows policy 2 now/)

  const news = async (): Promise<RoundNews | undefined> => {
    const { rounds } = JSON.parse(await run('meshwright rounds --data bob --limit 100 --json')) as { rounds: RoundNews[] }
    return rounds.find(({ contributions }) => contributions.some(({ reason }) => reason === 'ROLLBACK'))
  }
  let rolled = await news()
  while (rolled === undefined) {
    await new Promise((resolve) => { setTimeout(resolve, 1000) })
    rolled = await news()
  }
  await nodes[1]!.says('a newer policy has come from another peer')
  await Promise.all(nodes.map((node) => node.says(`round finished round=${rolled.round + 1}`)))
  const { rounds } = JSON.parse(await run('meshwright status --data alice --json')) as NodeStatus
  t.deepEqual(rounds!.policy, { inForce: 2, newest: 2 })
  for (const name of ['alice', 'bob']) await run(`meshwright stop --data ${name}`)
  const codes = await Promise.all(nodes.map(({ ended }) => ended))
  t.deepEqual(codes.map(({ code }) => code), [0, 0])
})
