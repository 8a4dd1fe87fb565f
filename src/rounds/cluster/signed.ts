import type { ContentId } from '../../network/index.js'
import type { AgreementMemory } from '../agreement/index.js'
import type { RoundStore } from '../ports.js'
import type { Pledge } from '../records/fullness.js'

/** One agreement of the round: the whole roster's, or a provisional one. */
interface InstanceState {
  readonly instance: ContentId
  readonly list: Uint8Array | null
  readonly memory: AgreementMemory | null
}

interface Saved {
  readonly round: number
  readonly instances: readonly InstanceState[]
  readonly pledge: Pledge | null
  /** The last provisional agreement in which this peer precommitted to a record. */
  readonly bound: { readonly round: number, readonly instance: ContentId } | null
  /** The last round in which this peer precommitted to a record. States of before there were farewells have none: then it is the last one signed in. */
  readonly precommitted?: number
  /** From which round on this peer has promised to sign nothing for this cluster, until it is let in anew. */
  readonly left?: number | null
}

/**
 * What this peer has signed and must not contradict, also after a restart: it is on disk before it leaves.
 */
export class Signed {
  private saved: Saved = { round: 0, instances: [], pledge: null, bound: null }
  private writing = Promise.resolve()
  /** Writes that have not ended, and whether the last one failed. */
  private pending = 0
  private hasFailed = false

  constructor(private readonly store: RoundStore, private readonly name: string) {}

  async load(): Promise<void> {
    const saved = await this.store.readState(this.name, { version: 1 }) as Saved | undefined
    if (saved !== undefined) this.saved = saved
  }

  /** Votes that were cast in this agreement before. */
  memoryOf(instance: ContentId): AgreementMemory | undefined {
    return this.of(instance)?.memory ?? undefined
  }

  listOf(instance: ContentId): Uint8Array | undefined {
    return this.of(instance)?.list ?? undefined
  }

  get pledge(): Pledge | undefined { return this.saved.pledge ?? undefined }

  /** Whether this peer has bound itself in another provisional agreement on this round. */
  isBound(round: number, instance: ContentId): boolean {
    const { bound } = this.saved
    return bound !== null && bound.round === round && bound.instance !== instance
  }

  /** The first round of which this peer has signed no precommit, so that it can promise to sign none from there on. */
  get firstUnsigned(): number {
    const { precommitted, round } = this.saved
    return (precommitted ?? round) + 1
  }

  /** From which round on this peer has promised to sign nothing, if it has. */
  get left(): number | undefined { return this.saved.left ?? undefined }

  /** Promises to sign nothing from a round on. It resolves when that is on disk, and only then it may be said. */
  async leave(round: number): Promise<void> {
    this.saved = { ...this.saved, left: round }
    await this.write(this.saved)
  }

  /**
   * Whether the promise still holds in a round: it ends once a record has let this peer in again and is full, or a full one follows it.
   *
   * @param since - from which round on the roster has this peer, undefined where it has not
   * @param fullRound - the round of the last full record
   */
  hasLeft(since: number | undefined, fullRound: number): boolean {
    const { left } = this
    return left !== undefined && !(since !== undefined && since > left && fullRound + 1 >= since)
  }

  /** Whether all of it is on disk. */
  get isKept(): boolean { return this.pending === 0 && !this.hasFailed }

  /** Writes again what could not be written, as on a full disk. */
  async keepAgain(): Promise<void> {
    if (this.hasFailed && this.pending === 0) await this.write(this.saved)
  }

  keepList(round: number, instance: ContentId, list: Uint8Array): Promise<void> {
    return this.keep(round, { instance, memory: null, ...this.of(instance), list }, {})
  }

  keepMemory(round: number, instance: ContentId, memory: AgreementMemory, more: Partial<Pick<Saved, 'pledge' | 'bound'>>): Promise<void> {
    return this.keep(round, { instance, list: null, ...this.of(instance), memory }, more)
  }

  private of(instance: ContentId): InstanceState | undefined {
    return this.saved.instances.find((one) => one.instance === instance)
  }

  private keep(round: number, state: InstanceState, more: Partial<Pick<Saved, 'pledge' | 'bound'>>): Promise<void> {
    const others = this.saved.round === round ? this.saved.instances.filter(({ instance }) => instance !== state.instance) : []
    const isPrecommit = more.pledge !== undefined || more.bound !== undefined
    const precommitted = isPrecommit ? Math.max(round, this.saved.precommitted ?? 0) : this.saved.precommitted ?? this.saved.round
    const saved = { ...this.saved, ...more, precommitted, round, instances: [...others, state] }
    this.saved = saved
    return this.write(saved)
  }

  private write(saved: Saved): Promise<void> {
    this.pending++
    const done = this.writing.then(() => this.store.writeState(this.name, 1, saved))
    const ended = (hasFailed: boolean): void => {
      this.pending--
      this.hasFailed = hasFailed
    }
    this.writing = done.then(() => ended(false), () => ended(true))
    return done
  }
}
