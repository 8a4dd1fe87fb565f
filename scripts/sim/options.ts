import type { RoundPolicy } from '../../src/rounds/index.js'
import type { Behaviour } from './adversaries.js'
import type { LinkModel } from './links.js'

/** What a simulation is made of; equal options give equal runs. */
export interface WorldOptions {
  readonly peers: number
  readonly seed: number
  /** Share of the peers that leave in each round, 0..1; as many new ones come. */
  readonly churn: number
  /** Share of those that say that they leave; the others are gone without a word. */
  readonly announced: number
  /** Share of the peers that are hostile or broken, 0..1. */
  readonly byzantine: number
  /** What these do, in turn. */
  readonly behaviours: readonly Behaviour[]
  readonly links: LinkModel
  /** Chance that a message is lost on its way to one receiver, 0..1. */
  readonly loss: number
  /** Values of an adapter. */
  readonly values: number
  readonly clusterSize: number
  readonly upperEvery: number
  /** Auditors of each delta. */
  readonly auditors: number
  /** Median of how long a peer trains, virtual milliseconds. */
  readonly trainingMs: number
  readonly heartbeatMs: number
  /** What differs from the default policy's. */
  readonly deadlines?: Partial<RoundPolicy['deadlines']>
}

export const DEFAULT_WORLD: WorldOptions = {
  peers: 100,
  seed: 1,
  churn: 0,
  announced: 0.5,
  byzantine: 0,
  behaviours: ['damaged', 'zero', 'copying', 'silent', 'equivocating', 'lying'],
  links: 'uniform',
  loss: 0,
  values: 64,
  clusterSize: 8,
  upperEvery: 1,
  auditors: 3,
  trainingMs: 30_000,
  heartbeatMs: 2000,
}
