import test from 'ava'

import { DEFAULT_WORLD } from '../../scripts/sim/options.js'
import { Simulation } from '../../scripts/sim/simulation.js'
import { through } from '../../scripts/sim/adversaries.js'
import { decodeCarried, unframe } from '../../src/rounds/index.js'

test('shares for a seat of seats reach its delegates, and levels above the first go on', async (t) => {
  const heardBy = new Map<string, Set<string>>()
  const upper = new Set<string>()
  const simulation: Simulation = new Simulation({ ...DEFAULT_WORLD, peers: 60, clusterSize: 3, trainingMs: 4000 }, {
    watcher: {
      happened: (_inhabitant, name, event) => {
        if (name === 'upper:committed' && (event as { level: number }).level > 1) upper.add((event as { cluster: string }).cluster)
      },
      between: (inner) => ({
        ...through(inner),
        subscribe: (topic, receive) => inner.subscribe(topic, (message, from) => {
          const { kind, body } = unframe(message)
          if (kind === 'shares' && decodeCarried(body, 'shares').level > 1) heardBy.set(topic, (heardBy.get(topic) ?? new Set()).add(inner.self))
          receive(message, from)
        }),
      }),
    },
  })
  await simulation.open()
  for (let round = 0; round < 3; round++) await simulation.round()
  simulation.stop()
  t.true(upper.size > 0, 'there is a level above the first, and it agrees')
  t.true(heardBy.size > 0)
  for (const [topic, peers] of heardBy) {
    t.true(topic.endsWith('.delegates'), topic)
    // Twice the cluster size, and those who have just become or been delegates.
    t.true(peers.size <= 4 * 3, `${topic}: ${peers.size}`)
  }
})
