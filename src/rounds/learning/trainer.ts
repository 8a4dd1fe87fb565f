import { decodeDelta, encodeDelta } from '../../adapter/index.js'
import { contentId } from '../../identity/index.js'
import type { ContentId } from '../../network/index.js'
import type { Context } from '../context.js'
import { LATE_ROUNDS } from '../limits.js'
import { openMessage, sealMessage } from '../messages/wire.js'
import type { Opened } from '../messages/wire.js'
import { bytesOf, difference, valuesOf } from '../records/arrays.js'
import type { EntryOutcome } from '../records/cluster-record.js'
import { bindingOf } from '../records/manifest.js'

import { residualAfter } from './residual.js'

/** Starts the residual's file, so that it is never one and the same with values that records name and others may pull. */
const PRIVATE = Buffer.from('residual')

/** What a training starts from. */
export interface Assignment {
  /** Its number: see `records/roll-call.ts`. */
  readonly training: number
  readonly parent: ContentId
  readonly adapter: Float32Array
}

/** An own delta that no record has settled yet. */
export interface OwnDelta {
  readonly manifest: Opened<'manifest'>
  readonly bytes: Uint8Array
}

/** What a trainer needs of a peer. */
export type TrainerContext = Pick<Context, 'identity' | 'self' | 'network' | 'policy' | 'cluster' | 'place' | 'clock' | 'store' | 'events' | 'verify' | 'length' | 'learner' | 'signal'>

/**
 * The peer's own training, one at a time: it turns what was learnt into an encoded delta and a manifest, and keeps the residual. A slow machine
 * finishes when it finishes; its delta then counts as late.
 */
export class Trainer {
  private residual: Float32Array
  private readonly inFlight = new Map<ContentId, OwnDelta>()
  private busyWith: number | undefined
  /** The last training that is done. */
  private done = 0
  /** Changes with the chain: what was trained for another one is of no use. */
  private chains = 0
  /** What the chain is called on disk that open manifests are for: it may have changed before this was noted. */
  private chain: string
  /** The last training that was under way here. */
  private last = 0
  private stepMs = 0
  private residualBlob: ContentId | undefined
  private saving = Promise.resolve()

  constructor(private readonly context: TrainerContext, private readonly announce: (manifest: Opened<'manifest'>, bytes: Uint8Array) => void) {
    this.residual = new Float32Array(context.length)
    this.chain = context.place.stateName('chain')
  }

  /** Takes up residual and open manifests where a restart has left them. */
  async restore(training: number): Promise<void> {
    const saved = await this.context.store.readState('learning', { version: 1 }) as { training: number, residual: ContentId, manifests: Uint8Array[], chain?: string } | undefined
    if (saved === undefined) return
    // States of before have no name.
    const isOfChain = (saved.chain ?? this.chain) === this.chain
    if (isOfChain) this.last = saved.training
    const bytes = await this.context.store.getBlob(saved.residual).catch(() => undefined)
    if (bytes === undefined || this.isStale(training)) return
    this.residual = valuesOf(bytes.subarray(PRIVATE.length), this.context.length)
    this.residualBlob = saved.residual
    for (const envelope of isOfChain ? saved.manifests : []) {
      const manifest = openMessage(envelope, 'manifest', this.context)
      const content = await this.context.store.getBlob(manifest.payload.content).catch(() => undefined)
      if (content === undefined) continue
      this.inFlight.set(manifest.payload.content, { manifest, bytes: content })
      this.done = Math.max(this.done, manifest.payload.training)
    }
  }

  /** Own manifests that no record has settled yet, with their bytes. */
  get open(): readonly OwnDelta[] { return [...this.inFlight.values()] }
  get isTraining(): boolean { return this.busyWith !== undefined }

  bytesOf(content: ContentId): Uint8Array | undefined {
    return this.inFlight.get(content)?.bytes
  }

  /** Starts to train from a record, unless that is done already or the last training is still running. */
  begin(assignment: Assignment): void {
    const { training } = assignment
    if (this.isStale(training)) this.residual = new Float32Array(this.context.length)
    this.last = training
    if (this.busyWith !== undefined || this.done >= training) return
    this.busyWith = training
    const { chains } = this
    const failed = (error: unknown): void => {
      if (!this.context.signal.aborted) this.context.events.emit('training:failed', { training, error })
    }
    this.train(assignment).catch(failed).finally(() => {
      this.busyWith = undefined
      if (chains === this.chains) this.done = Math.max(this.done, training)
    }).catch(failed)
  }

  /**
   * What a record says of this peer's manifests.
   *
   * @param trainings - that have ended with it
   */
  settle(outcomes: readonly { readonly content: ContentId, readonly outcome: EntryOutcome }[], trainings: number, medianSquaredNorm: bigint | undefined): void {
    for (const { content, outcome } of outcomes) this.close(content, outcome, medianSquaredNorm)
    for (const [content, { manifest }] of this.inFlight) {
      if (manifest.payload.training + LATE_ROUNDS <= trainings) this.close(content, 'expired', medianSquaredNorm)
    }
    this.save()
  }

  /** Forgets manifests that started from a chain that has given way. */
  forgetOpen(): void {
    this.inFlight.clear()
    this.save()
  }

  /** Goes on in another chain, whose rounds are other ones. What compression has left out stays to be told. */
  changeChain(): void {
    this.chains++
    this.chain = this.context.place.stateName('chain')
    this.done = 0
    this.last = 0
    this.forgetOpen()
  }

  /** Waits until what was learnt is on disk. */
  saved(): Promise<void> { return this.saving }

  private close(content: ContentId, outcome: EntryOutcome, medianSquaredNorm: bigint | undefined): void {
    const flight = this.inFlight.get(content)
    if (flight === undefined || outcome === 'missing') return
    this.inFlight.delete(content)
    this.residual = residualAfter(outcome, this.residual, decodeDelta(flight.bytes, this.context.length), medianSquaredNorm)
  }

  private async train({ training, parent, adapter }: Assignment): Promise<void> {
    const { learner, clock, policy, signal, events, identity, network, cluster, self } = this.context
    const startedAt = clock.now()
    const { chains } = this
    const steps = this.stepsFor(policy.deadlines.train)
    const trained = await learner.train({ round: training, campaignRound: (training - 1) % policy.campaignRounds, adapter, steps, signal })
    this.stepMs = (clock.now() - startedAt) / steps
    if (signal.aborted || chains !== this.chains) return
    events.emit('training:finished', { training, tokens: trained.tokens, lossFirst: trained.lossFirst, lossLast: trained.lossLast })
    const { bytes, residual } = encodeDelta(difference(trained.adapter, adapter), this.residual)
    const envelope = sealMessage(identity, 'manifest', network, {
      cluster: cluster.id,
      training,
      parent,
      content: contentId(bytes),
      binding: bindingOf(self, bytes),
      size: bytes.length,
      tokens: Math.max(0, Math.floor(trained.tokens)),
      lossFirst: fixed(trained.lossFirst),
      lossLast: fixed(trained.lossLast),
      reunion: null,
    })
    const manifest = openMessage(envelope, 'manifest', this.context)
    this.residual = residual
    this.inFlight.set(manifest.payload.content, { manifest, bytes })
    await this.context.store.putBlob(bytes)
    this.save()
    await this.saving
    this.announce(manifest, bytes)
  }

  /** As many inner steps as this machine finishes well before the deadline, within the policy's bounds. */
  private stepsFor(deadlineMs: number): number {
    const { min, target } = this.context.policy.roundSteps
    if (this.stepMs === 0) return target
    return Math.max(min, Math.min(target, Math.floor(0.8 * deadlineMs / this.stepMs)))
  }

  private isStale(training: number): boolean {
    return this.last > 0 && training - this.last > LATE_ROUNDS
  }

  private save(): void {
    const residual = this.residual
    const { last: training, chain } = this
    const manifests = this.open.map(({ manifest }) => manifest.envelope)
    const write = async (): Promise<void> => {
      const before = this.residualBlob
      this.residualBlob = await this.context.store.putBlob(Buffer.concat([PRIVATE, bytesOf(residual)]))
      await this.context.store.writeState('learning', 1, { training, residual: this.residualBlob, manifests, chain })
      if (before !== undefined && before !== this.residualBlob) await this.context.store.deleteBlob(before)
    }
    this.saving = this.saving.then(write).catch((error: unknown) => {
      if (!this.context.signal.aborted) this.context.events.emit('peer:troubled', { what: 'what was learnt could not be saved', error })
    })
  }
}

/** A loss in 1/65536 nat, for a manifest. */
function fixed(loss: number): number {
  return Number.isFinite(loss) ? Math.min(2 ** 31, Math.max(0, Math.round(loss * 65_536))) : 2 ** 31
}
