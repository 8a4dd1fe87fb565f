import { DEFAULT_POLICY } from '../../../src/config/index.js'
import { runVillage } from './setting.js'
const [what = 'village', ...seeds] = process.argv.slice(2)
for (const loss of [0, 0.2]) for (const seed of seeds.length > 0 ? seeds.map(Number) : [1, 2, 3, 4, 5, 6]) {
  const told = await runVillage({ seed, rounds: 40, network: { loss }, ...what === 'default' ? { policy: { heartbeatMs: 2000, deadlines: DEFAULT_POLICY.deadlines, audit: DEFAULT_POLICY.audit } } : {} })
  const heads = told.records.map(({ head }) => told.village.villagers.findIndex(({ id }) => id === head)).join('')
  console.log(`${what} loss ${loss} seed ${seed}: done ${told.done} records ${told.records.length} lost ${told.lostTerms} changes ${told.headChanges} heads ${heads} distance ${told.distance.toFixed(3)} prov ${told.records.filter(({ provisional }) => provisional).length} honest ${JSON.stringify(told.honestOutcomes)} time ${told.village.clock.now() / told.records.length}`)
}
