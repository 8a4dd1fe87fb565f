import { shuffled } from '../../telemetry/index.js'
import type { Random } from '../../telemetry/index.js'
import { normaliseQasm } from '../qasm/lexer.js'
import type { Checker, Domain } from '../types.js'
import { normalise } from '../verilog/lexer.js'
import type { NearMiss } from './near-miss.js'
import { applyEdit } from './near-miss.js'
import { qasmEdits } from './qasm.js'
import { verilogEdits } from './verilog.js'

export type { NearMiss } from './near-miss.js'

/**
 * Designs that are nearly the source: one operator, constant, edge, polarity, branch, name or port connection changed in Verilog; one gate, angle,
 * index, operand order or position in OpenQASM. In random order, kinds mixed evenly, no text twice. They may still do the same: see `provenDifferent`.
 */
export function nearMisses(domain: Domain, source: string, random: Random): NearMiss[] {
  return [...eachNearMiss(domain, source, random)]
}

/** One by one: a long design has tens of thousands, each as long as itself, and few are wanted. */
function* eachNearMiss(domain: Domain, source: string, random: Random): Generator<NearMiss> {
  const edits = domain === 'verilog' ? verilogEdits(source) : qasmEdits(source)
  const canonical = domain === 'verilog' ? normalise : normaliseQasm
  const groups = new Map<string, typeof edits>()
  for (const edit of edits) {
    const group = groups.get(edit.kind)
    if (group === undefined) groups.set(edit.kind, [edit])
    else group.push(edit)
  }
  const mixed = shuffled([...groups.values()], random).map((group) => shuffled(group, random))
  const seen = new Set([canonical(source)])
  for (let round = 0; mixed.some((group) => round < group.length); round++) {
    for (const group of mixed) {
      const edit = group[round]
      if (!edit) continue
      const miss = applyEdit(source, edit)
      const text = canonical(miss.design)
      if (seen.has(text)) continue
      seen.add(text)
      yield miss
    }
  }
}

/** Whether the checker is certain that the candidate does something else than the reference. `unknown` is not enough. */
export async function provenDifferent(checker: Checker, domain: Domain, reference: string, candidate: string): Promise<boolean> {
  return (await checker.equivalence(domain, reference, candidate)).outcome === 'fail'
}

export interface ProvenOptions {
  /** How many to find. */
  readonly count: number
  /** Designs that are wrong in a larger way, such as the same family with other parameters; tried before the mutants. */
  readonly otherParameters?: readonly string[]
  /** At most so many of the result come from `otherParameters`; default a third. */
  readonly fromOthers?: number
  /** Checks made at most. Default 8 for each wanted. */
  readonly maximumChecks?: number
}

/**
 * Near misses that parse and are proved different. Those that do not parse would be told from the reference by their form alone.
 *
 * @returns up to `count` designs
 */
export async function provenNearMisses(checker: Checker, domain: Domain, reference: string, random: Random, options: ProvenOptions): Promise<NearMiss[]> {
  const { count, otherParameters = [], fromOthers = Math.floor(count / 3), maximumChecks = 8 * count } = options
  const found: NearMiss[] = []
  let checks = 0
  const take = async (candidates: Iterable<NearMiss>, until: number): Promise<void> => {
    for (const candidate of candidates) {
      if (found.length >= until || checks >= maximumChecks) return
      checks++
      const parses = await checker.syntax(domain, candidate.design)
      if (parses.outcome === 'pass' && await provenDifferent(checker, domain, reference, candidate.design)) found.push(candidate)
    }
  }
  const others = shuffled(otherParameters.map((design) => ({ design, change: 'other parameters' })), random)
  await take(others, Math.min(fromOthers, count))
  await take(eachNearMiss(domain, reference, random), count)
  return found
}
