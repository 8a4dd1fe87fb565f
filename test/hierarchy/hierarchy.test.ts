import { createHash } from 'node:crypto'

import test from 'ava'
import fc from 'fast-check'

import {
  afterCommit, areKin, auditorsOf, certificateStands, clusterFor, drawDelegates, founder, foundingClusters, HierarchyError, honestMinimum, isAbsent, isPresent, isVouchedFor, levelsAbove, missedTurns, newcomer, ONE, ones,
  pathAbove, quorumOf, rank, releasedQuorum, reputationAfter, ROOT, SeatBallot, seatStatement, treeView, hasFailedProbation, isOnProbation, probationPlaces, trustedAuditors,
} from '../../src/hierarchy/index.js'
import type { Ballot, Member, SeatShare } from '../../src/hierarchy/index.js'

const NETWORK = 'a'.repeat(64)
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `peer-${index}`)
const roster = (count: number, domain = 'verilog') => names(count).map((peer) => ({ peer: `${domain}-${peer}`, domain }))

test('founders are placed by domain, each once, in clusters near the size aimed at, whatever the order of the roster', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 10 }), (verilog, qasm, size) => {
    const founders = [...roster(verilog), ...roster(qasm, 'qasm')]
    const clusters = foundingClusters(founders, size, NETWORK)
    t.deepEqual(clusters.flatMap(({ members }) => members).sort(), founders.map(({ peer }) => peer).sort())
    for (const { members, domain } of clusters) {
      t.true(members.every((member) => member.startsWith(domain)))
      t.true(members.length >= 1 && members.length <= 2 * size)
      t.true(clusters.filter((one) => one.domain === domain).every((one) => Math.abs(one.members.length - members.length) <= 1))
    }
    t.deepEqual(foundingClusters([...founders].reverse(), size, NETWORK), clusters)
  }))
})

test('another network places the same founders otherwise', (t) => {
  const there = foundingClusters(roster(40), 8, NETWORK)
  const here = foundingClusters(roster(40), 8, 'b'.repeat(64))
  t.notDeepEqual(there, here)
})

test('a roster that is empty, or names a peer twice, makes no clusters', (t) => {
  t.throws(() => foundingClusters([], 8, NETWORK), { instanceOf: HierarchyError, code: 'ROSTER_EMPTY' })
  t.throws(() => foundingClusters([...roster(2), ...roster(1)], 8, NETWORK), { instanceOf: HierarchyError, code: 'ROSTER_DUPLICATE' })
  t.throws(() => foundingClusters(roster(2), 0, NETWORK), { instanceOf: HierarchyError, code: 'CLUSTER_SIZE' })
})

test('a later peer has one place in its domain, and none in a domain that nobody trains on', (t) => {
  const clusters = foundingClusters([...roster(40), ...roster(4, 'qasm')], 8, NETWORK)
  t.is(clusterFor('newcomer', 'verilog', clusters, NETWORK), clusterFor('newcomer', 'verilog', [...clusters].reverse(), NETWORK))
  t.is(clusterFor('newcomer', 'qasm', clusters, NETWORK)?.id, 'qasm.0')
  t.is(clusterFor('newcomer', 'vhdl', clusters, NETWORK), undefined)
})

test('one cluster is its own root; several have a root of their seats', (t) => {
  const one = foundingClusters(roster(4), 8, NETWORK)
  t.deepEqual(levelsAbove(one, 8, NETWORK), [])
  const two = foundingClusters([...roster(4), ...roster(4, 'qasm')], 8, NETWORK)
  t.deepEqual(levelsAbove(two, 8, NETWORK), [{ id: ROOT, level: 1, domain: '', members: ['qasm.0', 'verilog.0'] }])
})

test('a network of any size has one root, even clusters below it, and no more levels than its size asks for', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 2, max: 10 }), (peers, clusterSize) => {
    const clusters = foundingClusters(roster(peers), clusterSize, NETWORK)
    const above = levelsAbove(clusters, clusterSize, NETWORK)
    const all = [...clusters, ...above]
    const seats = above.flatMap(({ members }) => members)
    t.deepEqual(seats.toSorted(), all.filter(({ id }) => id !== ROOT).map(({ id }) => id).sort().slice(0, above.length === 0 ? 0 : undefined), 'each cluster but the root has one seat')
    t.true(above.every(({ members }) => members.length <= 2 * clusterSize && members.length >= Math.min(2, Math.floor(clusterSize / 2))))
    t.true(above.length === 0 || above.at(-1)!.id === ROOT)
    const depth = Math.max(...all.map(({ level }) => level)) + 1
    t.true(depth <= Math.ceil(Math.log(peers) / Math.log(clusterSize)) + 1, `${depth} levels for ${peers} peers in clusters of ${clusterSize}`)
    for (const { id } of clusters) {
      const path = pathAbove(id, above)
      t.deepEqual(path.map(({ level }) => level), Array.from({ length: depth - 1 }, (_, at) => at + 1))
    }
  }), { numRuns: 40, seed: 3 })
})

test('delegates come from all seats alike, stay while they are listed, and nobody chooses to be one', (t) => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 16 }), fc.nat(), (sizes, salt) => {
    const seats = sizes.map((size, seat) => ({ members: Array.from({ length: size }, (_, at) => `${seat}-${at}`) }))
    const share = Math.max(1, Math.floor(16 / seats.length))
    const drawn = drawDelegates(seats, [], `${salt}`, 8)
    for (const { members } of seats) t.is(drawn.filter((peer) => members.includes(peer)).length, Math.min(share, members.length))
    t.deepEqual(drawDelegates(seats, drawn, `${salt + 1}`, 8), drawn)
    const [gone, ...others] = drawn
    const without = seats.map(({ members }) => ({ members: members.filter((peer) => peer !== gone) }))
    t.true(others.every((peer) => drawDelegates(without, drawn, `${salt + 1}`, 8).includes(peer)))
  }), { numRuns: 200, seed: 4 })
})

test('two quorums of any size share an honest voter while fewer than a third are hostile', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), (voters) => {
    const hostile = Math.ceil(voters / 3) - 1
    t.true(2 * quorumOf(voters) - voters > hostile)
    t.true(quorumOf(voters) <= voters - hostile)
    t.true(honestMinimum(voters) > hostile)
  }))
})

test('the quorums of two rosters without those who have promised to sign no more share an honest voter while fewer than a third of all are hostile, whoever promises', (t) => {
  for (let members = 1; members <= 22; members++) {
    for (let hostile = 0; 3 * hostile < members; hostile++) {
      for (let x = 0; x < members; x++) {
        for (let y = 0; y < members; y++) {
          // Of the released ones so many are honest and sign neither; hostile ones have promised, and sign for the other side.
          for (let honestX = Math.max(0, x - hostile); honestX <= Math.min(x, members - hostile); honestX++) {
            for (let honestY = Math.max(0, y - hostile); honestY <= Math.min(y, members - hostile); honestY++) {
              const signersX = releasedQuorum(members, x) - (hostile - (x - honestX))
              const signersY = releasedQuorum(members, y) - (hostile - (y - honestY))
              // Worst where the same ones have left: then more of the others may sign for one side only.
              const staying = members - hostile - Math.max(honestX, honestY)
              if (signersX <= staying && signersY <= staying && signersX + signersY <= staying) t.fail(`${members} members, ${hostile} hostile, released ${x} and ${y}, of these honest ${honestX} and ${honestY}`)
            }
          }
        }
      }
    }
    // All who stay are enough, as long as a third of all and the hostile ones are not gone as well.
    for (let released = 0; released + 3 * Math.floor((members - 1) / 3) < members; released++) t.true(releasedQuorum(members, released) <= members - released - Math.floor((members - released - 1) / 3))
  }
})

test('misses weigh before reputation, reputation before presence, and a lot decides among equals', (t) => {
  const member = (peer: string, more: Partial<Member> = {}): Member => ({ ...founder(peer, 'verilog'), ...more })
  t.deepEqual(rank([member('a', { misses: 0b111, reputation: 60_000 }), member('b', { reputation: 100 }), member('c', { reputation: 20_000, presence: 1 }), member('d', { reputation: 20_000 })], 's'), ['d', 'c', 'b', 'a'])
  const equal = names(20).map((peer) => member(peer))
  t.deepEqual(rank(equal, 's'), rank([...equal].reverse(), 's'))
  t.notDeepEqual(rank(equal, 's'), rank(equal, 'another cluster'))
})

test('what is lost by chance costs no rank: two turns in sixteen of one that was there, a delta that did not count, a commit that was not heard', (t) => {
  const order = rank(names(8).map((peer) => founder(peer, 'verilog')), 's')
  const but = (more: Partial<Member>): readonly string[] => rank(names(8).map((peer) => ({ ...founder(peer, 'verilog'), ...peer === order[0] ? more : {} })), 's')
  for (const more of [{ misses: 0b101 }, { reputation: 31_000 + 2000 }, { presence: 0b1111_0111_1101_1111 }]) t.deepEqual(but(more), order)
  t.is(but({ misses: 0b10101 }).at(-1), order[0])
  // Absent as well: it counts at once.
  t.is(but({ misses: 1, presence: 0xfffe }).at(-1), order[0])
})

test('strangers on probation are no third of a roster, one gets in anywhere, and eight deltas that count end it', (t) => {
  const nobody = (): boolean => false
  fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 60 }), (others, strangers) => {
    const members = [...names(others).map((peer) => ({ ...founder(peer, 'verilog'), reputation: 60_000 })), ...names(strangers).map((peer) => newcomer(`new ${peer}`, 'verilog', 5))]
    const places = probationPlaces(members, 6, nobody)
    t.true(places >= 0)
    if (places > 0 && strangers + places > 1) t.true(strangers + places < honestMinimum(members.length + places), `${others} ${strangers} ${places}`)
    t.true(strangers > 0 || places > 0)
    t.is(probationPlaces(members, 6, () => true), Math.max(1, (members.length - 1) >> 1))
  }))
  let member = newcomer('a', 'verilog', 5)
  for (let deltas = 0; deltas < 8; deltas++) {
    t.true(isOnProbation(member, 6))
    t.true(hasFailedProbation(member, 21))
    member = { ...member, reputation: reputationAfter.counted(member.reputation) }
  }
  t.false(isOnProbation(member, 6) || hasFailedProbation(member, 21) || hasFailedProbation(newcomer('b', 'verilog', 5), 20))
})

test('nobody audits whose reputation is below a quarter of the lower median, and more than half of the members may', (t) => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: ONE }), { minLength: 1, maxLength: 40 }), (reputations) => {
    const members = reputations.map((reputation, index) => ({ ...founder(`peer-${index}`, 'verilog'), reputation }))
    const trusted = new Set(trustedAuditors(members).map(({ peer }) => peer))
    const median = reputations.toSorted((a, b) => a - b)[(reputations.length - 1) >> 1]!
    for (const { peer, reputation } of members) t.is(trusted.has(peer), reputation >= Math.floor(median / 4))
    t.true(trusted.size * 2 > members.length)
  }))
})

test('those whose turn went by have a miss, once each, and never the one that got it done', (t) => {
  t.deepEqual(missedTurns(['a', 'b', 'c'], 0), [])
  t.deepEqual(missedTurns(['a', 'b', 'c'], 2), ['a', 'b'])
  t.deepEqual(missedTurns(['a', 'b', 'c'], 4), ['a', 'c'])
})

test('a member is absent after eight carried commits in a row without it, and a miss costs a sixteenth', (t) => {
  let member = newcomer('a', 'verilog', 5)
  for (let round = 0; round < 7; round++) member = afterCommit(member, { signed: false, missed: false })
  t.false(isAbsent(member))
  t.true(isAbsent(afterCommit(member, { signed: false, missed: false })))
  t.false(isAbsent(afterCommit(member, { signed: true, missed: false })))
  t.is(afterCommit(founder('a', 'verilog'), { signed: false, missed: true }).reputation, 32_768 - 2048)
  const lucky = [1, 2, 3].reduce((one) => afterCommit(one, { signed: true, missed: true }), founder('a', 'verilog'))
  t.is(lucky.reputation, 32_768 - 2048, 'two are forgiven')
  t.is(ones(afterCommit(founder('a', 'verilog'), { signed: true, missed: true }).misses), 1)
})

test('who signed neither of the last two carried commits does not speak for its cluster above; a newcomer does', (t) => {
  const seen = (...signed: readonly boolean[]) => isPresent(signed.reduce((member, one) => afterCommit(member, { signed: one, missed: false }), founder('peer-0', 'verilog')))
  t.true(seen(true, false))
  t.true(seen(false, true))
  t.false(seen(true, false, false))
  t.true(isPresent(newcomer('peer-1', 'verilog', 7)))
})

test('reputations stay between 0 and 65536 whatever happens', (t) => {
  const steps = fc.array(fc.constantFrom('counted', 'contradicted', 'missed'), { maxLength: 300 })
  fc.assert(fc.property(steps, (happened) => {
    let member = founder('a', 'verilog')
    for (const step of happened) {
      member = step === 'missed' ? afterCommit(member, { signed: true, missed: true }) : { ...member, reputation: reputationAfter[step](member.reputation) }
      t.true(Number.isInteger(member.reputation) && member.reputation >= 0 && member.reputation <= ONE)
    }
  }))
})

test('auditors are drawn evenly and never audit themselves', (t) => {
  const members = names(8).map((peer) => founder(peer, 'verilog'))
  const drawn = new Map<string, number>()
  for (let delta = 0; delta < 400; delta++) {
    const two = auditorsOf('seed', `content ${delta}`, members[delta % 8]!, members, 2)
    t.is(new Set(two).size, 2)
    t.false(two.includes(members[delta % 8]!.peer))
    for (const peer of two) drawn.set(peer, (drawn.get(peer) ?? 0) + 1)
  }
  for (const count of drawn.values()) t.true(count > 60 && count < 140)
})

test('peers of one organisation do not audit each other, unless there are too few others', (t) => {
  const organisation = fc.constantFrom('', 'Acme', 'Bolt', 'Core')
  fc.assert(fc.property(fc.array(organisation, { minLength: 2, maxLength: 12 }), fc.nat(), fc.integer({ min: 1, max: 4 }), (organisations, which, count) => {
    const members = organisations.map((of, index) => founder(`peer-${index}`, 'verilog', of))
    const sender = members[which % members.length]!
    const drawn = auditorsOf('seed', 'content', sender, members, count)
    const others = members.filter((member) => member !== sender)
    const strangers = others.filter((member) => !areKin(member, sender))
    t.is(drawn.length, Math.min(count, others.length))
    t.is(drawn.filter((peer) => strangers.some((one) => one.peer === peer)).length, Math.min(count, strangers.length))
  }))
})

const ballot: Ballot = { network: NETWORK, level: 1, cluster: 'root', round: 3, instance: 'c'.repeat(64) }
const sign = (peer: string, bytes: Uint8Array): Uint8Array => createHash('sha512').update(peer).update(bytes).digest()
const verify = (peer: string, bytes: Uint8Array, signature: Uint8Array): boolean => Buffer.compare(sign(peer, bytes), signature) === 0
const share = (peer: string, value: string | null): SeatShare => {
  const vote = { step: 'prevote' as const, term: 0, value, seat: 'verilog.0' }
  return { ...vote, peer, signature: sign(peer, seatStatement(ballot, vote)) }
}
const ballotOf = (listed: readonly string[], reported?: () => readonly string[] | undefined): SeatBallot =>
  new SeatBallot(ballot, 'verilog.0', (value) => ({ listed, reported: value === null ? undefined : reported?.() }), (peer) => peer.startsWith('peer-'), verify)

test('a seat votes with a quorum of its members, and with nobody else\'s signatures', (t) => {
  const listed = names(4)
  const seat = ballotOf(listed)
  t.is(seat.add(share('peer-0', 'x')), undefined)
  t.is(seat.add(share('peer-0', 'x')), undefined)
  t.is(seat.add(share('stranger', 'x')), undefined)
  t.is(seat.add({ ...share('peer-1', 'x'), signature: new Uint8Array(64) }), undefined)
  t.is(seat.add(share('peer-1', null)), undefined)
  t.is(seat.add(share('peer-9', 'x')), undefined, 'of the seat, but not listed')
  t.is(seat.add(share('peer-2', 'x')), undefined)
  const certificate = seat.add(share('peer-3', 'x')) ?? seat.add(share('peer-1', 'x'))!
  t.deepEqual(certificate.signatures.map(({ peer }) => peer), ['peer-0', 'peer-2', 'peer-3'])
  t.true(certificateStands(certificate, { listed }, ballot, verify))
  t.false(certificateStands(certificate, { listed }, { ...ballot, round: 4 }, verify))
  t.false(certificateStands({ ...certificate, value: 'y' }, { listed }, ballot, verify))
  t.false(certificateStands({ ...certificate, signatures: certificate.signatures.slice(1) }, { listed }, ballot, verify))
  t.false(certificateStands({ ...certificate, signatures: [...certificate.signatures.slice(1), certificate.signatures[1]!] }, { listed }, ballot, verify))
  t.false(certificateStands(certificate, { listed: listed.slice(1) }, ballot, verify), 'signed by a stranger, too')
})

test('where listed members have gone, those whom the new record lists vote for it, or those of a later record of the seat', (t) => {
  const listed = names(6)
  const reported = ['peer-4', 'peer-5', 'peer-6', 'peer-7', 'peer-8', 'peer-9']
  const vote = (seat: SeatBallot, peers: readonly string[], value: string | null = 'x') => peers.map((peer) => seat.add(share(peer, value))).at(-1)
  const certificate = vote(ballotOf(listed, () => reported), ['peer-4', 'peer-5', 'peer-6', 'peer-7', 'peer-8'])!
  t.true(certificateStands(certificate, { listed, reported }, ballot, verify))
  t.false(certificateStands(certificate, { listed }, ballot, verify), 'without the record nobody knows them')
  t.true(isVouchedFor(certificate, listed))
  const byStrangers = vote(ballotOf(listed, () => reported), ['peer-5', 'peer-6', 'peer-7', 'peer-8', 'peer-9'])!
  t.true(certificateStands(byStrangers, { listed, reported }, ballot, verify))
  t.false(isVouchedFor(byStrangers, listed), 'one of six old ones may be hostile')
  t.is(vote(ballotOf(listed, () => reported), ['peer-4', 'peer-5', 'peer-6', 'peer-7']), undefined, 'four of six are no quorum')
  t.is(vote(ballotOf(listed, () => reported), reported, null), undefined, 'a vote for nothing lists nobody')
  const later = { through: { record: 'a'.repeat(64), commit: 'b'.repeat(64) }, members: ['peer-8', 'peer-9', 'peer-10'] }
  const speaking = new SeatBallot(ballot, 'verilog.0', () => ({ listed }), (peer) => peer.startsWith('peer-'), verify, () => [later])
  t.is(vote(speaking, ['peer-4', 'peer-8', 'peer-9'], null), undefined)
  const byLater = vote(speaking, ['peer-10'], null)!
  t.deepEqual(byLater.through, later.through)
  t.deepEqual(byLater.signatures.map(({ peer }) => peer), ['peer-4', 'peer-8', 'peer-9', 'peer-10'])
  t.true(certificateStands(byLater, { listed, later: later.members }, ballot, verify))
  t.false(certificateStands(byLater, { listed }, ballot, verify), 'whose roster that is has not been proved')
  t.deepEqual(speaking.certificates(), [byLater])
})

test('votes for a record stand once the record is known', (t) => {
  const known = new Map<string, readonly string[]>()
  const seat = ballotOf(names(3), () => known.get('x'))
  for (const peer of ['peer-0', 'peer-4', 'peer-5']) t.is(seat.add(share(peer, 'x')), undefined)
  t.deepEqual(seat.certificatesFor('x'), [])
  known.set('x', ['peer-0', 'peer-4', 'peer-5'])
  t.is(seat.certificatesFor('x').length, 1)
  t.deepEqual(seat.certificatesFor('y'), [])
})

test('the tree shows every cluster from the root down', (t) => {
  const clusters = foundingClusters([...roster(3), ...roster(2, 'qasm')], 8, NETWORK)
  const tree = treeView([...clusters, ...levelsAbove(clusters, 8, NETWORK)], new Map([['qasm.0', { round: 4, head: 'qasm-peer-1', live: new Set(['qasm-peer-1']) }]]))
  t.deepEqual(tree.clusters.map(({ id }) => id), ['root', 'qasm.0', 'verilog.0'])
  t.deepEqual(tree.clusters[1]!.members.map(({ live }) => live), [false, true])
})
