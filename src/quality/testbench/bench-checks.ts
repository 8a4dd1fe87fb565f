import type { TestbenchVerdict } from '../types.js'
import type { FoundSandbox } from './sandbox.js'
import { findSandbox } from './sandbox.js'
import type { Bench } from './simulate.js'
import { Simulation } from './simulate.js'
import { asDesign, targetOf } from './structure.js'

/** A verdict without its time. */
export type BenchFinding = Pick<TestbenchVerdict, 'outcome' | 'reason' | 'tool'>

export interface BenchQuestion extends Bench {
  readonly top: string | undefined
}

/** Decides whether a candidate does what a reference does. */
export type Compare = (reference: string, candidate: string) => Promise<Pick<BenchFinding, 'outcome' | 'reason'>>

/** The check of designs by testbenches: simulated in a sandbox where there is one, else by equivalence with a reference where there is one. */
export class BenchChecks {
  #found: Promise<FoundSandbox & { readonly simulation?: Simulation }> | undefined
  #running = 0
  readonly #waiting: (() => void)[] = []

  /**
   * @param toolPath - folders in which iverilog, vvp and bwrap are looked for, at the first check
   * @param parallel - simulations at a time
   */
  constructor(private readonly toolPath: string, private readonly parallel: number, private readonly timeoutMs: number) {}

  get running(): number { return this.#running }
  get waiting(): number { return this.#waiting.length }

  /**
   * @returns the finding, and its wall time without waiting
   * @throws QualityError CHECKER_ABORTED
   */
  async check(question: BenchQuestion, compare: Compare, signal?: AbortSignal): Promise<BenchFinding & { readonly milliseconds: number }> {
    this.#found ??= findSandbox(this.toolPath).then((found) => 'sandbox' in found ? { ...found, simulation: new Simulation(found.sandbox, this.timeoutMs) } : found)
    const found = await this.#found
    const target = targetOf(question.testbench, question.reference, question.top)
    if ('missing' in found) {
      const start = performance.now()
      return { ...await this.#withoutTestbench(question, 'top' in target ? target.top : question.top, found.missing, compare), milliseconds: performance.now() - start }
    }
    if ('refused' in target) return { outcome: 'unknown', reason: target.refused, tool: 'none', milliseconds: 0 }
    await this.#turn()
    const start = performance.now()
    try {
      return { ...await found.simulation!.run(question, target, signal), tool: 'iverilog', milliseconds: performance.now() - start }
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  async #withoutTestbench({ candidate, testbench, reference }: BenchQuestion, top: string | undefined, missing: string, compare: Compare): Promise<BenchFinding> {
    if (reference === undefined) return { outcome: 'unknown', reason: `${missing}; there is no reference to compare with instead`, tool: 'none' }
    const renamed = top === undefined ? reference : asDesign(reference, testbench, top) ?? reference
    const { outcome, reason } = await compare(renamed, candidate)
    return { outcome, reason: outcome === 'unknown' ? `${reason} (compared with the reference: ${missing})` : `${reason}, compared with the reference`, tool: 'yosys' }
  }

  async #turn(): Promise<void> {
    if (this.#running >= this.parallel) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running++
  }
}
