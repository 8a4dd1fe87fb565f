import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { processes, proportionalSetSize, treeOf } from '../process-memory.js'
import { mean } from '../report.js'
import { roundOf } from '../village/village.js'
import type { Village } from '../village/village.js'

/** From the last training to the measurement: what it left in memory may go. */
const SETTLING_MS = 15_000
const SAMPLE_EVERY_MS = 2000

/** The kernel counts a process's time in these, seconds. */
const TICK = 0.01

const MEBIBYTE = 2 ** 20

export interface Idleness {
  /** Of one core. */
  readonly cpuPercent: number
  readonly pssMebibytes: number
}

/** Starts the last peer when the others are in rounds, and measures it once nobody trains any more: rounds then end at their deadlines, without deltas. */
export async function idleLast(village: Village, seconds: number): Promise<Idleness> {
  const first = village.villagers.slice(0, -1)
  const last = village.villagers.at(-1)!
  for (const villager of first) village.start(villager)
  await village.until('the first peers in rounds', () => first.every((villager) => roundOf(villager) > 0) ? true : undefined, 120)
  village.start(last)
  await village.until('the last peer in rounds', () => roundOf(last) > 1 ? true : undefined, 120)
  for (const villager of village.villagers) village.tell(villager, 'hold')
  await sleep(SETTLING_MS)
  const id = last.process!.pid!
  const [ticks, begun] = [ticksOf(id), performance.now()]
  const memory: number[] = []
  while (performance.now() - begun < seconds * 1000) {
    memory.push(treeOf(id, processes()).reduce((sum, { id: part }) => sum + proportionalSetSize(part), 0) / MEBIBYTE)
    await sleep(SAMPLE_EVERY_MS)
  }
  const cpuPercent = 100 * (ticksOf(id) - ticks) * TICK / ((performance.now() - begun) / 1000)
  for (const villager of village.villagers) village.tell(villager, 'train')
  return { cpuPercent, pssMebibytes: mean(memory) }
}

/** What a process has used of processors so far, in its own code and in the kernel. */
function ticksOf(id: number): number {
  const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
  const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13)
  return Number(user) + Number(system)
}
