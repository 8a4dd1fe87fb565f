import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { Outcome } from './run-schedule.js'

/** An outcome, and under what it came about. */
export interface Kept extends Outcome {
  readonly commit: string
  /** Of the machine when the schedule began: runnable processes, mean over a minute. */
  readonly load: number
}

/** The schedules that have run, a line each, so that a benchmark that was broken off goes on where it was. */
export class Finished {
  private constructor(private readonly file: string, private readonly outcomes: Map<number, Kept>) {}

  static async open(file: string): Promise<Finished> {
    await mkdir(dirname(file), { recursive: true })
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
      throw error
    })
    // The last line may be half of one.
    const outcomes = text.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Kept)
    return new Finished(file, new Map(outcomes.map((outcome) => [outcome.seed, outcome])))
  }

  get(seed: number): Kept | undefined {
    return this.outcomes.get(seed)
  }

  async add(outcome: Kept): Promise<void> {
    await appendFile(this.file, `${JSON.stringify(outcome)}\n`)
    this.outcomes.set(outcome.seed, outcome)
  }
}
