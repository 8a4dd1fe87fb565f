import { z } from 'zod'

import type { ContentId } from '../../network/index.js'
import type { Context } from '../context.js'
import { id, round } from '../messages/fields.js'
import type { Stored, Trunk } from '../records/cluster-record.js'

import type { Library } from './library.js'

const checkpointSchema = z.strictObject({ round, record: id, adapter: id, velocity: id })

/** A record of the network's top whose values are on this peer's disk. */
export type Checkpoint = z.infer<typeof checkpointSchema>

const STATE = 'checkpoints'
const VERSION = 1

/** The last so many records of rounds that are multiples of each of these stay: close together lately, further apart long ago. */
const SPANS = [4, 16, 64, 256, 1024, 4096] as const
const KEPT_OF_EACH = 3

/** The rounds that stay. */
export function roundsToKeep(rounds: readonly number[]): Set<number> {
  const latest = rounds.toSorted((a, b) => b - a)
  return new Set(SPANS.flatMap((span) => latest.filter((one) => one % span === 0).slice(0, KEPT_OF_EACH)))
}

/** What the owners can go back to: values of earlier records of the network's top. */
export class Checkpoints {
  private offered: ContentId | undefined

  private constructor(private readonly context: Context, private readonly library: Library, private kept: readonly Checkpoint[]) {
    for (const one of kept) hold(library, one)
  }

  static async open(context: Context, library: Library): Promise<Checkpoints> {
    const saved = z.array(checkpointSchema).safeParse(await context.store.readState(STATE, { version: VERSION }))
    return new Checkpoints(context, library, saved.success ? saved.data : [])
  }

  /** Newest first. */
  get all(): readonly Checkpoint[] { return this.kept }

  /** Called with each new record of the top, whose values are on disk by then. */
  async note({ id: record, record: { round: at, adapter, velocity } }: Stored<Trunk>): Promise<void> {
    if (at === 0 || !roundsToKeep([at]).has(at) || this.kept.some((one) => one.record === record)) return
    // Another one of the same round was of a chain that gave way.
    const all = [{ round: at, record, adapter, velocity }, ...this.kept.filter((one) => one.round !== at)].sort((a, b) => b.round - a.round)
    const rounds = roundsToKeep(all.map((one) => one.round))
    const [before, kept] = [this.kept, all.filter((one) => rounds.has(one.round))]
    for (const one of kept) hold(this.library, one)
    await this.context.store.writeState(STATE, VERSION, kept)
    this.kept = kept
    const needed = new Set(kept.flatMap((one) => [one.adapter, one.velocity]))
    for (const one of before) for (const content of [one.adapter, one.velocity]) if (!needed.has(content)) await this.library.letGo(content)
  }

  /** Shows what the owners want back, where it is here, to those who have not got it. */
  async offer(): Promise<void> {
    const { rollback } = this.context.policies.newest()
    const one = this.kept.find(({ record }) => record === rollback?.record)
    if (one === undefined || one.record === this.offered) return
    this.offered = one.record
    for (const content of [one.adapter, one.velocity]) this.library.offer(await this.library.get(content, []))
  }
}

function hold(library: Library, { adapter, velocity }: Checkpoint): void {
  library.hold(adapter)
  library.hold(velocity)
}
