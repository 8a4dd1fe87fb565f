import test from 'ava'

import { createRandom } from '../../src/telemetry/index.js'

import { DEFAULT_WORLD } from '../../scripts/sim/options.js'
import { World } from '../../scripts/sim/world.js'

/** Long enough that the others take those who are away off their roster, and the root goes on through the rosters that follow. */
const AWAY_MS = { least: 4000, more: 20_000 }
const DEADLINES = { train: 6000, close: 2000, reveal: 4000, audit: 4000, propose: 4000, prevote: 1500, precommit: 1500, termGrowth: 1000, grace: 10_000 }
/** With this one, the root once stood still for good. */
const SEED = 9

/**
 * Some of a cluster are cut off until the root has gone on without them: its record then names rosters that are proved by records which their clusters have long
 * left behind. Whoever comes back must be shown that proof, or the seat lacks its vote from then on.
 */
test('who was away while the root went on through later rosters follows it, and the root goes on with them', async (t) => {
  const random = createRandom(SEED)
  let newest = 0
  let at = 0
  const world = new World({ ...DEFAULT_WORLD, peers: 16, seed: SEED, trainingMs: 1000, heartbeatMs: 1500, loss: 0.01, deadlines: DEADLINES }, {
    happened: (_, name, event) => {
      if (name !== 'upper:committed' || !('round' in event) || typeof event.round !== 'number' || event.round <= newest) return
      newest = event.round
      at = world.clock.now()
    },
  })
  const { clock, network } = world
  await clock.advance(20_000)
  for (let fault = 0; fault < 4; fault++) {
    await clock.advance(5000 + random() * 15_000)
    const clusters = [...new Set(world.inhabitants.map(({ peer }) => peer.status().cluster))]
    const cluster = clusters[Math.floor(random() * clusters.length)]
    const members = world.inhabitants.filter(({ peer }) => peer.status().cluster === cluster)
    const away = members.slice(0, 1 + Math.floor(random() * Math.min(4, members.length - 1))).map(({ id }) => id)
    network.partition(random() < 0.5 ? [away] : away.map((id) => [id]))
    await clock.advance(AWAY_MS.least + random() * AWAY_MS.more)
    network.heal()
    const healed = clock.now()
    const heights = (): Set<string | undefined> => new Set(world.inhabitants.map(({ peer }) => peer.status().levels[0]?.record))
    t.true(await clock.runUntil(() => at > healed + 3000 && heights().size === 1, 240_000), `after ${away.length} of ${members.length} were away: the root's last record is its ${newest}., and ${heights().size} are the last somewhere`)
  }
  world.stop()
})
