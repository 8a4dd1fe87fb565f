import { ARMS, GREEDY_ARM } from './arm.js'
import type { Arm } from './arm.js'
import { drawBeta } from './beta.js'
import { Experience } from './experience.js'
import type { ExperienceState, Tried } from './experience.js'

/** How the next try is made, or that there is none. */
export interface Choice {
  /** Undefined where it is better to stop. */
  readonly arm: Arm | undefined
  /** For people. */
  readonly why: string
  /** How likely it is that one of its designs passes, in (0, 1); undefined where nothing is known of that. */
  readonly chance?: number
}

/** A try that has been made: some designs, of which one passed or none did. */
export interface Try {
  readonly arm: Arm
  readonly passed: boolean
  readonly milliseconds: number
}

export interface Bounds {
  /** Designs that are written before giving up is thought of. */
  readonly atLeast: number
  readonly atMost: number
  /** Whether the last design can be shown to the model again. */
  readonly mayRepair: boolean
}

/** Tries that what is known of all classes counts for in a new one. */
const PRIOR_TRIES = 4

/** How long a greedy design is taken to take where none has been written. */
const GREEDY_MILLISECONDS = 1000

/** Tasks of a class before it is given up early: until then nobody knows what time is worth. */
const TASKS_NEEDED = 20

/**
 * Chooses how a design is tried for, so that most verified designs come of an hour: a bandit over the ways of trying for each class of tasks.
 *
 * Each try is the one that promises most passes a second, by a draw from what is known of each (Thompson sampling: what is little known is tried as often as
 * it may be the best). A task is given up when even the best further try promises fewer passes a second than going on to the next task does
 * (the marginal value theorem, Charnov 1976: leave where the gain falls below the mean).
 */
export class Strategy {
  private readonly experience: Experience

  constructor(private readonly random: () => number, state?: ExperienceState) {
    this.experience = new Experience(state)
  }

  get state(): ExperienceState { return this.experience.state }

  /** What to do next for a task. @param before - its tries up to now, none of which has passed */
  choose(taskClass: string, before: readonly Try[], bounds: Bounds): Choice {
    const written = before.reduce((sum, { arm }) => sum + arm.width, 0)
    if (written >= bounds.atMost) return { arm: undefined, why: `${written} designs have been written, and no more are asked for` }
    const stage = stageOf(written)
    const offers = ARMS.filter((arm) => isOpen(arm, before, bounds, bounds.atMost - written)).map((arm) => {
      const { a, b, milliseconds } = this.known(taskClass, stage, arm)
      return { arm, rate: 1000 * drawBeta(a, b, this.random) / milliseconds, mean: a / (a + b), milliseconds }
    })
    const best = offers.reduce<(typeof offers)[number] | undefined>((one, other) => (one === undefined || other.rate > one.rate ? other : one), undefined)
    if (best === undefined) return { arm: undefined, why: 'there is no other way to try' }
    const elsewhere = this.rateOf(taskClass)
    if (elsewhere !== undefined && written >= bounds.atLeast && best.rate < elsewhere) {
      return { arm: undefined, why: `a further try (${best.arm.name}) promises ${best.rate.toFixed(2)} verified designs a second, and going on to the next task ${elsewhere.toFixed(2)}` }
    }
    const tried = this.experience.of(taskClass, stage, best.arm.name)
    return { arm: best.arm, chance: best.mean, why: `${best.arm.name}: of ${taskClass}, ${stage}, ${Math.round(tried.passed)} of ${Math.round(tried.passed + tried.failed)} tries have passed; about ${(100 * best.mean).toFixed(0)} % in ${(best.milliseconds / 1000).toFixed(2)} s` }
  }

  /** A task is over. */
  learn(taskClass: string, tries: readonly Try[]): void {
    let written = 0
    for (const { arm, passed, milliseconds } of tries) {
      this.experience.noteTry(taskClass, stageOf(written), arm.name, passed, milliseconds)
      written += arm.width
    }
    if (tries.length > 0) this.experience.noteTask(taskClass, tries.some(({ passed }) => passed), tries.reduce((sum, { milliseconds }) => sum + milliseconds, 0))
  }

  /** Another model is served: what was learnt counts half. */
  modelChanged(): void { this.experience.fade() }

  /** All that is known, for people: the best known way first, by class and stage. */
  explain(taskClass: string): string[] {
    return STAGES.flatMap(({ name: stage }) => ARMS
      .map((arm) => ({ arm, tried: this.experience.of(taskClass, stage, arm.name), ...this.known(taskClass, stage, arm) }))
      .filter(({ tried }) => tried.passed + tried.failed > 0)
      .sort((x, y) => y.a / (y.a + y.b) / y.milliseconds - x.a / (x.a + x.b) / x.milliseconds)
      .map(({ arm, tried, a, b, milliseconds }) => `${stage}: ${arm.name}, ${Math.round(tried.passed)} of ${Math.round(tried.passed + tried.failed)} passed, ${(1000 * a / (a + b) / milliseconds).toFixed(2)} a second`))
  }

  /** Beta parameters of a try's chance to pass, and how long it takes: its own, on top of what is known of all classes. */
  private known(taskClass: string, stage: string, arm: Arm): { readonly a: number, readonly b: number, readonly milliseconds: number } {
    const own = this.experience.of(taskClass, stage, arm.name)
    const all = this.experience.ofAll(stage, arm.name)
    // What was expected counts for as many tries as what is known of all classes counts for here.
    const prior = (all.passed + PRIOR_TRIES * arm.prior.passRate) / (all.passed + all.failed + PRIOR_TRIES)
    const greedy = meanOf(this.experience.ofAll(STAGES[0].name, GREEDY_ARM.name)) ?? GREEDY_MILLISECONDS
    return {
      a: own.passed + PRIOR_TRIES * prior,
      b: own.failed + PRIOR_TRIES * (1 - prior),
      milliseconds: meanOf(own) ?? meanOf(all) ?? greedy * arm.prior.cost,
    }
  }

  private rateOf(taskClass: string): number | undefined {
    const { passed, tasks, milliseconds } = this.experience.rateOf(taskClass)
    return tasks < TASKS_NEEDED || milliseconds === 0 ? undefined : 1000 * passed / milliseconds
  }
}

/** After so many designs that did not pass, others are less likely to: stages are learnt apart. */
const STAGES = [{ name: 'first try', from: 0 }, { name: 'after one design', from: 1 }, { name: 'after two or three', from: 2 }, { name: 'after more', from: 4 }] as const

function stageOf(written: number): string {
  return STAGES.findLast(({ from }) => written >= from)!.name
}

function isOpen(arm: Arm, before: readonly Try[], { mayRepair }: Bounds, room: number): boolean {
  if (arm.width > room) return false
  if (arm.repairs) return mayRepair && before.length > 0 && !before.some((one) => one.arm.repairs)
  return arm !== GREEDY_ARM || !before.some((one) => one.arm === GREEDY_ARM)
}

function meanOf({ passed, failed, milliseconds }: Tried): number | undefined {
  return passed + failed > 0 ? Math.max(1, milliseconds / (passed + failed)) : undefined
}
