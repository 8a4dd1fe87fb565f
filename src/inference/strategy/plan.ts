import type { SamplingOptions } from '../sampling/options.js'
import { GREEDY_ARM } from './arm.js'
import type { Arm } from './arm.js'
import type { Bounds, Choice, Strategy, Try } from './strategy.js'

/** How the tries at one design follow each other. */
export interface Plan {
  /** @param before - tries up to now, of which none is known to have passed */
  next(before: readonly Try[]): Choice
  /** The design is there, or given up. */
  learn(tries: readonly Try[]): void
}

/** So many designs, the first of them greedy and the others drawn as the user says. */
export function fixedPlan(samples: number, { temperature, topP, minP }: Pick<SamplingOptions, 'temperature' | 'topP' | 'minP'>): Plan {
  const drawn: Arm = { ...GREEDY_ARM, name: `temperature ${temperature}`, sampling: { temperature, topP, minP } }
  return {
    next: (before) => before.length >= samples
      ? { arm: undefined, why: `${samples} designs were asked for` }
      : { arm: before.length === 0 ? GREEDY_ARM : drawn, why: `design ${before.length + 1} of the ${samples} that were asked for` },
    learn: () => undefined,
  }
}

/** As experience with such tasks says. */
export function learntPlan(strategy: Strategy, taskClass: string, bounds: Bounds): Plan {
  return { next: (before) => strategy.choose(taskClass, before, bounds), learn: (tries) => strategy.learn(taskClass, tries) }
}
