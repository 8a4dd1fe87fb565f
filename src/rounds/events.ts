import type { ContentId, PeerId } from '../network/index.js'

import type { EntryOutcome, Reason } from './records/cluster-record.js'

/** Why a peer gives its cluster up. */
export type WhyMoved = 'silent' | 'gone' | 'placed'

export type Phase = 'train' | 'close' | 'reveal' | 'audit' | 'agree' | 'joining'

/** What became of one peer's delta. */
export interface Contribution {
  readonly peer: PeerId
  readonly content: ContentId
  readonly outcome: EntryOutcome
  readonly reason: Reason
  /** 0..1 */
  readonly weight: number
  readonly tokens: number
  /** Rounds by which it was late. */
  readonly staleness: number
  /** Mean of the scores that its auditors agree on, 0..1. */
  readonly score?: number
}

/** What happens, for logs and user interfaces. Listeners must not throw. */
export interface RoundEvents {
  'cluster:formed': { readonly cluster: string, readonly domain: string, readonly members: readonly PeerId[] }
  /** A cluster has become too large: half of its members go on in a new one. */
  'cluster:split': {
    readonly round: number
    readonly cluster: string
    readonly born: string
    /** The cluster in which this peer goes on. */
    readonly own: string
    readonly stay: readonly PeerId[]
    readonly go: readonly PeerId[]
  }
  /**
   * This peer goes on in another cluster: the one that it followed has split (`split`); nothing has come from it for long, and too few of its members are left
   * (`silent`); it has no seat above any more (`gone`); or it still waits to be let in, and its place is elsewhere by now (`placed`).
   */
  'cluster:moved': { readonly from: string, readonly to: string, readonly why: 'split' | WhyMoved }
  'round:started': { readonly cluster: string, readonly round: number, readonly provisional: boolean }
  'phase:changed': { readonly round: number, readonly phase: Phase }
  'training:finished': { readonly training: number, readonly tokens: number, readonly lossFirst: number, readonly lossLast: number }
  'training:failed': { readonly training: number, readonly error: unknown }
  'manifest:announced': { readonly training: number, readonly content: ContentId, readonly bytes: number }
  'manifest:closed': { readonly round: number, readonly manifests: number }
  'delta:pulled': { readonly round: number, readonly peer: PeerId, readonly content: ContentId, readonly bytes: number }
  'delta:audited': { readonly round: number, readonly peer: PeerId, readonly content: ContentId, readonly score: number }
  'record:committed': {
    readonly cluster: string
    readonly round: number
    /** Trainings that have ended in this chain up to here. */
    readonly training: number
    /** Whether it renews the roster alone, while the training goes on. */
    readonly isRollCall: boolean
    readonly record: ContentId
    readonly provisional: boolean
    readonly term: number
    readonly head: PeerId
    readonly signers: number
    readonly voters: number
    readonly contributions: readonly Contribution[]
    readonly adapter: ContentId
    readonly members: readonly PeerId[]
    /** In the record that splits a cluster: the half in which this peer does not go on, and whether that half keeps the name. */
    readonly split?: { readonly other: string, readonly isOtherNew: boolean, readonly members: readonly PeerId[] }
  }
  'head:changed': { readonly cluster: string, readonly round: number, readonly head: PeerId, readonly before: PeerId | undefined }
  'term:started': { readonly level: number, readonly round: number, readonly term: number, readonly proposer: string }
  'peer:missed': { readonly peer: PeerId, readonly round: number, readonly term: number }
  /** A peer has said that it leaves for good. */
  'peer:left': { readonly peer: PeerId, readonly round: number }
  'peer:gone': { readonly peer: PeerId }
  'peer:back': { readonly peer: PeerId }
  'peer:cheated': { readonly peer: PeerId, readonly round: number }
  'provisional:started': { readonly round: number, readonly voters: readonly PeerId[] }
  'chain:switched': { readonly from: ContentId, readonly to: ContentId, readonly round: number, readonly records: number }
  /** A long chain is being verified; told every few hundred records, since it takes a while. */
  'chain:walked': { readonly cluster: string, readonly step: 'pulled' | 'checked', readonly records: number, readonly of: number }
  /** Another peer had a newer policy of the network's owners. */
  'policy:taken': { readonly version: number, readonly from: PeerId }
  'reunion:offered': { readonly training: number, readonly content: ContentId, readonly rounds: number }
  'upper:offered': { readonly cluster: string, readonly round: number, readonly content: ContentId }
  /** A level above the clusters has a new record; weights are those of the offers that it settles. */
  'upper:committed': { readonly level: number, readonly cluster: string, readonly round: number, readonly record: ContentId, readonly term: number, readonly weights: Readonly<Record<string, number>> }
  'upper:applied': { readonly round: number, readonly upper: number }
  'own:aggregated': { readonly round: number, readonly adapter: Float32Array, readonly weights: ReadonlyMap<PeerId, number> }
  'message:refused': { readonly from: PeerId, readonly kind: string, readonly reason: string }
  /** Something failed inside; the round goes on without it. */
  'peer:troubled': { readonly what: string, readonly error: unknown }
}

/** All of these, each once, for whoever listens to everything: TypeScript refuses a name that is missing here. */
export const ROUND_EVENT_NAMES = Object.keys({
  'cluster:formed': true, 'cluster:split': true, 'cluster:moved': true, 'round:started': true, 'phase:changed': true, 'training:finished': true, 'training:failed': true,
  'manifest:announced': true, 'manifest:closed': true, 'delta:pulled': true, 'delta:audited': true, 'record:committed': true, 'head:changed': true,
  'term:started': true, 'peer:missed': true, 'peer:left': true, 'peer:gone': true, 'peer:back': true, 'peer:cheated': true,
  'provisional:started': true, 'chain:switched': true, 'chain:walked': true, 'policy:taken': true, 'reunion:offered': true, 'upper:offered': true, 'upper:committed': true,
  'upper:applied': true, 'own:aggregated': true, 'message:refused': true, 'peer:troubled': true,
} satisfies Record<keyof RoundEvents, true>) as (keyof RoundEvents)[]
