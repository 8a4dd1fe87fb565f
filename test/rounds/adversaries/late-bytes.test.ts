import test from 'ava'

import { encodedLength } from '../../../src/adapter/index.js'
import { contentId } from '../../../src/identity/index.js'
import { through } from '../../../scripts/sim/adversaries.js'
import { LENGTH } from '../village.js'

import { runVillage } from './setting.js'

// The deadline of the reveal is 4 s; a proposer waits for 0.75 s more.
for (const delayMs of [3900, 4000, 4100, 4500]) {
  test.serial(`a sender that shows its bytes ${delayMs} ms after the close, so that members know of them at different times, takes no head its place and stops nothing`, async (t) => {
    for (const loss of [0, 0.2]) {
      const told = await runVillage({
        seed: 1, hostile: [7], rounds: 8, network: { loss },
        between: (inner, _, village) => ({
          ...through(inner),
          offer(bytes) {
            if (bytes.length !== encodedLength(LENGTH)) return inner.offer(bytes)
            const kept = bytes.slice()
            village().clock.after(delayMs, () => { inner.offer(kept) })
            return contentId(kept)
          },
        }),
      })
      t.true(told.done)
      t.log(`loss ${loss}: terms lost in ${told.lostTerms} of 8 rounds, its deltas ${JSON.stringify(told.hostileOutcomes)}`)
      t.true(told.lostTerms <= 2)
      t.is(new Set(told.records.filter(({ term }) => term === 0).map(({ head }) => head)).size, 1)
      t.is(told.honestOutcomes['missing'] ?? 0, 0)
    }
  })
}
