import { setTimeout as sleep } from 'node:timers/promises'

import { POLICY } from './setting.js'
import { PATIENCE, roundOf, told } from '../village/village.js'
import type { Village, Villager } from '../village/village.js'

/**
 * Stops a peer in the middle of its work: its connections stay open, and its kernel goes on answering for it. It is let go again afterwards.
 *
 * @returns milliseconds until the last of the others suspects it
 */
export async function hang(village: Village, villager: Villager): Promise<number> {
  const others = village.villagers.filter((one) => one !== villager)
  // At any moment between two heartbeats.
  await sleep(Math.random() * POLICY.heartbeatMs!)
  const stopped = Date.now()
  village.signal(villager, 'SIGSTOP')
  const suspected = (): number | undefined => {
    const moments = others.map((other) => told(other, 'gone', stopped).find(({ peer }) => peer === villager.peer)?.at)
    return moments.every((at) => at !== undefined) ? Math.max(...moments) : undefined
  }
  const last = await village.until('all others suspect a peer that hangs', suspected, PATIENCE)
  village.signal(villager, 'SIGCONT')
  await village.until('everybody sees it again', () => others.every((other) => told(other, 'back', last).some(({ peer }) => peer === villager.peer)) ? true : undefined, PATIENCE)
  const round = Math.max(...village.villagers.map(roundOf))
  await village.until('everybody in one round again', () => village.villagers.every((one) => roundOf(one) > round) ? true : undefined, PATIENCE)
  return last - stopped
}
