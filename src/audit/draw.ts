import { createHash } from 'node:crypto'

import type { Domain } from '../quality/index.js'
import type { Probe, ProbePool } from './probe.js'

/**
 * Draws the probes of a round: as even as possible over families, otherwise by lot. Every peer with the same pool and seed draws the same, and nobody knows the draw
 * before the seed.
 *
 * @param seed - hash of the signatures that closed the round's set of manifests
 * @param domain - only probes of this domain; all when absent
 */
export function drawProbes(pool: ProbePool, seed: Uint8Array, count: number, domain?: Domain): Probe[] {
  const lot = (of: string): string => createHash('sha256').update(seed).update(of).digest('hex')
  const byFamily = new Map<string, { probe: Probe, lot: string }[]>()
  for (const probe of pool.probes) {
    if (domain !== undefined && probe.domain !== domain) continue
    byFamily.set(probe.family, [...byFamily.get(probe.family) ?? [], { probe, lot: lot(probe.id) }])
  }
  const families = [...byFamily].map(([family, drawn]) => ({ lot: lot(family), drawn: drawn.sort((x, y) => x.lot < y.lot ? -1 : 1) }))
  families.sort((x, y) => x.lot < y.lot ? -1 : 1)

  const drawn: Probe[] = []
  for (let turn = 0; drawn.length < count; turn++) {
    const round = families.flatMap((family) => family.drawn[turn]?.probe ?? [])
    if (round.length === 0) break
    drawn.push(...round.slice(0, count - drawn.length))
  }
  return drawn
}
