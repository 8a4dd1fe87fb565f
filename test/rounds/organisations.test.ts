import test from 'ava'

import { createIdentity, issueCredential, verifyCredential } from '../../src/identity/index.js'
import type { PeerId } from '../../src/network/index.js'

import { createVillage, NETWORK, villagerIdentity } from './village.js'
import type { Village } from './village.js'

const NOW = 1_000_000
const owner = await createIdentity()
const owners = { keys: [Buffer.from(owner.publicKey).toString('hex')], threshold: 1 }

const checkCredential = (peer: PeerId, credential: Uint8Array | null): void => { verifyCredential(credential, { peer, network: NETWORK, owners, now: NOW }) }

/** Three founders of three houses; of those who come later, all but the last two have a credential of Acme that holds. `lenient` asks nobody for one. */
async function consortium(later: number, lenient?: number): Promise<Village> {
  const credentials = await Promise.all(Array.from({ length: 3 + later }, async (_, index) => issueCredential([owner], NETWORK, { peer: (await villagerIdentity(index)).peerId, organisation: 'Acme', expires: NOW + (index === 3 + later - 2 ? 0 : 1) })))
  return createVillage({
    domains: Array<string>(3).fill('verilog'),
    organisations: ['Acme', 'Bolt', 'Core'],
    later: Array<string>(later).fill('verilog'),
    policy: { membership: 'credential', admissionDelayMs: 0 },
    peer: (index) => ({ ...index === lenient ? {} : { checkCredential }, credential: index === 3 + later - 1 ? null : credentials[index]! }),
  })
}

const organisationOf = (village: Village, index: number): string | undefined => village.villagers[0]!.peer.status().members.find(({ peer }) => peer === village.villagers[index]!.id)?.organisation

test('a house that brings many peers does not outweigh all others together, and the roster names whose each peer is', async (t) => {
  const village = await consortium(6)
  await village.start()
  t.true(await village.clock.runUntil(() => village.villagers[0]!.peer.status().members.length === 7, 600_000))
  const round = village.villagers[0]!.peer.status().round + 3
  t.true(await village.untilRound(round, [0, 1, 2, 3, 4, 5, 6]))
  t.deepEqual([0, 1, 2, 3, 6, 7].map((index) => organisationOf(village, index)), ['Acme', 'Bolt', 'Core', 'Acme', 'Acme', undefined])
  const { contributions } = village.villagers[1]!.of('record:committed').find((one) => one.round === round)!
  const counted = contributions.filter(({ weight }) => weight > 0)
  t.true(counted.length > 5)
  const acme = counted.filter(({ peer }) => organisationOf(village, village.villagers.findIndex(({ id }) => id === peer)) === 'Acme')
  const share = acme.reduce((sum, { weight }) => sum + weight, 0)
  t.true(share > 0.45 && share <= 0.501, `${share}`)
  const refused = village.villagers[0]!.of('message:refused').filter(({ kind, reason }) => kind === 'join' && reason.includes('shows no credential that holds'))
  for (const index of [7, 8]) t.true(refused.some(({ reason }) => reason.includes(village.villagers[index]!.id)), `${index}`)
  await village.stop()
})

test('a member that lets in whom the owners have not vouched for gets no record agreed on with it', async (t) => {
  const village = await consortium(2, 0)
  await village.start()
  t.true(await village.untilRound(6, [0, 1, 2]))
  t.deepEqual([...new Set(village.villagers[1]!.of('record:committed').map(({ members }) => members.length))], [3])
  t.true(village.villagers[0]!.of('message:refused').every(({ kind }) => kind !== 'join'), 'the lenient one takes what they say')
  await village.stop()
})
