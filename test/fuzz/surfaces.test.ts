import test from 'ava'
import fc from 'fast-check'

import { Draw } from '../../scripts/fuzz/draw.js'
import { judge } from '../../scripts/fuzz/judge.js'
import { surfaces } from '../../scripts/fuzz/surfaces/index.js'

const CASES = 200
const SEED = 20_260_131

for (const surface of surfaces) {
  test.serial(`${surface.name}: what comes from ${surface.from} is taken whole or refused with a documented code`, async (t) => {
    let accepted = 0
    await fc.assert(fc.asyncProperty(fc.nat(), async (seed) => {
      const trial = surface.trial(new Draw(seed))
      const { outcome, what } = await judge(surface, trial)
      if (outcome === 'accepted') accepted++
      if (outcome === 'finding') throw new Error(`${what}\n${trial.shown()}\nagain: npm run fuzz -- --surface ${surface.name} --seed ${seed} --cases 1`)
    }), { numRuns: CASES, seed: SEED, endOnFailure: true }).finally(() => surface.end?.())
    t.true(accepted > 0, 'no case was taken: the cases show nothing')
  })
}

test('surfaces have names of their own', (t) => {
  t.is(new Set(surfaces.map(({ name }) => name)).size, surfaces.length)
})
