import { CHUNKS_AHEAD } from '../constants.js'
import type { ContentId, PeerId } from '../transport.js'

import { Assembly } from './assembly.js'
import type { ChunkList } from './assembly.js'

/** There is no point in asking this holder again in this pull. */
export class HolderFailed extends Error {
  constructor(readonly why: 'lied' | 'absent' | 'too large' | 'relayed', message: string) {
    super(message)
  }
}

/** This holder had better be asked after all others. */
export class HolderPostponed extends Error {}

/** What the holders that work on one pull share: what has come, which chunk is asked of whom, and why holders failed. */
export class PullWork {
  readonly failures = new Map<PeerId, Error>()
  /** Aborts when the work is over, one way or the other. */
  readonly over = new AbortController()
  private assembly: Assembly<PeerId> | undefined
  private readonly queue: PeerId[]
  private readonly postponed = new Set<PeerId>()
  private readonly workers = new Map<PeerId, (reason: Error) => void>()
  private readonly claims = new Map<number, PeerId>()
  private waiting: (() => void)[] = []

  constructor(readonly id: ContentId, readonly maximumBytes: number, holders: readonly PeerId[]) {
    // Twice: who was only slow or cut off may go on where it stopped.
    this.queue = [...holders, ...holders]
  }

  /** The next holder to ask, unless all have failed or are at work. */
  nextHolder(): PeerId | undefined {
    for (let at = 0; at < this.queue.length; at++) {
      const holder = this.queue[at]!
      if (this.workers.has(holder)) continue
      this.queue.splice(at--, 1)
      if (!(this.failures.get(holder) instanceof HolderFailed)) return holder
    }
    return undefined
  }

  isComplete(): boolean {
    return this.assembly?.complete ?? false
  }

  get content(): Uint8Array | undefined {
    return this.assembly?.complete === true ? this.assembly.content : undefined
  }

  /** Bytes of the whole; undefined before the first holder has told. */
  get size(): number | undefined {
    return this.assembly?.content.length
  }

  /** A holder begins; `stop` ends its part from outside. */
  enter(holder: PeerId, stop: (reason: Error) => void): void {
    this.workers.set(holder, stop)
  }

  /** A holder's part is over: what was asked of it and has not come is asked of others. */
  leave(holder: PeerId): void {
    this.workers.delete(holder)
    for (const [chunk, claimant] of this.claims) {
      if (claimant === holder) this.claims.delete(chunk)
    }
    this.notify()
  }

  fail(holder: PeerId, error: Error): void {
    if (error instanceof HolderPostponed && !this.postponed.has(holder)) {
      this.postponed.add(holder)
      this.queue.push(holder)
    }
    // What is known for sure must not be forgotten for a later, lesser reason.
    if (!(this.failures.get(holder) instanceof HolderFailed)) this.failures.set(holder, error)
  }

  /** Whether others are at work or still to be asked for the first time, so that this holder may be spared. */
  hasOthers(holder: PeerId): boolean {
    return [...this.workers.keys(), ...this.queue].some((other) => other !== holder && !this.failures.has(other))
  }

  /**
   * Takes a holder's list of chunks.
   *
   * @throws HolderPostponed where it differs from the one that others work by now
   */
  follow(holder: PeerId, list: ChunkList): void {
    if (this.assembly?.isListedAs(list) === true) return
    if (this.assembly !== undefined && [...this.workers.keys()].some((other) => other !== holder)) throw new HolderPostponed('lists other chunks than the holders at work')
    this.claims.clear()
    if (this.assembly?.follow(list) !== true) this.assembly = new Assembly(list)
  }

  /**
   * A chunk to ask of this holder: one that is asked of nobody, else, for a holder that has nothing to do, one that another is slow with.
   *
   * @param asked - chunks that were asked of this holder
   */
  claim(holder: PeerId, asked: ReadonlySet<number>, isIdle: boolean): number | undefined {
    const assembly = this.assembly
    if (assembly === undefined) return undefined
    const end = Math.min(assembly.count, assembly.next + CHUNKS_AHEAD)
    let slow: number | undefined
    for (let chunk = assembly.next; chunk < end; chunk++) {
      if (assembly.has(chunk) || asked.has(chunk)) continue
      if (!this.claims.has(chunk)) {
        this.claims.set(chunk, holder)
        return chunk
      }
      slow ??= chunk
    }
    return isIdle ? slow : undefined
  }

  /** Notes that a chunk was asked of a holder before its list was here. @returns whether there is such a chunk */
  noteAsked(holder: PeerId, chunk: number): boolean {
    if (chunk >= (this.assembly?.count ?? 0)) return false
    this.claims.set(chunk, holder)
    return true
  }

  /**
   * Takes a chunk that came.
   *
   * @returns whether it was of use
   * @throws HolderFailed where the holder has sent other than it listed; who else is found out is stopped
   */
  take(holder: PeerId, chunk: number, parts: Iterable<Uint8Array>): boolean {
    const assembly = this.assembly!
    const added = assembly.add(chunk, parts, holder)
    if (added === 'wrong length') throw lied(chunk)
    for (let bad = assembly.check(); bad !== undefined; bad = assembly.check()) {
      assembly.distrust(bad.holder)
      for (let at = bad.chunk; at < assembly.count && this.claims.has(at); at++) {
        if (!assembly.has(at) && this.claims.get(at) === bad.holder) this.claims.delete(at)
      }
      const reason = lied(bad.chunk)
      if (bad.holder === holder) throw reason
      this.fail(bad.holder, reason)
      this.workers.get(bad.holder)?.(reason)
    }
    if (this.isComplete() || added === 'added') this.notify()
    return added === 'added'
  }

  /** Resolves when there may be something new to do. */
  change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  isOver(): boolean {
    return this.over.signal.aborted
  }

  /** Ends everybody's part. */
  end(): void {
    this.over.abort(new Error('the pull is over'))
    this.notify()
  }

  private notify(): void {
    const waiting = this.waiting
    this.waiting = []
    for (const go of waiting) go()
  }
}

function lied(chunk: number): HolderFailed {
  return new HolderFailed('lied', `sent another chunk ${chunk} than it announced`)
}
