import type { PeerId } from '../network/index.js'

import { lot } from './lot.js'

/** A seat whose members may speak for its cluster one level up. */
export interface Represented {
  readonly members: readonly PeerId[]
}

/**
 * Who represents a cluster of seats at the level above: about twice the cluster size, as many from each seat. Those who do so already stay as long as
 * their seat lists them, so that the level above does not hear new voices every round; free places are drawn by lot.
 *
 * @param before - the delegates up to now
 * @param salt - the parent record, which nobody knew when choosing a key
 * @returns sorted
 */
export function drawDelegates(seats: readonly Represented[], before: readonly PeerId[], salt: string, clusterSize: number): PeerId[] {
  const share = Math.max(1, Math.floor(2 * clusterSize / seats.length))
  const serving = new Set(before)
  return seats.flatMap(({ members }) => members
    .map((peer) => ({ peer, isNew: serving.has(peer) ? 0 : 1, drawn: lot('delegate', salt, peer) }))
    .sort((a, b) => a.isNew - b.isNew || (a.drawn < b.drawn ? -1 : 1))
    .slice(0, share)
    .map(({ peer }) => peer)).sort()
}
