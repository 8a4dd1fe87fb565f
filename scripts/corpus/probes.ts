import { probeReferences } from './draw.js'
import type { Family } from './family.js'
import type { Judge } from './judge.js'
import { provenNearMisses } from './near-miss.js'
import type { ProbeRecord } from './record.js'

/** A family whose references mostly cannot be given near misses is left with what it has after so many tries per probe. */
const TRIES_PER_PROBE = 3

export interface ProbeWish {
  readonly seed: number
  readonly count: number
  /** References judged at a time. The result does not depend on it. */
  readonly workers: number
}

/** Probes of a family: references in reserved houses, each with proved near misses. */
export async function probesOf(judge: Judge, family: Family, { seed, count, workers }: ProbeWish): Promise<{ found: ProbeRecord[], tried: number }> {
  const found: ProbeRecord[] = []
  const references = probeReferences(family, seed)
  let tried = 0
  while (found.length < count && tried < count * TRIES_PER_PROBE) {
    const batch = take(references, Math.min(2 * workers, count * TRIES_PER_PROBE - tried))
    if (batch.length === 0) break
    const judged = await Promise.all(batch.map(async ({ record, style }): Promise<ProbeRecord | null> => {
      const nearMisses = await provenNearMisses(judge, family, record, style, seed)
      const { design: reference, ...rest } = record
      return nearMisses === null ? null : { ...rest, reference, nearMisses }
    }))
    tried += batch.length
    found.push(...judged.filter((probe) => probe !== null))
  }
  return { found: found.slice(0, count), tried }
}

function take<T>(source: Iterator<T>, count: number): T[] {
  const taken: T[] = []
  while (taken.length < count) {
    const next = source.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}
