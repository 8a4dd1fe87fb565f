import type { PersonalChoice } from '../../../src/inference/index.js'
import type { Arm, ArmKind } from './arms.js'

/** Held-out specifications of a family that a model was asked, and those that it answered right. */
export interface Count {
  readonly passed: number
  /** Neither proved right nor proved wrong; not counted as passed. */
  readonly unknown: number
  readonly asked: number
}

/** Counts of one model by family. */
export type Counts = Readonly<Record<string, Count>>

/** One peer's models on held-out designs in its own house style. */
export interface PersonalCounts {
  readonly network: Count
  readonly local: Count
  readonly personal: Count
  /** What private validation chose. */
  readonly chosen: string
  /** Which of network and local private validation found the better one. */
  readonly baseline: string
  /** All candidates on validation. */
  readonly scores: PersonalChoice['scores']
}

/** What is kept of an arm: enough to compute every figure again. */
export interface ArmResult {
  readonly arm: Arm
  readonly machine: string
  readonly commit: string
  readonly seconds: number
  /** Of the arm's model; a personal one has other counts. */
  readonly counts?: Counts
  readonly personal?: PersonalCounts
  /** Each round's weights by peer, in 1/65536, 0 where refused; and the outcome's reason. */
  readonly rounds?: readonly { readonly round: number, readonly weights: readonly number[], readonly reasons: readonly string[] }[]
  readonly bytes?: { readonly f32Delta: number, readonly encodedDelta: number, readonly sentPerPeerAndRound: number, readonly receivedPerPeerAndRound: number }
}

/** The counts of all models of a kind, by seed: several where an arm is one peer's. */
export function countsBySeed(results: readonly ArmResult[], kind: ArmKind, damaged: number): Map<number, Counts[]> {
  const bySeed = new Map<number, Counts[]>()
  for (const { arm, counts } of results) {
    if (arm.kind === kind && arm.damaged === damaged && counts) bySeed.set(arm.seed, [...bySeed.get(arm.seed) ?? [], counts])
  }
  return bySeed
}

/** Pass rate with families weighted equally, in [0, 1]. */
export function passRate(counts: Counts, families: readonly string[]): number {
  const rates = families.map((family) => counts[family]).filter((count) => count !== undefined && count.asked > 0).map((count) => count!.passed / count!.asked)
  return mean(rates)
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length
}
