import type { TestbenchVerdict } from '../types.js'
import { findSandbox } from './sandbox.js'
import type { Reading } from './output.js'
import type { Bench, BenchAndDesign } from './simulate.js'
import { Simulation } from './simulate.js'
import { asDesign, targetOf } from './structure.js'

/** A verdict without its time. */
export type BenchFinding = Omit<TestbenchVerdict, 'milliseconds'>

interface Top {
  readonly top: string | undefined
}
export type BenchQuestion = BenchAndDesign & Top

type Tools = { readonly simulation: Simulation } | { readonly missing: string }

/** Decides whether a candidate does what a reference does. */
export type Compare = (reference: string, candidate: string) => Promise<Pick<BenchFinding, 'outcome' | 'reason'>>

/** The check of designs by testbenches: simulated in a sandbox where there is one, else by equivalence with a reference where there is one. */
export class BenchChecks {
  #found: Promise<Tools> | undefined
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
    const found = await this.#tools()
    const target = targetOf(question.testbench, question.reference, question.top)
    if ('missing' in found) {
      const start = performance.now()
      return { ...await this.#withoutTestbench(question, 'top' in target ? target.top : question.top, found.missing, compare), milliseconds: performance.now() - start }
    }
    if ('refused' in target) return { outcome: 'unknown', reason: target.refused, tool: 'none', isBenchAtFault: true, milliseconds: 0 }
    return this.#inTurn(() => found.simulation.run(question, target, signal))
  }

  /**
   * Whether there is anything here that a testbench, or the reference beside it, can decide.
   *
   * @throws QualityError CHECKER_ABORTED
   */
  async examine(bench: Bench & Top, signal?: AbortSignal): Promise<BenchFinding & { readonly milliseconds: number }> {
    const found = await this.#tools()
    const target = targetOf(bench.testbench, bench.reference, bench.top)
    if ('refused' in target) return { outcome: 'fail', reason: target.refused, tool: 'none', milliseconds: 0 }
    if (!('missing' in found)) return this.#inTurn(() => found.simulation.examine(bench, target, signal))
    return bench.reference === undefined
      ? { outcome: 'unknown', reason: found.missing, tool: 'none', milliseconds: 0 }
      : { outcome: 'pass', reason: `the reference decides: ${found.missing}`, tool: 'yosys', milliseconds: 0 }
  }

  #tools(): Promise<Tools> {
    this.#found ??= findSandbox(this.toolPath).then((found) => 'sandbox' in found ? { simulation: new Simulation(found.sandbox, this.timeoutMs) } : found)
    return this.#found
  }

  async #withoutTestbench({ candidate, testbench, reference }: BenchQuestion, top: string | undefined, missing: string, compare: Compare): Promise<BenchFinding> {
    if (reference === undefined) return { outcome: 'unknown', reason: `${missing}; there is no reference to compare with instead`, tool: 'none' }
    const renamed = top === undefined ? reference : asDesign(reference, testbench, top) ?? reference
    const { outcome, reason } = await compare(renamed, candidate)
    return { outcome, reason: outcome === 'unknown' ? `${reason} (compared with the reference: ${missing})` : `${reason}, compared with the reference`, tool: 'yosys' }
  }

  /** Runs something as soon as fewer than `parallel` run; its time is that without waiting. */
  async #inTurn(act: () => Promise<Reading>): Promise<BenchFinding & { readonly milliseconds: number }> {
    if (this.#running >= this.parallel) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running++
    const start = performance.now()
    try {
      return { ...await act(), tool: 'iverilog', milliseconds: performance.now() - start }
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }
}
