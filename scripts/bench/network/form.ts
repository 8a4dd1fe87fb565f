import { PATIENCE, told } from '../village/village.js'
import type { Village } from '../village/village.js'

/** Starts everybody at once. @returns seconds from the first process to the moment when all have reported one record of the root */
export async function form(village: Village): Promise<number> {
  const begun = Date.now()
  for (const villager of village.villagers) village.start(villager)
  const record = await village.until('one record of the root at all peers', () => {
    const [first, ...others] = village.villagers.map((villager) => new Set(told(villager, 'root').map(({ record }) => record)))
    return [...first!].find((record) => others.every((records) => records.has(record)))
  }, PATIENCE)
  const last = Math.max(...village.villagers.map((villager) => told(villager, 'root').find((root) => root.record === record)!.at))
  return (last - begun) / 1000
}
