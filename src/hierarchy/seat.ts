import { contentId, encodeCanonical } from '../identity/index.js'
import type { PeerId } from '../network/index.js'

import { quorumOf } from './quorum.js'
import { voteStatement } from './vote-statement.js'
import type { Ballot, BallotVote } from './vote-statement.js'

/** Whether `peer` signed `bytes`. */
export type Verify = (peer: PeerId, bytes: Uint8Array, signature: Uint8Array) => boolean

/**
 * One member's part in its cluster's vote at the level above. A member signs one value a step; the head only collects and carries.
 */
export interface SeatShare extends BallotVote {
  /** The cluster that votes. */
  readonly seat: string
  /** While the cluster goes on provisionally: those who go on. Null while its whole roster does. */
  readonly roster: readonly PeerId[] | null
  readonly peer: PeerId
  readonly signature: Uint8Array
}

/** A cluster's vote at the level above: the same statement, signed by enough members. */
export interface SeatCertificate extends BallotVote {
  readonly seat: string
  readonly roster: readonly PeerId[] | null
  readonly signatures: readonly { readonly peer: PeerId, readonly signature: Uint8Array }[]
}

/** The bytes that a member signs for its seat. */
export function seatStatement(ballot: Ballot, vote: BallotVote, seat: string, roster: readonly PeerId[] | null): Uint8Array {
  return voteStatement(ballot, vote, seatClaim(seat, roster))
}

/**
 * Whether a seat's vote counts: a quorum of the roster that the last record above lists for it or, while the cluster goes on provisionally, a quorum
 * of those who go on and more than half of the listed roster. Two such halves share a member, and a member signs one value a step.
 *
 * @param listed - the seat's roster in the last record above
 */
export function certificateStands(certificate: SeatCertificate, listed: readonly PeerId[], ballot: Ballot, verify: Verify): boolean {
  const { seat, roster, signatures } = certificate
  if (signatures.length > listed.length || new Set(signatures.map(({ peer }) => peer)).size < signatures.length) return false
  if (!signatures.every(({ peer }) => listed.includes(peer) && (roster?.includes(peer) ?? true))) return false
  if (!isEnough(signatures.length, roster, listed)) return false
  const statement = seatStatement(ballot, certificate, seat, roster)
  return signatures.every(({ peer, signature }) => verify(peer, statement, signature))
}

/** Collects the shares of one seat in one agreement above. */
export class SeatBallot {
  private readonly shares = new Map<string, Map<PeerId, SeatShare>>()

  constructor(
    private readonly ballot: Ballot,
    readonly seat: string,
    readonly listed: readonly PeerId[],
    private readonly verify: Verify,
  ) {}

  /** @returns the seat's vote once this share completes it; it grows with every further share */
  add(share: SeatShare): SeatCertificate | undefined {
    const { seat, roster, peer, signature, step, term, value } = share
    if (seat !== this.seat || !this.listed.includes(peer) || roster?.includes(peer) === false) return undefined
    const key = contentId(encodeCanonical([step, term, value, seatClaim(seat, roster)]))
    const same = this.shares.get(key) ?? new Map<PeerId, SeatShare>()
    if (same.has(peer) || !this.verify(peer, seatStatement(this.ballot, share, seat, roster), signature)) return undefined
    this.shares.set(key, same.set(peer, share))
    if (!isEnough(same.size, roster, this.listed)) return undefined
    return { seat, step, term, value, roster, signatures: [...same.values()].map((one) => ({ peer: one.peer, signature: one.signature })) }
  }
}

function isEnough(signers: number, roster: readonly PeerId[] | null, listed: readonly PeerId[]): boolean {
  if (roster === null) return signers >= quorumOf(listed.length)
  const voters = roster.filter((peer) => listed.includes(peer)).length
  return signers >= quorumOf(voters) && 2 * signers > listed.length
}

function seatClaim(seat: string, roster: readonly PeerId[] | null): string {
  return `seat ${seat} ${roster === null ? 'whole' : contentId(encodeCanonical([...roster].sort()))}`
}
