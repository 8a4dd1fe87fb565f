import type { Fault } from './schedule.js'

/**
 * Those of some peers that no fault hinders and that reach each other: of the sides into which partitions divide them, the largest.
 *
 * @param faults - under way now
 */
export function connectedOf(members: readonly number[], faults: Iterable<Fault>): number[] {
  const now = [...faults]
  const hindered = new Set(now.filter(({ kind }) => kind !== 'partition').flatMap(({ peers }) => peers))
  const partitions = now.filter(({ kind }) => kind === 'partition').map(({ peers }) => new Set(peers))
  const sides = new Map<string, number[]>()
  for (const member of members) {
    if (hindered.has(member)) continue
    const side = partitions.map((peers) => Number(peers.has(member))).join('')
    sides.set(side, [...sides.get(side) ?? [], member])
  }
  return [...sides.values()].reduce<number[]>((largest, side) => (side.length > largest.length ? side : largest), [])
}
