import { told } from '../village/village.js'
import type { Villager } from '../village/village.js'

import { connectedOf } from './connected.js'
import type { StrickenVillage } from './stricken-village.js'
import { WedgeWatch } from './wedge-watch.js'

/** A peer whose process has stood still counts as hindered for so long afterwards: about as long as its round takes to catch up. */
const STALLED_MS = 15_000

/** Whether its process is there and gets processor time: on a busy machine one may not, and keeps deadlines no better than one that hangs. */
export function isRunning(villager: Villager, now: number): boolean {
  return villager.process !== undefined && (told(villager, 'stalled').at(-1)?.at ?? -Infinity) < now - STALLED_MS
}

export interface Watches {
  look(): void
  wedged(): number
  longestWaitMs(): number
  told(): string[]
}

/** One watch for each cluster, and one for the root, whose seats are connected where a quorum of each is. */
export function watchFor(stricken: StrickenVillage, patienceMs: number): Watches {
  const { clusters, quorum, village } = stricken
  const own = clusters.map(() => new WedgeWatch(quorum, patienceMs))
  const root = new WedgeWatch(clusters.length, patienceMs)
  const all = clusters.flat()
  const lastOf = (villagers: readonly Villager[], kind: 'committed' | 'root'): number => Math.max(0, ...villagers.map((villager) => told(villager, kind).at(-1)?.at ?? 0))
  return {
    look() {
      const now = Date.now()
      const here = (index: number): boolean => isRunning(village.villagers[index]!, now)
      for (const [cluster, members] of clusters.entries()) own[cluster]!.look(now, connectedOf(members, stricken.faults).filter(here), lastOf(stricken.members(cluster), 'committed'))
      const together = connectedOf(all, stricken.faults).filter(here)
      const seats = clusters.flatMap((members, cluster) => (together.filter((index) => members.includes(index)).length >= quorum ? [cluster] : []))
      root.look(now, seats, lastOf(village.villagers, 'root'))
    },
    wedged: () => [...own, root].reduce((sum, watch) => sum + watch.wedged, 0),
    longestWaitMs: () => Math.max(...[...own, root].map((watch) => watch.longestWaitMs)),
    told: () => [...own, root].map((watch, index) => `${index < own.length ? `cluster ${index}` : 'the root'} waited ${(watch.longestWaitMs / 1000).toFixed(1)} s with a connected quorum, wedged ${watch.wedged} times`),
  }
}
