import type { ContentId } from '../../network/index.js'
import type { AgreementMemory } from '../agreement/index.js'
import type { RoundStore } from '../ports.js'
import type { Pledge } from '../records/fullness.js'

interface Saved {
  readonly instance: ContentId | null
  readonly list: Uint8Array | null
  readonly memory: AgreementMemory | null
  readonly pledge: Pledge | null
  /** The round of the last provisional agreement in which this peer precommitted, and which one it was. */
  readonly bound: { readonly round: number, readonly instance: ContentId } | null
}

/**
 * What this peer has signed and must not contradict, also after a restart: it is on disk before it leaves.
 */
export class Signed {
  private saved: Saved = { instance: null, list: null, memory: null, pledge: null, bound: null }
  private writing = Promise.resolve()

  constructor(private readonly store: RoundStore, private readonly name: string) {}

  async load(): Promise<void> {
    const saved = await this.store.readState(this.name, { version: 1 }) as Saved | undefined
    if (saved !== undefined) this.saved = saved
  }

  /** Votes that were cast in this agreement before. */
  memoryOf(instance: ContentId): AgreementMemory | undefined {
    return this.saved.instance === instance ? this.saved.memory ?? undefined : undefined
  }

  listOf(instance: ContentId): Uint8Array | undefined {
    return this.saved.instance === instance ? this.saved.list ?? undefined : undefined
  }

  get pledge(): Pledge | undefined { return this.saved.pledge ?? undefined }

  /** Whether this peer may still take part in another provisional agreement on this round. */
  isBound(round: number, instance: ContentId): boolean {
    const { bound } = this.saved
    return bound !== null && bound.round === round && bound.instance !== instance
  }

  keepList(instance: ContentId, list: Uint8Array): Promise<void> {
    return this.keep({ ...this.at(instance), list })
  }

  keepMemory(instance: ContentId, memory: AgreementMemory, more: Partial<Pick<Saved, 'pledge' | 'bound'>>): Promise<void> {
    return this.keep({ ...this.at(instance), memory, ...more })
  }

  private at(instance: ContentId): Saved {
    return this.saved.instance === instance ? this.saved : { ...this.saved, instance, list: null, memory: null }
  }

  private keep(saved: Saved): Promise<void> {
    this.saved = saved
    // `writeState` keeps the order of writes of one name; the chain makes a failed one fail those that wait for it, too.
    this.writing = this.writing.then(() => this.store.writeState(this.name, 1, saved))
    const done = this.writing
    this.writing = done.catch(() => undefined)
    return done
  }
}
