import test from 'ava'

import { AddressBook } from '../../src/network/libp2p/address-book.js'
import { Connector } from '../../src/network/libp2p/connector.js'
import { createRandom, createVirtualClock, silentLogger } from '../../src/telemetry/index.js'

const TARGET = 12
const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${prefix}${String(at).padStart(2, '0')}`)

/** A peer that knows everybody's address from the start; a dial takes as long as a handshake, and fails for those in `absent`. */
function connectorOf({ mates, strangers, absent = [] }: { readonly mates: readonly string[], readonly strangers: readonly string[], readonly absent?: readonly string[] }) {
  const clock = createVirtualClock()
  const random = createRandom(1)
  const connected = new Set<string>()
  const book = new AddressBook('peer50', random, () => false)
  for (const peer of [...mates, ...strangers]) book.add({ peer, sequence: 1, addresses: [`/ip4/127.0.0.1/tcp/1`], sealed: new Uint8Array(0) })
  const connector = new Connector({
    self: 'peer50', clock, random, log: silentLogger, book,
    fixed: new Map(),
    targetPeers: TARGET,
    isConnected: (peer) => connected.has(peer),
    connected: () => connected.size,
    isBanned: () => false,
    failed: () => undefined,
    dial: (peer) => new Promise((resolve, reject) => {
      clock.after(100, () => {
        if (absent.includes(peer)) {
          reject(new Error('nobody answers'))
          return
        }
        connected.add(peer)
        resolve()
      })
    }),
  })
  connector.keep(mates)
  connector.start()
  return { clock, connected, connector }
}

test('chance peers take no places of those to stay connected to: with all of them the target is reached, and not passed', async (t) => {
  // Names before and after this peer's own, so that some are dialled only after the wait that politeness asks for.
  const mates = [...names('mate', 4), ...names('zeal', 4)]
  const { clock, connected, connector } = connectorOf({ mates, strangers: names('stranger', 30) })
  await clock.advance(60_000)
  connector.stop()
  t.true(mates.every((peer) => connected.has(peer)))
  t.is(connected.size, TARGET)
})

for (const [what, mates] of [['some', names('mate', 8)], ['more than the target', names('zeal', 20)]] as const) {
  test(`those who do not answer keep no places: ${what}`, async (t) => {
    const { clock, connected, connector } = connectorOf({ mates, strangers: names('stranger', 30), absent: mates })
    await clock.advance(180_000)
    connector.stop()
    t.is(connected.size, TARGET)
  })
}

test('a few chance peers are dialled at once, and further ones without hurry, since others dial this one meanwhile', async (t) => {
  const { clock, connected, connector } = connectorOf({ mates: [], strangers: names('stranger', 30) })
  await clock.advance(4000)
  t.true(connected.size >= 4 && connected.size <= 6, `${connected.size} are connected`)
  // Those who have dialled this peer.
  for (const peer of names('caller', TARGET - connected.size)) connected.add(peer)
  await clock.advance(60_000)
  connector.stop()
  t.is(connected.size, TARGET)
})
