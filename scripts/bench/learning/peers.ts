import { families } from '../../corpus/families/index.js'
import type { Family, Point } from '../../corpus/family.js'
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
  /** Designs of its own kinds, in the shares in which it has them, of points that neither training nor validation has seen. */
  readonly drawHeldOut: (count: number, seed: string) => Pair[]
}

/** Designs that a peer trains on: with fewer, a campaign repeats them and learns them by heart instead of what they have in common. */
const DESIGNS = 960
/** A tenth of what it has, as a node keeps back. */
const VALIDATION_DESIGNS = 96
/** Of a family's held-out points, how many a peer's validation designs are drawn from; it is asked for the others. */
const VALIDATION_SHARE = 0.25

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
    const draw = (count: number, pointsOf: (family: Family) => readonly Point[]): Pair[] => pairs(chosen, shares, style, count, own, pointsOf)
    const training = draw(DESIGNS, ({ trainingPoints }) => trainingPoints)
    return {
      house: style,
      families: chosen.filter((_, at) => shares[at]! > 0.02).map(({ name }) => name),
      training: hurt.has(peer) ? mismatched(training, own) : training,
      // As new to its models as what its users will ask for: of points that nobody trains on.
      validation: draw(VALIDATION_DESIGNS, (family) => splitEvaluation(family).validation),
      damaged: hurt.has(peer),
      drawHeldOut: (count, asked) => pairs(chosen, shares, style, count, new Random(`${asked} own ${style.id}`), (family) => splitEvaluation(family).asked),
    }
  })
}

/** Held-out specifications of a family, as the members of the network would ask: each member in its own style, whoever holds the family. */
export function heldOut(name: string, count: number, seed: number): Pair[] {
  const random = new Random(`${seed} held out ${name}`)
  const family = families.find((one) => one.name === name)!
  return askedOf(family, family.evaluationPoints, count, random, (at) => houseOf(seed, at % PEERS))
}

/** Held-out specifications of some families, as one peer would ask them, evenly over families. */
export function heldOutOf(peer: number, names: readonly string[], count: number, seed: number): Pair[] {
  const random = new Random(`${seed} held out of ${peer}`)
  const style = houseOf(seed, peer)
  const each = Math.ceil(count / names.length)
  const byFamily = names.map((name) => {
    const family = families.find((one) => one.name === name)!
    return askedOf(family, splitEvaluation(family).asked, each, random, () => style)
  })
  return random.shuffled(byFamily.flat()).slice(0, count)
}

/** A peer's style, the same in both regimes. */
function houseOf(seed: number, peer: number): HouseStyle {
  const random = new Random(`${seed} house ${peer}`)
  return house(`peer-${seed}-${peer}`, (length) => random.below(length))
}

function splitEvaluation({ name, evaluationPoints }: Family): { readonly validation: readonly Point[], readonly asked: readonly Point[] } {
  const shuffled = new Random(`validation of ${name}`).shuffled(evaluationPoints)
  const kept = Math.ceil(VALIDATION_SHARE * shuffled.length)
  return { validation: shuffled.slice(0, kept), asked: shuffled.slice(kept) }
}

function askedOf(family: Family, evaluation: readonly Point[], count: number, random: Random, styleOf: (at: number) => HouseStyle): Pair[] {
  const points = random.shuffled(evaluation)
  return Array.from({ length: count }, (_, at) => {
    return recordOf(family, points[at % points.length]!, styleOf(at), random.below(family.phrasings), random.below(family.codings))
  })
}

function pairs(
  chosen: readonly Family[], shares: readonly number[], style: HouseStyle, count: number, random: Random, pointsOf: (family: Family) => readonly Point[],
): Pair[] {
  const total = shares.reduce((sum, share) => sum + share, 0)
  return Array.from({ length: count }, () => {
    let left = random.below(1 << 20) / (1 << 20) * total
    const at = shares.findIndex((share) => (left -= share) < 0)
    const family = chosen[Math.max(0, at)]!
    const point = random.one(pointsOf(family))
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
