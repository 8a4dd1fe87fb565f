import type { Domain, TestbenchVerdict, Verdict } from '../../quality/index.js'
import type { GenerationResult } from '../generator/messages.js'

/** What is asked for. */
export interface DesignRequest {
  readonly domain: Domain
  readonly specification: string
  /** Where there is one, a candidate passes only if it is equivalent to it. */
  readonly reference?: string
  /** Verilog. Where there is one, a candidate passes only if it says so; `reference` is then what it compares with, if it does. */
  readonly testbench?: string
}

export interface DesignVerdict extends Verdict {
  /** What decided, where there was a testbench. */
  readonly tool?: TestbenchVerdict['tool']
}

/** What the checkers said of a design. */
export interface CheckedDesign {
  /** The strictest check that could be made: a testbench, else equivalence where there is a reference, else synthesis (Verilog) or meaning (OpenQASM). */
  readonly verdict: DesignVerdict
  /** Cells or gates, and depth; smaller is better. Absent where the design does not synthesise. */
  readonly cost?: { readonly size: number, readonly depth: number }
}

/** A design that was written and checked. */
export interface Candidate extends CheckedDesign {
  readonly design: string
  readonly generation: GenerationResult
  /** What a ranking made of it, more is better. Absent where there was none, and for a design that does not pass. */
  readonly score?: number
}

const ORDER = { pass: 0, unknown: 1, fail: 2 } as const

/** Best first: by verdict, then by score where those that pass have one, then by size, then by depth; of equals the one that was written first. */
export function byQuality(x: Candidate, y: Candidate): number {
  return ORDER[x.verdict.outcome] - ORDER[y.verdict.outcome] || (y.score ?? 0) - (x.score ?? 0)
    || (x.cost?.size ?? Infinity) - (y.cost?.size ?? Infinity) || (x.cost?.depth ?? Infinity) - (y.cost?.depth ?? Infinity) || 0
}
