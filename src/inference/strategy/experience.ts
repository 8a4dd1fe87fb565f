import * as z from 'zod'

const count = z.number().min(0).max(1e12)

const triedSchema = z.strictObject({ passed: count, failed: count, milliseconds: count })

/** What is kept on disk: tries by class, stage and arm, and what whole tasks came to. */
export const experienceSchema = z.strictObject({
  tries: z.record(z.string().max(200), triedSchema),
  tasks: z.record(z.string().max(200), z.strictObject({ passed: count, tasks: count, milliseconds: count })),
})

export type ExperienceState = z.infer<typeof experienceSchema>

/** Tries of one arm, as far as they still count. */
export interface Tried {
  readonly passed: number
  readonly failed: number
  /** Of all these tries. */
  readonly milliseconds: number
}

/** What tasks of a class came to, as far as they still count. */
export interface TaskRate {
  readonly passed: number
  readonly tasks: number
  readonly milliseconds: number
}

/** Of 100 tries one counts a third as much as the newest: the model changes with every round, and what it could do long ago says little. */
const FADING = 0.99

/** How far a new model takes over what was seen of the old one. */
const CARRIED_OVER = 0.5

const NO_TRIES: Tried = { passed: 0, failed: 0, milliseconds: 0 }
const NO_TASKS: TaskRate = { passed: 0, tasks: 0, milliseconds: 0 }

/** How often each way of trying has passed, and how long it took. */
export class Experience {
  private readonly tries = new Map<string, Tried>()
  private readonly tasks = new Map<string, TaskRate>()

  constructor(state?: ExperienceState) {
    for (const [key, tried] of Object.entries(state?.tries ?? {})) this.tries.set(key, tried)
    for (const [key, rate] of Object.entries(state?.tasks ?? {})) this.tasks.set(key, rate)
  }

  get state(): ExperienceState {
    return { tries: Object.fromEntries(this.tries), tasks: Object.fromEntries(this.tasks) }
  }

  of(taskClass: string, stage: string, arm: string): Tried {
    return this.tries.get(keyOf(taskClass, stage, arm)) ?? NO_TRIES
  }

  /** The same over all classes: what is known where a class is new. */
  ofAll(stage: string, arm: string): Tried {
    return [...this.tries].filter(([key]) => key.endsWith(keyOf('', stage, arm))).reduce((sum, [, tried]) => ({
      passed: sum.passed + tried.passed, failed: sum.failed + tried.failed, milliseconds: sum.milliseconds + tried.milliseconds,
    }), NO_TRIES)
  }

  rateOf(taskClass: string): TaskRate {
    return this.tasks.get(taskClass) ?? NO_TASKS
  }

  noteTry(taskClass: string, stage: string, arm: string, passed: boolean, milliseconds: number): void {
    const before = this.of(taskClass, stage, arm)
    this.tries.set(keyOf(taskClass, stage, arm), {
      passed: before.passed * FADING + (passed ? 1 : 0),
      failed: before.failed * FADING + (passed ? 0 : 1),
      milliseconds: before.milliseconds * FADING + milliseconds,
    })
  }

  noteTask(taskClass: string, passed: boolean, milliseconds: number): void {
    const before = this.rateOf(taskClass)
    this.tasks.set(taskClass, { passed: before.passed * FADING + (passed ? 1 : 0), tasks: before.tasks * FADING + 1, milliseconds: before.milliseconds * FADING + milliseconds })
  }

  /** Another model is served from now on. */
  fade(): void {
    const faded = <Figures extends object>(figures: Figures): Figures => Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, (value as number) * CARRIED_OVER])) as Figures
    for (const [key, tried] of this.tries) this.tries.set(key, faded(tried))
    for (const [key, rate] of this.tasks) this.tasks.set(key, faded(rate))
  }
}

function keyOf(taskClass: string, stage: string, arm: string): string {
  return `${taskClass} | ${stage} | ${arm}`
}
