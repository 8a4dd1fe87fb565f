import { peerIdFromString } from '@libp2p/peer-id'
import test from 'ava'

import { createIdentity } from '../../src/identity/index.js'
import { noteProtocolsOnce } from '../../src/network/libp2p/known-protocols.js'

test('a protocol of a peer is noted once while it is connected, and everything else always', async (t) => {
  const [self, peer] = await Promise.all([1, 2].map(async () => peerIdFromString((await createIdentity()).peerId)))
  const merged: string[] = []
  const store: Parameters<typeof noteProtocolsOnce>[1] = {
    merge: (id, { protocols = [], metadata }) => {
      merged.push([id.equals(self) ? 'self' : 'peer', ...protocols, ...metadata === undefined ? [] : ['metadata']].join(' '))
      return Promise.resolve({ id, addresses: [], metadata: new Map(), tags: new Map(), protocols: [...protocols] })
    },
  }
  const forget = noteProtocolsOnce(self!, store)
  for (let time = 0; time < 2; time++) {
    await store.merge(peer!, { protocols: ['one'] })
    await store.merge(self!, { protocols: ['one'] })
    await store.merge(peer!, { protocols: ['one'], metadata: {} })
  }
  await store.merge(peer!, { protocols: ['two'] })
  forget(peer!)
  await store.merge(peer!, { protocols: ['two'] })
  t.deepEqual(merged, ['peer one', 'self one', 'peer one metadata', 'self one', 'peer one metadata', 'peer two', 'peer two'])
})
