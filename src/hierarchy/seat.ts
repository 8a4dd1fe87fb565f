import type { PeerId } from '../network/index.js'

import { honestMinimum, quorumOf } from './quorum.js'
import { remembered } from './remembered.js'
import { voteStatement } from './vote-statement.js'
import type { Ballot, BallotVote } from './vote-statement.js'

/** Whether `peer` signed `bytes`. */
export type Verify = (peer: PeerId, bytes: Uint8Array, signature: Uint8Array) => boolean

/** A cluster's vote at the level above, or a member's part in it. */
export interface SeatVote extends BallotVote {
  /** The cluster that votes. */
  readonly seat: string
}

/**
 * One member's part in its cluster's vote. A member signs one value a step; whoever collects and carries its share cannot change it.
 */
export interface SeatShare extends SeatVote {
  readonly peer: PeerId
  readonly signature: Uint8Array
}

/** A record of a cluster, and the commit by which its roster speaks for the seat. */
export interface Through {
  readonly record: string
  readonly commit: string
}

/** A cluster's vote at the level above: the same statement, signed by enough of those who speak for it. */
export interface SeatCertificate extends SeatVote {
  readonly signatures: readonly { readonly peer: PeerId, readonly signature: Uint8Array }[]
  /** Where neither those listed nor those reported were enough: the later record of the cluster whose roster they speak through. */
  readonly through?: Through | undefined
}

/** Who speaks for a seat. */
export interface Rosters {
  /** Those whom the last record above lists. */
  readonly listed: readonly PeerId[]
  /** Those whom the record that is voted on lists for the next round; undefined for a vote for nothing, and while that record is not known. */
  readonly reported?: readonly PeerId[] | undefined
  /** Those of a later record of the cluster, proved by its chain from the one that is listed. */
  readonly later?: readonly PeerId[] | undefined
}

/** A roster that a seat may speak through. */
export interface LaterRoster {
  readonly through: Through
  readonly members: readonly PeerId[]
}

/** The bytes that a member signs for its seat. */
export function seatStatement(ballot: Ballot, vote: SeatVote): Uint8Array {
  return voteStatement(ballot, vote, `seat ${vote.seat}`)
}

/**
 * Whether the signers are enough for a seat's vote: a quorum of one of its rosters. Those listed may have gone meanwhile, so the rosters that follow count as
 * well. They speak for the seat only if they are truly its own: whoever has not checked the record that brings them asks whether it is `isVouchedFor`.
 */
export function isEnough(signers: readonly PeerId[], { listed, reported, later }: Rosters): boolean {
  const isQuorumOf = (roster: readonly PeerId[] | undefined): boolean => roster !== undefined && signers.filter((peer) => roster.includes(peer)).length >= quorumOf(roster.length)
  return isQuorumOf(listed) || isQuorumOf(reported) || isQuorumOf(later)
}

/** Whether so many of those listed before have signed that an honest one is among them, if the seat is: it has checked the record and all whom that lists. */
export function isVouchedFor({ signatures }: Pick<SeatCertificate, 'signatures'>, listed: readonly PeerId[]): boolean {
  return signatures.filter(({ peer }) => listed.includes(peer)).length >= honestMinimum(listed.length)
}

/** Whether a seat's vote counts: signed by enough of those who speak for it, and by nobody else. */
export function certificateStands(certificate: SeatCertificate, rosters: Rosters, ballot: Ballot, verify: Verify): boolean {
  const signers = certificate.signatures.map(({ peer }) => peer)
  if (new Set(signers).size < signers.length || !signers.every((peer) => isOf(peer, rosters))) return false
  return isEnough(signers, rosters) && isSigned(certificate, ballot, verify)
}

/** Whether all signatures are what they claim to be, whoever the signers are. */
export function isSigned(certificate: SeatCertificate, ballot: Ballot, verify: Verify): boolean {
  return once(certificate, ballot, verify, () => {
    const statement = seatStatement(ballot, certificate)
    return certificate.signatures.every(({ peer, signature }) => verify(peer, statement, signature))
  })
}

function isOf(peer: PeerId, { listed, reported, later }: Rosters): boolean {
  return listed.includes(peer) || reported?.includes(peer) === true || later?.includes(peer) === true
}

/** Shares and certificates whose signatures have been checked: peers of one process hear the same ones, and none ever changes. */
const checked = new WeakMap<SeatVote, { readonly ballot: Ballot, readonly verify: Verify, readonly stands: boolean }>()

function once(vote: SeatVote, ballot: Ballot, verify: Verify, check: () => boolean): boolean {
  const known = checked.get(vote)
  if (known?.verify === verify && isSameBallot(known.ballot, ballot)) return known.stands
  const stands = check()
  checked.set(vote, { ballot, verify, stands })
  return stands
}

function isSameBallot(a: Ballot, b: Ballot): boolean {
  return a === b || (a.instance === b.instance && a.round === b.round && a.cluster === b.cluster && a.level === b.level && a.network === b.network)
}

/** What one member may say in one agreement before nobody listens: an honest one says a few things a term. */
const SHARES_AT_MOST = 1024

/** Collects the shares of one seat in one agreement above. */
export class SeatBallot {
  private readonly shares = new Map<string, Map<PeerId, SeatShare>>()
  private readonly said = new Map<PeerId, number>()

  constructor(
    private readonly ballot: Ballot,
    readonly seat: string,
    private readonly rostersOf: (value: string | null) => Rosters,
    /** Whether a peer is of this seat at all, by what is known by now. */
    private readonly isOfSeat: (peer: PeerId) => boolean,
    private readonly verify: Verify,
    /** Rosters of the cluster's records since the listed one, the newest first. */
    private readonly laterRosters: () => readonly LaterRoster[] = () => [],
  ) {}

  /** @returns the seat's vote once this share completes it; it grows with every further share */
  add(share: SeatShare): SeatCertificate | undefined {
    const { seat, peer, signature } = share
    const key = keyOf(share)
    const heard = this.shares.get(key)
    if (seat !== this.seat || heard?.has(peer) === true || !this.isOfSeat(peer)) return undefined
    const same = heard ?? new Map<PeerId, SeatShare>()
    const said = this.said.get(peer) ?? 0
    if (said >= SHARES_AT_MOST || !once(share, this.ballot, this.verify, () => this.verify(peer, seatStatement(this.ballot, share), signature))) return undefined
    this.said.set(peer, said + 1)
    this.shares.set(key, same.set(peer, share))
    return this.certificateOf(share)
  }

  /** Votes for a value that stand now that more is known of it. */
  certificatesFor(value: string): SeatCertificate[] {
    return this.certificates().filter((one) => one.value === value)
  }

  /** All votes that stand by now. */
  certificates(): SeatCertificate[] {
    return [...this.shares.values()].flatMap((same) => {
      const { step, term, value } = same.values().next().value!
      return this.certificateOf({ step, term, value }) ?? []
    })
  }

  private certificateOf(vote: BallotVote): SeatCertificate | undefined {
    const rosters = this.rostersOf(vote.value)
    const shares = [...this.shares.get(keyOf(vote))?.values() ?? []]
    const plain = this.signedBy(vote, shares, rosters)
    if (plain !== undefined) return plain
    for (const { through, members } of this.laterRosters()) {
      const certificate = this.signedBy(vote, shares, { ...rosters, later: members })
      if (certificate !== undefined) return { ...certificate, through }
    }
    return undefined
  }

  private signedBy({ step, term, value }: BallotVote, shares: readonly SeatShare[], rosters: Rosters): SeatCertificate | undefined {
    const signatures = shares.filter(({ peer }) => isOf(peer, rosters)).map(({ peer, signature }) => ({ peer, signature }))
    return isEnough(signatures.map(({ peer }) => peer), rosters) ? { seat: this.seat, step, term, value, signatures } : undefined
  }
}

/** Of shares, which never change: the same ones come again and again. */
const keyOf = remembered(({ step, term, value }: BallotVote) => `${term}/${step}/${value ?? ''}`)
