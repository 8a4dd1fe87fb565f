import test from 'ava'
import fc from 'fast-check'

import { bornCluster, goes, halve, isPlacedAt, lot, strayedAt } from '../../src/hierarchy/index.js'
import type { Branching } from '../../src/hierarchy/index.js'

const peers = fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }).map((number) => `peer ${number}`), { minLength: 2, maxLength: 40 })

test('a split deals its members into two even halves, whatever their order, and a lot says for everybody else where it belongs', (t) => {
  fc.assert(fc.property(peers, fc.string(), fc.string(), (members, salt, stranger) => {
    const born = bornCluster('verilog', lot('test', salt))
    const { stay, go, from } = halve(members, born)
    t.deepEqual([...stay, ...go].sort(), members.toSorted())
    t.true(stay.length - go.length === members.length % 2)
    t.deepEqual(halve(members.toReversed(), born), { stay, go, from })
    for (const peer of stay) t.false(goes(peer, { cluster: born, from }))
    for (const peer of go) t.true(goes(peer, { cluster: born, from }))
    const sides = [false, true].filter((went) => isPlacedAt(stranger, [{ cluster: born, from, went }]))
    t.is(sides.length, 1)
  }))
})

test('a cluster has a name of its own, however long that of its domain is', (t) => {
  for (const domain of ['verilog', 'v'.repeat(64)]) t.regex(bornCluster(domain, lot('salt')), /^[a-z0-9][a-z0-9.-]{0,63}$/)
  t.not(bornCluster('verilog', lot('a')), bornCluster('verilog', lot('b')))
})

interface Grown { readonly splits: readonly Branching[], readonly members: readonly string[] }

/** A domain that grows peer by peer from one cluster. */
function grow(joiners: readonly string[], most: number): Map<string, Grown> {
  const clusters = new Map<string, Grown>([['verilog.0', { splits: [], members: [] }]])
  for (const [at, peer] of joiners.entries()) {
    const [id, { splits, members }] = [...clusters].find(([, grown]) => isPlacedAt(peer, grown.splits))!
    const all = [...members, peer]
    if (all.length <= most) {
      clusters.set(id, { splits, members: all })
      continue
    }
    const cluster = bornCluster('verilog', lot('split of', id, at))
    const { stay, go, from } = halve(all, cluster)
    clusters.set(id, { splits: [...splits, { cluster, from, went: false }], members: stay })
    clusters.set(cluster, { splits: [...splits, { cluster, from, went: true }], members: go })
  }
  return clusters
}

test('however a domain grows, each peer has one place, and all who are in a cluster have it there', (t) => {
  fc.assert(fc.property(peers, fc.integer({ min: 2, max: 8 }), fc.array(fc.string(), { maxLength: 8 }), (joiners, most, strangers) => {
    const clusters = [...grow(joiners, most).values()]
    t.deepEqual(clusters.flatMap(({ members }) => members).sort(), joiners.toSorted())
    for (const { splits, members } of clusters) {
      t.true(members.length <= most)
      for (const peer of members) t.is(strayedAt(peer, splits), undefined)
    }
    for (const peer of [...joiners, ...strangers]) t.is(clusters.filter(({ splits }) => isPlacedAt(peer, splits)).length, 1)
  }), { numRuns: 60 })
})

test('one peer more disturbs no cluster but the one that it comes to', (t) => {
  fc.assert(fc.property(peers, fc.integer({ min: 2, max: 8 }), (joiners, most) => {
    const before = grow(joiners.slice(0, -1), most)
    const after = grow(joiners, most)
    const last = joiners.at(-1)!
    const [home] = [...before].find(([, { splits }]) => isPlacedAt(last, splits))!
    for (const [id, { members }] of before) if (id !== home) t.deepEqual(after.get(id)!.members, members)
    const moved = before.get(home)!.members.filter((peer) => !after.get(home)!.members.includes(peer))
    t.true([...after].filter(([id]) => !before.has(id)).every(([, { members }]) => members.every((peer) => peer === last || moved.includes(peer))))
  }), { numRuns: 60 })
})
