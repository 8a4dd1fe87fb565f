import test from 'ava'

import { linksOf, regionOf } from '../../scripts/sim/links.js'
import { createMemoryNetwork } from '../../src/network/index.js'
import { createRandom, createVirtualClock } from '../../src/telemetry/index.js'

const quantile = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.floor(share * values.length)]!
const peers = Array.from({ length: 40 }, (_, index) => `peer-${index}${'ABCDEFGHJKLMNPQR'[index % 16]!}`)

test('messages are lost with the chance that was asked for, and pulls are not', async (t) => {
  const clock = createVirtualClock(0, { settle: 'instant' })
  const network = createMemoryNetwork({ clock, random: createRandom(1), ...linksOf('uniform', createRandom(2), 0.1) })
  const [speaker, ...listeners] = peers.map((peer) => network.join(peer))
  let heard = 0
  for (const listener of listeners) listener.subscribe('topic', () => { heard++ })
  for (let i = 0; i < 250; i++) await speaker!.publish('topic', Uint8Array.of(i))
  await clock.runUntilIdle()
  const lost = 1 - heard / (250 * listeners.length)
  t.true(lost > 0.08 && lost < 0.12, `${lost} of 0.1 lost`)
  const id = speaker!.offer(new Uint8Array(1000))
  let pulled = 0
  for (const listener of listeners) listener.pull(id, [speaker!.self], { maximumBytes: 1000 }).then((bytes) => { pulled += bytes.length }, () => undefined)
  await clock.runUntilIdle()
  t.is(pulled, 1000 * listeners.length)
})

test('latencies are whole milliseconds: even within the uniform range, and by region with a heavy tail', (t) => {
  const uniform = linksOf('uniform', createRandom(3), 0).latency
  const drawn = Array.from({ length: 2000 }, () => uniform(peers[0]!, peers[1]!))
  t.true(drawn.every((milliseconds) => Number.isInteger(milliseconds) && milliseconds >= 5 && milliseconds <= 50))

  const { latency } = linksOf('regions', createRandom(4), 0)
  const here = peers.filter((peer) => regionOf(peer) === 0)
  const there = peers.filter((peer) => regionOf(peer) === 1)
  t.true(here.length > 0 && there.length > 0)
  const inside = Array.from({ length: 5000 }, () => latency(here[0]!, here[1]!))
  const across = Array.from({ length: 5000 }, () => latency(here[0]!, there[0]!))
  t.true(quantile(inside, 0.5) <= 6 && quantile(across, 0.5) >= 70)
  t.true(quantile(across, 0.5) < 100 && quantile(across, 0.999) > 3 * quantile(across, 0.5), 'a few take much longer')
  t.true(across.every((milliseconds) => milliseconds <= 2000))
})
