import type { PeerId } from '../network/index.js'

import { lot } from './lot.js'

/** One split in the past of a cluster, as its records remember it. */
export interface Branching {
  /** The cluster that was born. */
  readonly cluster: string
  /** The lowest lot of those that went on there: whoever draws a lower one stayed. */
  readonly from: string
  /** Whether this is the chain of those who went. */
  readonly went: boolean
}

export interface Halves {
  /** Sorted, and one more than go where the number is odd. */
  readonly stay: readonly PeerId[]
  readonly go: readonly PeerId[]
  readonly from: string
}

/** Digits of the salt in a cluster's name: nobody finds a second salt with the same ones. */
const NAME_DIGITS = 16
/** A domain may be as long as a name, which must have room for these digits. */
const DOMAIN_LETTERS = 40

/** The name of a cluster that a split makes. It holds the salt, so that the name alone draws who goes. */
export function bornCluster(domain: string, salt: string): string {
  return `${domain.slice(0, DOMAIN_LETTERS)}.${salt.slice(0, NAME_DIGITS)}`
}

/**
 * Who stays and who goes where a cluster splits: the half with the higher lots goes.
 *
 * @param members - two at least
 * @param born - the name of the new cluster, which nobody could choose
 */
export function halve(members: readonly PeerId[], born: string): Halves {
  const drawn = members.map((peer) => ({ peer, drawn: splitLot(peer, born) })).sort((a, b) => (a.drawn < b.drawn ? -1 : 1))
  const staying = Math.ceil(drawn.length / 2)
  return {
    stay: drawn.slice(0, staying).map(({ peer }) => peer).sort(),
    go: drawn.slice(staying).map(({ peer }) => peer).sort(),
    from: drawn[staying]!.drawn,
  }
}

export function goes(peer: PeerId, { cluster, from }: Pick<Branching, 'cluster' | 'from'>): boolean {
  return splitLot(peer, cluster) >= from
}

/** Whether a peer's place is at the end of a cluster's splits: for its members and for whoever comes later alike. */
export function isPlacedAt(peer: PeerId, splits: readonly Branching[]): boolean {
  return strayedAt(peer, splits) === undefined
}

/** The first split after which a peer's place is in the other half. */
export function strayedAt(peer: PeerId, splits: readonly Branching[]): Branching | undefined {
  return splits.find((split) => goes(peer, split) !== split.went)
}

function splitLot(peer: PeerId, born: string): string {
  return lot('split', born, peer)
}
