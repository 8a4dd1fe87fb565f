import { Draw } from './draw.js'
import { judge } from './judge.js'
import type { Surface } from './surface.js'

export interface Finding {
  /** Of the one case: it is case 0 of a run with this seed. */
  readonly seed: number
  readonly what: string
  readonly input: string
}

export interface SurfaceReport {
  readonly surface: string
  readonly cases: number
  readonly accepted: number
  /** Cases by the code that refused them. */
  readonly refused: Readonly<Record<string, number>>
  readonly worstMs: number
  /** At most one of a kind, and at most ten. */
  readonly findings: readonly Finding[]
}

const LISTED_FINDINGS = 10

/**
 * Feeds so many cases to a surface. Case n of seed s is case 0 of seed s + n, so that every case can be had alone.
 *
 * @param onCase - called before each case with its seed
 */
export async function runSurface(surface: Surface, cases: number, seed: number, onCase: (seed: number) => void = () => undefined): Promise<SurfaceReport> {
  const refused = new Map<string, number>()
  const findings = new Map<string, Finding>()
  let accepted = 0
  let worstMs = 0
  try {
    for (let at = 0; at < cases; at++) {
      const own = seed + at
      onCase(own)
      const trial = surface.trial(new Draw(own))
      const { outcome, what, ms } = await judge(surface, trial)
      worstMs = Math.max(worstMs, ms)
      if (outcome === 'accepted') accepted++
      else if (outcome === 'refused') refused.set(what, (refused.get(what) ?? 0) + 1)
      else if (findings.size < LISTED_FINDINGS && !findings.has(kindOf(what))) findings.set(kindOf(what), { seed: own, what, input: trial.shown() })
    }
  } finally {
    await surface.end?.()
  }
  return { surface: surface.name, cases, accepted, refused: Object.fromEntries([...refused].sort(([, a], [, b]) => b - a)), worstMs, findings: [...findings.values()] }
}

/** Findings that differ in numbers alone are one. */
function kindOf(what: string): string {
  return what.replace(/\d+/g, '0').slice(0, 80)
}
