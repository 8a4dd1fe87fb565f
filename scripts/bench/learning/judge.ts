import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'

import type { Checker, Outcome } from '../../../src/quality/index.js'
import type { Count, Counts } from './counts.js'
import type { Answer } from './run-arm.js'

/** Clock cycles after reset for which equality counts where no proof is found. */
const BOUNDED_CYCLES = 24
const AT_A_TIME = 4

/** Decides answers by the checkers, each pair of reference and design once; verdicts are kept in a file, so that judging can be resumed. */
export class AnswerJudge {
  readonly #known = new Map<string, Outcome>()

  constructor(private readonly checker: Checker, private readonly file: string) {
    if (!existsSync(file)) return
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [key, outcome] = line.split(' ')
      if (key && outcome) this.#known.set(key, outcome as Outcome)
    }
  }

  /** Counts by family; `unknown` is not passed. */
  async counts(answers: readonly Answer[]): Promise<Counts> {
    const counts: Record<string, { passed: number, unknown: number, asked: number }> = {}
    const outcomes = await this.#outcomes(answers)
    answers.forEach(({ family }, at) => {
      const count = counts[family] ??= { passed: 0, unknown: 0, asked: 0 }
      count.asked += 1
      if (outcomes[at] === 'pass') count.passed += 1
      if (outcomes[at] === 'unknown') count.unknown += 1
    })
    return counts
  }

  /** All families together. */
  async count(answers: readonly Answer[]): Promise<Count> {
    const all = Object.values(await this.counts(answers))
    const sum = (of: (count: Count) => number): number => all.reduce((total, count) => total + of(count), 0)
    return { passed: sum(({ passed }) => passed), unknown: sum(({ unknown }) => unknown), asked: sum(({ asked }) => asked) }
  }

  async #outcomes(answers: readonly Answer[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    let next = 0
    const work = async (): Promise<void> => {
      while (next < answers.length) {
        const at = next++
        outcomes[at] = await this.#outcome(answers[at]!)
      }
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, work))
    return outcomes
  }

  async #outcome({ domain, reference, design }: Answer): Promise<Outcome> {
    if (design === reference) return 'pass'
    const key = createHash('sha256').update(`${reference}\0${design}`).digest('hex')
    const known = this.#known.get(key)
    if (known) return known
    const { outcome } = await this.checker.equivalence(domain, reference, design, { boundedPass: BOUNDED_CYCLES })
    this.#known.set(key, outcome)
    await appendFile(this.file, `${key} ${outcome}\n`)
    return outcome
  }
}
