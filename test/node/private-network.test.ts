import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { designFolder, folderFor, meshwright, startMeshwright, succeed, tinyModel } from './house.js'

interface Company { readonly folder: string, readonly peer: string }

/** Owners of a private network, each with a folder of their own, and companies with data folders that name its files. */
async function privateNetwork(folder: string, names: readonly string[]) {
  const file = join(folder, 'house.config.json')
  const model = tinyModel(folder)
  const companies = new Map<string, Company>()
  for (const name of names) {
    const data = join(folder, name)
    const made = await succeed([
      'init', data, '--network', file, '--network-key', join(folder, 'house.config.key'), '--credential', join(folder, `${name}.credential`),
      '--designs', designFolder(data, 24), '--listen', '/ip4/127.0.0.1/tcp/0', '--json',
    ])
    const settings = join(data, 'meshwright.json')
    writeFileSync(settings, JSON.stringify({ ...JSON.parse(readFileSync(settings, 'utf8')) as object, modelFolder: model }))
    companies.set(name, { folder: data, peer: (JSON.parse(made) as { peer: string }).peer })
  }
  await succeed(['network', 'create', file, '--name', 'house', '--model', model, '--private', '--owners', '3', '--threshold', '2', ...names.flatMap((name) => ['--founder', join(folder, name)])])
  return { file, keyFile: join(folder, 'house.config.key'), companies, owner: (number: number) => join(folder, `house.config.owner-${number}`) }
}

async function json<Answer = Record<string, unknown>>(args: readonly string[]): Promise<Answer> {
  return JSON.parse(await succeed([...args, '--json'])) as Answer
}

test.serial('owners make a private network, invite with two signatures, revoke with a new key, and hand over when one key is lost', async (t) => {
  const folder = folderFor(t)
  const { file, keyFile, companies, owner } = await privateNetwork(folder, ['alice', 'bob', 'carol'])
  t.is(statSync(keyFile).mode & 0o777, 0o600)
  t.regex(readFileSync(keyFile, 'utf8'), /^0 [0-9a-f]{64}\n$/)
  for (const number of [1, 2, 3]) t.true(existsSync(join(owner(number), 'identity.key')))
  const made = await json(['network', 'show', file])
  t.like(made, { holds: true, policy: { membership: 'credential', version: 1 } })

  const again = await meshwright(['network', 'create', file, '--name', 'other', '--founder', join(folder, 'alice')])
  t.is(again.code, 2)
  t.regex(again.stderr, /NETWORK_FILE_EXISTS: .*--force/)

  // Two of three owners sign an invitation, one after the other.
  const alice = companies.get('alice')!
  const credential = join(folder, 'alice.credential')
  const invited = await json(['network', 'invite', file, '--peer', alice.folder, '--organisation', 'Acme', '--expires', '30', '--owner', owner(1), '--out', credential])
  t.like(invited, { missing: 1, peer: alice.peer })
  const nameless = await meshwright(['network', 'sign', credential, '--owner', owner(2)])
  t.regex(nameless.stderr, /USAGE_INVALID: .*--network/)
  t.like(await json(['network', 'sign', credential, '--network', file, '--owner', owner(2)]), { missing: 0 })
  t.like(await json(['network', 'show', credential, '--network', file]), { peer: alice.peer, organisation: 'Acme', missing: 0, isExpired: false, isRevoked: false })

  // Two of three revoke a peer, and the network gets its next key.
  const carol = companies.get('carol')!
  const revoked = await json(['network', 'revoke', file, '--peer', carol.peer, '--owner', owner(1)])
  t.like(revoked, { policy: 2, keyEpoch: 1, missing: { policy: 1 } })
  const refused = await meshwright(['start', '--data', alice.folder])
  t.is(refused.code, 2)
  t.regex(refused.stderr, /OWNERS_SIGNATURES_TOO_FEW: policy 2 .*network sign/)
  t.like(await json(['network', 'sign', file, '--owner', owner(3)]), { missing: { policy: 0 } })
  t.deepEqual(readFileSync(keyFile, 'utf8').trim().split('\n').map((line) => line.split(' ')[0]), ['0', '1'])
  const inviting = await meshwright(['network', 'invite', file, '--peer', carol.peer, '--organisation', 'C', '--expires', '30', '--owner', owner(1)])
  t.regex(inviting.stderr, /USAGE_INVALID: .*revoked/)

  // Owner 3 loses the key.
  rmSync(owner(3), { recursive: true })
  const lost = await meshwright(['network', 'sign', file, '--owner', owner(3)])
  t.regex(lost.stderr, /IDENTITY_FILE_MISSING/)
  const heir = join(folder, 'owner-4')
  const key = (await succeed(['network', 'owner', heir])).trim()
  const handed = await json(['network', 'succeed', file, '--threshold', '2', '--new-owner', owner(1), '--new-owner', owner(2), '--new-owner', key, '--owner', owner(1)])
  t.deepEqual(handed['missing'], { successions: [1], policy: 1 })
  t.deepEqual((await json(['network', 'sign', file, '--owner', owner(2)]))['missing'], { successions: [0], policy: 0 })
  const after = await json(['network', 'show', file])
  t.is(after['id'], made['id'])
  t.like(after, { holds: true, policy: { version: 3 } })
  // The heir signs from now on; the credential of owners 1 and 2 still holds.
  t.like(await json(['network', 'renew-key', file, '--owner', heir, '--owner', owner(1)]), { policy: 4, keyEpoch: 2, missing: { policy: 0 } })
  t.like(await json(['network', 'show', credential, '--network', file]), { missing: 0 })
  t.deepEqual(readFileSync(keyFile, 'utf8').trim().split('\n').map((line) => line.split(' ')[0]), ['1', '2'])
})

test.serial('whoever cannot sign, or has no key to renew, is told what to do', async (t) => {
  const folder = folderFor(t)
  const { file, keyFile, owner } = await privateNetwork(folder, ['alice'])
  const alice = join(folder, 'alice')
  for (const [args, message] of [
    [['network', 'sign', file, '--owner', alice], /OWNER_UNKNOWN: .*network show/],
    [['network', 'sign', file], /USAGE_INVALID: .*--owner/],
    [['network', 'sign', join(folder, 'none')], /CREDENTIAL_UNREADABLE/],
    [['network', 'invite', file, '--peer', '12D3KooWnobody', '--organisation', 'A', '--expires', '1', '--owner', owner(1)], /SETTINGS_FOUNDER/],
    [['network', 'invite', file, '--peer', alice, '--organisation', 'A', '--expires', '2001-01-01', '--owner', owner(1)], /date to come/],
    [['network', 'show', join(alice, 'identity.key')], /CREDENTIAL_INVALID/],
  ] as const) {
    const { code, stderr } = await meshwright(args)
    t.is(code, 2, args.join(' '))
    t.regex(stderr, message)
  }
  renameSync(keyFile, `${keyFile}.elsewhere`)
  const before = readFileSync(file, 'utf8')
  const keyless = await meshwright(['network', 'revoke', file, '--peer', alice, '--owner', owner(1), '--owner', owner(2)])
  t.regex(keyless.stderr, /USAGE_INVALID: .*--network-key.*--keep-key/)
  t.is(readFileSync(file, 'utf8'), before)
  t.like(await json(['network', 'revoke', file, '--peer', alice, '--keep-key', '--owner', owner(1), '--owner', owner(2)]), { policy: 2, keyEpoch: 0, networkKey: null })
})

test.serial('a running node takes over a newer policy, parts from whom it revokes, and never goes back', async (t) => {
  const folder = folderFor(t)
  const { file, keyFile, companies, owner } = await privateNetwork(folder, ['alice', 'bob', 'carol'])
  const owners = ['--owner', owner(1), '--owner', owner(2)]
  for (const [name, { peer }] of companies) await succeed(['network', 'invite', file, '--peer', peer, '--organisation', name, '--expires', '30', '--out', join(folder, `${name}.credential`), ...owners])
  const old = { network: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  // Carol has copies of its own, as companies do.
  const [alice, carol] = [companies.get('alice')!, companies.get('carol')!]
  const elsewhere = join(folder, 'elsewhere')
  mkdirSync(elsewhere)
  writeFileSync(join(elsewhere, 'house.json'), old.network)
  writeFileSync(join(elsewhere, 'house.key'), old.key)

  const first = startMeshwright(t, ['start', '--data', alice.folder, '--no-personalise'])
  await first.says('the node is running')
  const { addresses } = await json<{ addresses: string[] }>(['status', '--data', alice.folder])
  const settings = join(carol.folder, 'meshwright.json')
  writeFileSync(settings, JSON.stringify({
    ...JSON.parse(readFileSync(settings, 'utf8')) as object,
    network: join(elsewhere, 'house.json'), networkKeyFile: join(elsewhere, 'house.key'), transport: { listen: [], staticPeers: addresses },
  }))
  const second = startMeshwright(t, ['start', '--data', carol.folder, '--no-personalise'])
  await second.says('a peer is connected')
  await first.says('a peer is connected')

  await succeed(['network', 'revoke', file, '--peer', carol.peer, ...owners])
  const update = await json(['network', 'update', '--data', alice.folder])
  t.deepEqual(update, { from: 1, to: 2, atRestart: ['keyEpoch'] })
  await second.says('it refuses this node: ')
  const statusOf = () => json<{ network: { policy: number }, connected: unknown[], refused: { peer: string, reason: string }[] }>(['status', '--data', alice.folder])
  // The connection stays open for a moment, so that the revoked peer can read why.
  while ((await statusOf()).connected.length > 0);
  const status = await statusOf()
  t.is(status.network.policy, 2)
  t.true(status.refused.some(({ peer, reason }) => peer === carol.peer && reason.includes('revoked')), JSON.stringify(status.refused))
  t.deepEqual(await json(['network', 'update', '--data', alice.folder]), { from: 2, to: 2, atRestart: [] })

  // An older file is refused by the running node, and passed over by one that starts.
  writeFileSync(file, old.network)
  const back = await meshwright(['network', 'update', '--data', alice.folder])
  t.regex(back.stderr, /POLICY_OUTDATED: .*holds policy 1, and this node has followed policy 2 already: get the newest file/)
  first.process.kill('SIGKILL')
  await first.ended

  // It follows the policy that it knows, and so needs the new key.
  const present = readFileSync(keyFile, 'utf8')
  writeFileSync(keyFile, old.key)
  const keyless = await meshwright(['start', '--data', alice.folder])
  t.is(keyless.code, 2)
  t.regex(keyless.stderr, /error NETWORK_KEY_EPOCH_MISSING: .*epoch 1/)
  writeFileSync(keyFile, present)
  const third = startMeshwright(t, ['start', '--data', alice.folder, '--no-personalise'])
  await third.says('the network\'s file is older than the policy that this node follows')
  await third.says('the node is running')
  t.like(await json(['status', '--data', alice.folder]), { network: { policy: 2 } })
})
