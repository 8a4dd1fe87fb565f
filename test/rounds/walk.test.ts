import test from 'ava'

import { contentId, decodeCanonical, encodeCanonical } from '../../src/identity/index.js'
import type { Linked } from '../../src/rounds/cluster/old-records.js'
import { RECORDS_AT_MOST, Walk } from '../../src/rounds/cluster/walk.js'

import { createToyStore } from './village.js'

interface Named extends Linked {
  readonly ancestors: readonly string[]
}

/** A chain of so many records of nothing but links, and a walk that pulls from it. */
function chainOf(rounds: readonly number[]) {
  const records = new Map<string, Uint8Array>()
  const ids: string[] = []
  for (const round of rounds) {
    const bytes = encodeCanonical({ round, parent: ids.at(-1) ?? null, ancestors: ids.slice(-4, -1).reverse() })
    const id = contentId(bytes)
    records.set(id, bytes)
    ids.push(id)
  }
  const store = createToyStore()
  const pulled: string[] = []
  const told: number[] = []
  const walk = new Walk<Named>({ store }, {
    async get(id) {
      const kept = await store.getBlob(id)
      if (kept === undefined) pulled.push(id)
      return kept ?? records.get(id)!
    },
  }, {
    decode: (bytes) => ({ id: contentId(bytes), bytes, record: decodeCanonical(bytes) as Named }),
    maximumBytes: 1000,
    isOwn: (id) => id === ids[0],
    hints: ({ ancestors }) => ancestors,
    round: () => 0,
    check: () => undefined,
    progress: (count) => { told.push(count) },
  })
  return { ids, walk, store, pulled, told }
}

test('a long way is walked in goes, each of which goes on where the last one ended, and pulls nothing twice', async (t) => {
  const { ids, walk, store, pulled, told } = chainOf(Array.from({ length: 5001 }, (_, round) => round))
  let goes = 1
  for (;; goes++) {
    const way = await walk.back(ids.at(-1)!, ['somebody']).catch((error: unknown) => {
      t.is((error as { code?: string }).code, 'CHAIN_UNFINISHED')
      return undefined
    })
    if (way === undefined) continue
    t.deepEqual(way.ids, ids.slice(1))
    t.is(way.common, ids[0]!)
    break
  }
  t.true(goes >= 4)
  t.is(new Set(pulled).size, pulled.length)
  t.is(pulled.length, 5000)
  // Most of them are on disk, not in memory.
  t.true(store.blobs.size >= 4000)
  for (const id of ids.slice(1)) t.is((await walk.header(id)).id, id)
  t.is(told.at(-1), 4864)
  await walk.discard(ids)
  t.is(store.blobs.size, 0)
})

test('a way whose rounds do not descend by one is refused at once, and one that is too long before anything else is pulled', async (t) => {
  const gap = chainOf([0, 1, 2, 4, 5])
  await t.throwsAsync(gap.walk.back(gap.ids.at(-1)!, []), { code: 'CHAIN_REFUSED' })
  const long = chainOf([RECORDS_AT_MOST, RECORDS_AT_MOST + 1])
  await t.throwsAsync(long.walk.back(long.ids.at(-1)!, []), { code: 'CHAIN_REFUSED' })
  t.is(long.pulled.length, 1)
})
