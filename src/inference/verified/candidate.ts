import type { Domain, Verdict } from '../../quality/index.js'
import type { GenerationResult } from '../generator/messages.js'

/** What is asked for. */
export interface DesignRequest {
  readonly domain: Domain
  readonly specification: string
  /** Where there is one, a candidate passes only if it is equivalent to it. */
  readonly reference?: string
}

/** A design that was written, with what the checkers said of it. */
export interface Candidate {
  readonly design: string
  readonly generation: GenerationResult
  /** The strictest check that could be made: equivalence where there is a reference, else synthesis (Verilog) or meaning (OpenQASM). */
  readonly verdict: Verdict
  /** What a ranking made of it, more is better. Absent where there was none, and for a design that does not pass. */
  readonly score?: number
  /** Cells or gates, and depth; smaller is better. Absent where the design does not synthesise. */
  readonly cost?: { readonly size: number, readonly depth: number }
}

const ORDER = { pass: 0, unknown: 1, fail: 2 } as const

/** Best first: by verdict, then by score where those that pass have one, then by size, then by depth; of equals the one that was written first. */
export function byQuality(x: Candidate, y: Candidate): number {
  return ORDER[x.verdict.outcome] - ORDER[y.verdict.outcome] || (y.score ?? 0) - (x.score ?? 0)
    || (x.cost?.size ?? Infinity) - (y.cost?.size ?? Infinity) || (x.cost?.depth ?? Infinity) - (y.cost?.depth ?? Infinity) || 0
}
