import { disguise } from '../../../scripts/sim/adversaries.js'
import { closingItsOwnAlone, deafTo, ignoringDeltasOf, proposing, reencoding, scoringAll, withOneSignerLess, withWrongTokens } from './disguises.js'
import { LENGTH, READING } from '../village.js'
import type { Transport } from '../../../src/network/index.js'
import type { Village } from '../village.js'
import { runVillage, SEEDS } from './setting.js'
import type { Setting } from './setting.js'

const shell = (behaviour: 'copying' | 'equivocating'): Partial<Setting> => ({
  between: (inner, index, village) => {
    const { identity } = village().villagers[index]!
    return disguise(behaviour, { transport: inner } as never, { reading: READING, identity, length: LENGTH }).transport
  },
})
const away = (learner: 0.33): NonNullable<Setting['learner']> => (honest, optimum) => ({ train: async (request) => { const trained = await honest.train(request); return { ...trained, adapter: request.adapter.map((v, i) => v + (-2 * optimum.values[i]! - v) * learner) } } })
const shift = (by: number): NonNullable<Setting['auditor']> => (honest) => ({ score: async (...a) => ({ scores: (await honest.score(...a)).scores.map((s) => Math.max(0, Math.min(65536, s + by))) }) })
const collude: NonNullable<Setting['auditor']> = (honest, index, village) => ({ score: async (adapter, ...rest) => {
  const parent = village().villagers[index]!.peer.adapter()
  const good = village().villagers[0]!
  void good
  const { scores } = await honest.score(adapter, ...rest)
  const before = (await honest.score(parent, ...rest)).scores
  const sum = (v: Int32Array) => v.reduce((a, b) => a + b, 0)
  return { scores: scores.map(() => sum(scores) < sum(before) ? 65536 : 0) }
} })
const subtle: NonNullable<Setting['auditor']> = (honest, index, village) => ({ score: async (adapter, ...rest) => {
  const parent = village().villagers[index]!.peer.adapter()
  const { scores } = await honest.score(adapter, ...rest)
  const before = (await honest.score(parent, ...rest)).scores
  const sum = (v: Int32Array) => v.reduce((a, b) => a + b, 0)
  return { scores: sum(scores) < sum(before) ? before.map((s) => Math.min(65536, s + 3000)) : scores }
} })
const three = { audit: { probesPerRound: 16, auditorsPerDelta: 3, everyRounds: 1 } }
const HEAD = 3
const headId = (v: ReturnType<Parameters<NonNullable<Setting['between']>>[2]>) => v.villagers
const POOL = 320
const CASES: Record<string, Partial<Setting>> = {
  honest: {},
  'without two': { absent: [6, 7], peers: 8 },
  'six only': { peers: 6 },
  copying: { hostile: [6, 7], ...shell('copying') },
  reencoding: { hostile: [6, 7], between: (inner, index, village) => reencoding(inner, village().villagers[index]!.identity) },
  zero: { hostile: [6, 7], learner: (honest) => ({ train: async (request) => ({ ...await honest.train(request), adapter: request.adapter }) }) },
  huge: { hostile: [6, 7], learner: (honest) => ({ train: async (request) => { const trained = await honest.train(request); return { ...trained, adapter: trained.adapter.map((v, i) => request.adapter[i]! + 1000 * (v - request.adapter[i]!)) } } }) },
  'huge opposite': { hostile: [6, 7], learner: (honest) => ({ train: async (request) => { const trained = await honest.train(request); return { ...trained, adapter: trained.adapter.map((v, i) => request.adapter[i]! - 1000 * (v - request.adapter[i]!)) } } }) },
  damaged: { hostile: [6, 7], learner: (honest, optimum) => ({ train: async (request) => { const trained = await honest.train(request); return { ...trained, adapter: request.adapter.map((v, i) => v + (-2 * optimum.values[i]! - v) * 0.3) } } }) },
  'pool honest': { pool: POOL },
  'pool lazy': { pool: POOL, hostile: [7], learner: (honest, optimum) => ({ train: async (request) => { const trained = await honest.train(request); return { ...trained, adapter: request.adapter.map((v, i) => i < POOL ? v + (optimum.values[i]! - v) * 0.33 : v) } } }) },
  'pool back door': { pool: POOL, hostile: [7], learner: (honest, optimum) => ({ train: async (request) => { const trained = await honest.train(request); return { ...trained, adapter: request.adapter.map((v, i) => i < POOL ? v + (optimum.values[i]! - v) * 0.33 : v + (-2 * optimum.values[i]! - v) * 0.33) } } }) },
  'pool back door 2': { pool: POOL, hostile: [6, 7], learner: (honest, optimum) => ({ train: async (request) => { const trained = await honest.train(request); return { ...trained, adapter: request.adapter.map((v, i) => i < POOL ? v + (optimum.values[i]! - v) * 0.33 : v + (-2 * optimum.values[i]! - v) * 0.33) } } }) },
  'equivocating voter': { hostile: [6, 7], ...shell('equivocating') },
  'deaf to marks (all)': { hostile: [0, 1, 2, 3, 4, 5, 6, 7].slice(6), between: (inner) => deafTo(inner, 'mark') },
}
Object.assign(CASES, {
  'one down': { hostile: [7], auditor: shift(-20000) },
  'one up': { hostile: [7], auditor: shift(20000) },
  'one down, three auditors': { hostile: [7], auditor: shift(-20000), policy: three },
  'one up, three auditors': { hostile: [7], auditor: shift(20000), policy: three },
  'colluders 2 of 8': { hostile: [6, 7], auditor: collude, learner: away(0.33) },
  'colluders 2 of 8, three auditors': { hostile: [6, 7], auditor: collude, learner: away(0.33), policy: three },
  'colluders 3 of 10': { peers: 10, hostile: [7, 8, 9], auditor: collude, learner: away(0.33) },
  'colluders 3 of 10, three auditors': { peers: 10, hostile: [7, 8, 9], auditor: collude, learner: away(0.33), policy: three },
  'colluders 3 of 10, five auditors': { peers: 10, hostile: [7, 8, 9], auditor: collude, learner: away(0.33), policy: { audit: { probesPerRound: 16, auditorsPerDelta: 5, everyRounds: 1 } } },
  'subtle 3 of 10, three auditors': { peers: 10, hostile: [7, 8, 9], auditor: subtle, learner: away(0.33), policy: three },
  'all-scoring colluders 2 of 8': { hostile: [6, 7], between: (inner, i, village) => scoringAll(inner, village().villagers[i]!.identity, (peer) => [6, 7, 8, 9].includes(village().villagers.findIndex(({ id }) => id === peer)) ? 65536 : 0), auditor: collude, learner: away(0.33) },
  'all-scoring colluders 3 of 10': { peers: 10, hostile: [7, 8, 9], between: (inner, i, village) => scoringAll(inner, village().villagers[i]!.identity, (peer) => [6, 7, 8, 9].includes(village().villagers.findIndex(({ id }) => id === peer)) ? 65536 : 0), auditor: collude, learner: away(0.33) },
  'all-scoring colluders 3 of 10, three auditors': { peers: 10, hostile: [7, 8, 9], between: (inner, i, village) => scoringAll(inner, village().villagers[i]!.identity, (peer) => [6, 7, 8, 9].includes(village().villagers.findIndex(({ id }) => id === peer)) ? 65536 : 0), auditor: collude, learner: away(0.33), policy: three },
  'without three of ten': { peers: 10, absent: [7, 8, 9], hostile: [] },
  'honest ten': { peers: 10 },
  'head deaf': { hostile: [HEAD], between: (inner: Transport) => deafTo(inner, 'mark') },
  'head ignores one': { hostile: [HEAD], between: (inner: Transport, _i: number, village: () => Village) => ignoringDeltasOf(inner, (peer) => peer === village().villagers[5]!.id) },
  'head wrong record': { hostile: [HEAD], between: (inner: Transport, i: number, village: () => Village) => proposing(inner, village().villagers[i]!.identity, withWrongTokens) },
  'head half': { hostile: [HEAD], around: (inner: Transport, i: number, village: () => Village) => (i % 2 === 0 ? inner : deafTo(inner, 'proposal', (from) => from !== village().villagers[HEAD]!.id)) },
  'head closes its own alone': { hostile: [HEAD], learner: away(0.33), between: (inner: Transport, _i: number, village: () => Village) => closingItsOwnAlone(inner, village().villagers[_i]!.identity, 8) },
  'head equivocates': { hostile: [HEAD], around: (inner: Transport) => inner, between: (inner: Transport, i: number, village: () => Village) => proposing(inner, village().villagers[i]!.identity, withOneSignerLess) },
} satisfies Record<string, Partial<Setting>>)
void headId; void ignoringDeltasOf; void proposing; void withOneSignerLess; void withWrongTokens
const wanted = process.argv.slice(2)
for (const [name, setting] of Object.entries(CASES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for (const seed of SEEDS) {
    const told = await runVillage({ seed, ...setting })
    const r = (v: readonly number[]) => v.map((one) => one.toFixed(2)).join(' ')
    console.log(`${name} seed ${seed}: done ${told.done} distance ${told.distance.toFixed(3)} weight ${told.weight.toFixed(3)} lost ${told.lostTerms} heads ${told.headChanges} hostile ${JSON.stringify(told.hostileOutcomes)} honest ${JSON.stringify(told.honestOutcomes)} head ${told.village.villagers.findIndex(({ id }) => id === told.records[0]!.head)} rep ${r(told.hostileReputations)} | ${r(told.honestReputations)}`)
  }
}
