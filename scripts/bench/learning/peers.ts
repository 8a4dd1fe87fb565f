import { families } from '../../corpus/families/index.js'
import type { Family } from '../../corpus/family.js'
import { house } from '../../corpus/house.js'
import type { HouseStyle } from '../../corpus/house.js'
import { Random } from '../../corpus/random.js'
import { recordOf } from '../../corpus/record.js'
import { PEERS } from './arms.js'
import type { Regime } from './arms.js'

/** A specification and its design, with the family that they come from. */
export interface Pair {
  readonly family: string
  readonly domain: Family['domain']
  readonly specification: string
  readonly design: string
}

/** What one peer holds. */
export interface PeerData {
  readonly house: HouseStyle
  readonly families: readonly string[]
  readonly training: readonly Pair[]
  /** For the choice of the personal model. */
  readonly validation: readonly Pair[]
  readonly damaged: boolean
}

/** Designs that a peer trains on: with fewer, a campaign repeats them and learns them by heart instead of what they have in common. */
const DESIGNS = 960
const VALIDATION_DESIGNS = 40

/**
 * The data of all peers of a run. A peer writes everything in its own house style.
 *
 * @param evaluation - names of the evaluation families
 * @param damaged - how many peers, drawn by the seed, hold designs that belong to other specifications of theirs
 */
export function peersOf(regime: Regime, seed: number, evaluation: readonly string[], damaged: number): PeerData[] {
  const random = new Random(`${regime} ${seed} peers`)
  const byName = new Map(families.map((family) => [family.name, family]))
  const chosen = random.shuffled(evaluation.map((name) => byName.get(name)!))
  const hurt = new Set(new Random(`${seed} damaged`).shuffled([...Array(PEERS).keys()]).slice(0, damaged))
  return Array.from({ length: PEERS }, (_, peer) => {
    const own = new Random(`${regime} ${seed} peer ${peer}`)
    const style = houseOf(seed, peer)
    const shares = regime === 'disjoint'
      ? chosen.map((_, at) => at % PEERS === peer ? 1 : 0)
      : dirichlet(chosen.length, own)
    const draw = (count: number): Pair[] => pairs(chosen, shares, style, count, own)
    const training = draw(DESIGNS)
    return {
      house: style,
      families: chosen.filter((_, at) => shares[at]! > 0.02).map(({ name }) => name),
      training: hurt.has(peer) ? mismatched(training, own) : training,
      validation: draw(VALIDATION_DESIGNS),
      damaged: hurt.has(peer),
    }
  })
}

/** Held-out specifications of a family, as the members of the network would ask: each member in its own style, whoever holds the family. */
export function heldOut(name: string, count: number, seed: number): Pair[] {
  const random = new Random(`${seed} held out ${name}`)
  return askedOf(families.find((family) => family.name === name)!, count, random, (at) => houseOf(seed, at % PEERS))
}

/** Held-out specifications of a peer's own families in its own house style. */
export function ownHeldOut({ house: style, families: own }: PeerData, count: number, seed: string): Pair[] {
  const random = new Random(`${seed} own ${style.id}`)
  const each = Math.ceil(count / own.length)
  return own.flatMap((name) => askedOf(families.find((family) => family.name === name)!, each, random, () => style)).slice(0, count)
}

/** A peer's style, the same in both regimes. */
function houseOf(seed: number, peer: number): HouseStyle {
  const random = new Random(`${seed} house ${peer}`)
  return house(`peer-${seed}-${peer}`, (length) => random.below(length))
}

function askedOf(family: Family, count: number, random: Random, styleOf: (at: number) => HouseStyle): Pair[] {
  const points = random.shuffled(family.evaluationPoints)
  return Array.from({ length: count }, (_, at) => {
    return recordOf(family, points[at % points.length]!, styleOf(at), random.below(family.phrasings), random.below(family.codings))
  })
}

function pairs(chosen: readonly Family[], shares: readonly number[], style: HouseStyle, count: number, random: Random): Pair[] {
  const total = shares.reduce((sum, share) => sum + share, 0)
  return Array.from({ length: count }, () => {
    let left = random.below(1 << 20) / (1 << 20) * total
    const at = shares.findIndex((share) => (left -= share) < 0)
    const family = chosen[Math.max(0, at)]!
    const point = random.one(family.trainingPoints)
    // Names and layout are the house's; how a function is coded differs from engineer to engineer.
    return recordOf(family, point, style, random.below(family.phrasings), random.below(family.codings))
  })
}

/** Each specification gets the design of another one. */
function mismatched(training: readonly Pair[], random: Random): Pair[] {
  const order = random.shuffled([...training.keys()])
  return order.map((at, i) => ({ ...training[at]!, design: training[order[(i + 1) % order.length]!]!.design }))
}

/** Shares drawn from a symmetric Dirichlet distribution: gamma variables of shape 1/2 are halved squares of normal ones. */
function dirichlet(count: number, random: Random): number[] {
  const uniform = (): number => (random.below(1 << 24) + 0.5) / (1 << 24)
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const gammas = Array.from({ length: count }, () => normal() ** 2 / 2)
  const total = gammas.reduce((sum, gamma) => sum + gamma, 0)
  return gammas.map((gamma) => gamma / total)
}
