import type { SamplingOptions } from '../sampling/options.js'

/** One way of trying to write a design. */
export interface Arm {
  readonly name: string
  readonly sampling: Pick<SamplingOptions, 'temperature' | 'topP' | 'minP'>
  /** Designs that are written side by side. */
  readonly width: number
  /** Shows the model its last design and what the checker said of it, instead of the specification alone. */
  readonly repairs: boolean
  /** What is expected before anything is known: how often it passes, and how much longer than a greedy design it takes. */
  readonly prior: { readonly passRate: number, readonly cost: number }
}

const drawn = (temperature: number, passRate: number): Arm => ({ name: `temperature ${temperature}`, sampling: { temperature, topP: 1, minP: 0.05 }, width: 1, repairs: false, prior: { passRate, cost: 1.1 } })

const several = (temperature: number, width: number, passRate: number): Arm => ({ ...drawn(temperature, passRate), name: `temperature ${temperature}, ${width} at once`, width, prior: { passRate, cost: 1 + 0.5 * width } })

/** The most probable design. Twice it would be the same one. */
export const GREEDY_ARM: Arm = { name: 'greedy', sampling: { temperature: 0, topP: 1, minP: 0 }, width: 1, repairs: false, prior: { passRate: 0.5, cost: 1 } }

/** The same after a look at what was wrong with the last design. */
export const REPAIR_ARM: Arm = { ...GREEDY_ARM, name: 'repair', repairs: true, prior: { passRate: 0.2, cost: 1.5 } }

/**
 * All that a strategy chooses from. Few: each must be tried before anything is known of it. Little is gained between neighbouring temperatures, and min-p
 * cuts the tail that makes high ones write nonsense (Nguyen et al. 2024).
 */
export const ARMS: readonly Arm[] = [GREEDY_ARM, drawn(0.3, 0.4), drawn(0.6, 0.35), drawn(0.9, 0.25), several(0.6, 4, 0.5), several(0.9, 4, 0.45), REPAIR_ARM]
