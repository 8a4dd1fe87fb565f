import type { MemoryNetworkOptions } from '../../src/network/index.js'
import type { PeerId } from '../../src/network/index.js'
import type { Random } from '../../src/telemetry/index.js'

/** Kinds of networks that can be simulated. */
export const LINK_MODELS = ['uniform', 'regions'] as const
export type LinkModel = (typeof LINK_MODELS)[number]

export interface Links extends Required<Pick<MemoryNetworkOptions, 'latency' | 'loss' | 'bandwidth'>> {
  /** Milliseconds one way. */
  readonly latency: (from: PeerId, to: PeerId) => number
}

/** Instants are whole milliseconds, so that many messages share one: see `settle` of the virtual clock. */
const whole = (milliseconds: number): number => Math.max(1, Math.round(milliseconds))

/** 5 to 50 ms between any two. */
const UNIFORM = { minimum: 5, maximum: 50 }
/** Within a region and across, the median; 2 % of all messages take longer, by a Pareto law of index 1.5, up to two seconds. */
const REGIONS = { within: 5, across: 80, spread: 0.2, tail: 0.02, index: 1.5, longest: 2000 }

/** Bytes a second of one pull. */
const BANDWIDTH = 12_500_000

/**
 * How long messages take and how many are lost. Pulls take the same ways and lose nothing.
 *
 * @param loss - chance that a message does not reach one of its receivers, 0..1
 */
export function linksOf(model: LinkModel, random: Random, loss: number): Links {
  return { latency: model === 'uniform' ? uniform(random) : regions(random), loss, bandwidth: BANDWIDTH }
}

function uniform(random: Random): Links['latency'] {
  return () => whole(UNIFORM.minimum + random() * (UNIFORM.maximum - UNIFORM.minimum))
}

function regions(random: Random): Links['latency'] {
  return (from, to) => {
    const median = regionOf(from) === regionOf(to) ? REGIONS.within : REGIONS.across
    const usual = median * (1 - REGIONS.spread + 2 * REGIONS.spread * random())
    const stretched = random() < REGIONS.tail ? usual * (1 - random()) ** (-1 / REGIONS.index) * 3 : usual
    return whole(Math.min(REGIONS.longest, stretched))
  }
}

/** Half of the peers live in each; an id does not change. */
export function regionOf(peer: PeerId): 0 | 1 {
  return peer.charCodeAt(peer.length - 1) % 2 === 0 ? 0 : 1
}
