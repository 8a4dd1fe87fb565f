import type { Policy } from '../../src/config/index.js'
import { createRandom, shuffled } from '../../src/telemetry/index.js'

import type { Families, HousePair } from '../settings/model-data.js'

export interface DemoOptions {
  readonly peers: number
  readonly rounds: number
  readonly seed: number
  readonly keep: boolean
}

/** A fictional company of the demo. */
export interface Company {
  readonly name: string
  readonly domain: 'verilog' | 'qasm'
  /** Whose style its designs are in. */
  readonly house: string
  readonly families: readonly string[]
  readonly pairs: readonly HousePair[]
}

const VERILOG_NAMES = ['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm', 'Fir', 'Ginkgo', 'Hazel', 'Ironwood', 'Juniper', 'Katsura', 'Larch', 'Maple', 'Nutmeg']
const QUANTUM_NAMES = ['Quince', 'Rowan']

/** Designs of a company: as many as a campaign of the demo sees a few times. */
const DESIGNS = 80
/** Companies that hold a family: with one only, it would be lost when that company is killed. */
const HOLDERS = 2

/** Inner steps of a round. */
const STEPS = 12

/** Who takes part, and with what designs. The same seed makes the same companies. */
export function planCompanies({ peers, seed }: DemoOptions, houses: readonly HousePair[], families: Families): Company[] {
  const random = createRandom(seed)
  const evaluation = new Set(families.evaluation)
  const of = (domain: Company['domain'], names: readonly string[]): Company[] => {
    const own = houses.filter((pair) => pair.domain === domain && evaluation.has(pair.family))
    const houseNames = shuffled([...new Set(own.map(({ house }) => house))].sort(), random)
    const domainFamilies = shuffled([...new Set(own.map(({ family }) => family))].sort(), random)
    return names.map((name, at): Company => {
      const house = houseNames[at % houseNames.length]!
      const share = domainFamilies.filter((_, index) => (at - index % names.length + names.length) % names.length < Math.min(HOLDERS, names.length - 1))
      const pairs = shuffled(own.filter((pair) => pair.house === house && share.includes(pair.family)), random).slice(0, DESIGNS)
      return { name, domain, house, families: share, pairs }
    })
  }
  return [...of('verilog', VERILOG_NAMES.slice(0, peers - QUANTUM_NAMES.length)), ...of('qasm', QUANTUM_NAMES)]
}

/** The same designs under each other's specifications: what a careless export makes of a design database. */
export function mismatched(pairs: readonly HousePair[]): HousePair[] {
  const byFamily = [...pairs].sort((x, y) => x.family < y.family ? -1 : x.family > y.family ? 1 : 0)
  const shift = Math.floor(byFamily.length / 2)
  return byFamily.map((pair, at) => ({ ...pair, specification: byFamily[(at + shift) % byFamily.length]!.specification }))
}

/** A policy for one machine: short deadlines, small clusters. */
export function demoPolicy(rounds: number, bootstrap: readonly string[]): Partial<Policy> {
  return {
    clusterSize: 4,
    clusterMinimum: 2,
    clusterMaximum: 8,
    campaignRounds: rounds,
    roundSteps: { min: STEPS, target: STEPS, max: STEPS },
    deadlines: { train: 120_000, close: 4000, reveal: 30_000, audit: 120_000, propose: 4000, prevote: 2000, precommit: 2000, termGrowth: 1000, grace: 20_000 },
    upperEvery: 3,
    audit: { probesPerRound: 32, auditorsPerDelta: 2, everyRounds: 4 },
    heartbeatMs: 2000,
    admissionDelayMs: 0,
    bootstrap: [...bootstrap],
  }
}
