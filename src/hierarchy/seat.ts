import { contentId, encodeCanonical } from '../identity/index.js'
import type { PeerId } from '../network/index.js'

import { quorumOf } from './quorum.js'
import { voteStatement } from './vote-statement.js'
import type { Ballot, BallotVote } from './vote-statement.js'

/** Whether `peer` signed `bytes`. */
export type Verify = (peer: PeerId, bytes: Uint8Array, signature: Uint8Array) => boolean

/** A cluster's vote at the level above, or a member's part in it. */
export interface SeatVote extends BallotVote {
  /** The cluster that votes. */
  readonly seat: string
  /** Whether those who sign say that too few others are there for a quorum: then more than half of the listed ones are enough. */
  readonly half: boolean
}

/**
 * One member's part in its cluster's vote. A member signs one value a step; whoever collects and carries its share cannot change it.
 */
export interface SeatShare extends SeatVote {
  readonly peer: PeerId
  readonly signature: Uint8Array
}

/** A cluster's vote at the level above: the same statement, signed by enough of those that the record above lists for it. */
export interface SeatCertificate extends SeatVote {
  readonly signatures: readonly { readonly peer: PeerId, readonly signature: Uint8Array }[]
}

/** The bytes that a member signs for its seat. */
export function seatStatement(ballot: Ballot, { seat, half, ...vote }: SeatVote): Uint8Array {
  return voteStatement(ballot, vote, `seat ${seat} ${half ? 'half' : 'whole'}`)
}

/**
 * Whether a seat's vote counts: a quorum of those listed for it signed it or, where all signers say that the others are silent, more than half. Two such
 * halves share a member, and a member signs one value a step.
 *
 * @param listed - those who sign for the seat, by the last record above
 */
export function certificateStands(certificate: SeatCertificate, listed: readonly PeerId[], ballot: Ballot, verify: Verify): boolean {
  const { half, signatures } = certificate
  if (signatures.length > listed.length || new Set(signatures.map(({ peer }) => peer)).size < signatures.length) return false
  if (!signatures.every(({ peer }) => listed.includes(peer)) || !isEnough(signatures.length, half, listed.length)) return false
  const statement = seatStatement(ballot, certificate)
  return signatures.every(({ peer, signature }) => verify(peer, statement, signature))
}

/** What one member may say in one agreement before nobody listens: an honest one says a few things a term. */
const SHARES_AT_MOST = 1024

/** Collects the shares of one seat in one agreement above. */
export class SeatBallot {
  private readonly shares = new Map<string, Map<PeerId, SeatShare>>()
  private readonly voices = new Map<PeerId, { readonly shares: number, readonly at: number }>()

  constructor(
    private readonly ballot: Ballot,
    readonly seat: string,
    readonly listed: readonly PeerId[],
    private readonly verify: Verify,
  ) {}

  /** Whether a quorum of those listed has said something new since an instant, whatever it was. */
  isHeardSince(instant: number): boolean {
    return [...this.voices.values()].filter(({ at }) => at >= instant).length >= quorumOf(this.listed.length)
  }

  /**
   * @param now - when it came
   * @returns the seat's vote once this share completes it; it grows with every further share
   */
  add(share: SeatShare, now: number): SeatCertificate | undefined {
    const { seat, half, peer, signature, step, term, value } = share
    if (seat !== this.seat || !this.listed.includes(peer)) return undefined
    const key = contentId(encodeCanonical([step, term, value, half]))
    const same = this.shares.get(key) ?? new Map<PeerId, SeatShare>()
    const said = this.voices.get(peer)?.shares ?? 0
    if (same.has(peer) || said >= SHARES_AT_MOST || !this.verify(peer, seatStatement(this.ballot, { seat, half, step, term, value }), signature)) return undefined
    this.voices.set(peer, { shares: said + 1, at: now })
    this.shares.set(key, same.set(peer, share))
    if (!isEnough(same.size, half, this.listed.length)) return undefined
    return { seat, half, step, term, value, signatures: [...same.values()].map((one) => ({ peer: one.peer, signature: one.signature })) }
  }
}

function isEnough(signers: number, half: boolean, listed: number): boolean {
  return half ? 2 * signers > listed : signers >= quorumOf(listed)
}
