import { TrainingError } from './errors.js'

/** How the learning rate runs over a campaign. */
export interface Schedule {
  /** The highest learning rate. */
  readonly rate: number
  /** Rounds of a campaign; the rate reaches its floor at their end. */
  readonly campaignRounds: number
  /** Steps of an optimiser with fresh moments until its rate is full: at a campaign's start, and for whoever joins later. */
  readonly warmupSteps: number
  /** The last rate as a share of the highest. */
  readonly floorShare: number
}

/** What the learning trials used. */
export const DEFAULT_SCHEDULE: Schedule = { rate: 2e-3, campaignRounds: 12, warmupSteps: 5, floorShare: 0.15 }

/** A step's place in a campaign. */
export interface Moment {
  /** From 0. Beyond the campaign's last round the rate stays at its floor. */
  readonly campaignRound: number
  /** From 0 within the round. */
  readonly step: number
  /** Steps of the round. */
  readonly steps: number
  /** Steps that the optimiser has taken since its moments were fresh. */
  readonly age: number
}

/**
 * The learning rate of a step: a cosine over the campaign from the full rate to its floor, times a straight line from fresh moments to full speed.
 * It depends on the round and not on what a peer has done, so peers of one network move at one pace.
 *
 * @throws TrainingError TRAINING_OPTIONS
 */
export function learningRate(schedule: Schedule, { campaignRound, step, steps, age }: Moment): number {
  const { rate, campaignRounds, warmupSteps, floorShare } = schedule
  const valid = rate > 0 && Number.isFinite(rate) && campaignRounds >= 1 && warmupSteps >= 0 && floorShare >= 0 && floorShare <= 1
  if (!valid) {
    throw new TrainingError('TRAINING_OPTIONS', `the schedule has the rate ${rate}, ${campaignRounds} rounds, ${warmupSteps} warm-up steps and the floor ${floorShare}: rate and rounds must be positive, the floor from 0 to 1`)
  }
  const progress = Math.min(1, (campaignRound + step / steps) / campaignRounds)
  const cosine = floorShare + (1 - floorShare) * 0.5 * (1 + Math.cos(Math.PI * progress))
  const warmup = warmupSteps === 0 ? 1 : Math.min(1, (age + 1) / warmupSteps)
  return rate * cosine * warmup
}
