import type { ContentId, PeerId } from '../../network/index.js'
import type { Context } from '../context.js'
import { RoundsError } from '../errors.js'
import { MAXIMUM_RECORD_BYTES } from '../limits.js'
import { bytesOf, valuesOf } from '../records/arrays.js'
import type { Named } from '../records/arrays.js'
import type { RoundPolicy } from '../policy.js'
import type { Restored } from '../records/rollback.js'
import { namedIn } from '../records/state.js'
import type { RecordState } from '../records/state.js'
import type { ClusterHeader, Stored, StoredRecord, Trunk } from '../records/cluster-record.js'
import { decodeClusterHeader, decodeClusterRecord } from '../records/record-bytes.js'

/** Content by hash: from the disk where it is there, from other peers where it is not. What is kept is offered to others. */
export class Library {
  /** What is offered now: an id that several need is withdrawn with the last of them. */
  private readonly uses = new Map<ContentId, number>()
  /** What stays on disk when nobody is shown it any more. */
  private readonly held = new Set<ContentId>()

  constructor(private readonly context: Context) {}

  /** Keeps bytes on disk and offers them, until `release` has been called as often. */
  async keep(bytes: Uint8Array): Promise<ContentId> {
    await this.context.store.putBlob(bytes)
    const id = this.context.transport.offer(bytes)
    this.uses.set(id, (this.uses.get(id) ?? 0) + 1)
    return id
  }

  /** Offers bytes without keeping them, until `drop`. */
  offer(bytes: Uint8Array): ContentId {
    return this.context.transport.offer(bytes)
  }

  /** A record with its body, or the header alone. */
  async keepRecord(record: Stored<ClusterHeader> | StoredRecord): Promise<void> {
    if ('body' in record) await this.keep(record.body)
    await this.keep(record.bytes)
  }

  offerRecord(record: Stored<ClusterHeader> | StoredRecord): void {
    if ('body' in record) this.offer(record.body)
    this.offer(record.bytes)
  }

  dropRecord({ id, record: { body } }: Stored<ClusterHeader>): void {
    this.drop(id)
    this.drop(body)
  }

  /** Ends one use of kept content; with the last one it leaves the disk. */
  async release(id: ContentId): Promise<void> {
    const left = (this.uses.get(id) ?? 0) - 1
    if (left > 0) {
      this.uses.set(id, left)
      return
    }
    this.drop(id)
    if (!this.held.has(id)) await this.context.store.deleteBlob(id)
  }

  /** From now on content stays on disk, whether or not it is offered. */
  hold(id: ContentId): void {
    this.held.add(id)
  }

  async letGo(id: ContentId): Promise<void> {
    if (this.held.delete(id) && !this.uses.has(id)) await this.context.store.deleteBlob(id)
  }

  /** Ends an offer; what is on disk stays there. */
  drop(id: ContentId): void {
    this.uses.delete(id)
    this.context.transport.withdraw(id)
  }

  /** @throws the transport's errors where neither the disk nor a holder has it */
  async get(id: ContentId, holders: readonly PeerId[], maximumBytes = MAXIMUM_RECORD_BYTES): Promise<Uint8Array> {
    const kept = await this.context.store.getBlob(id).catch(() => undefined)
    return kept ?? await this.context.transport.pull(id, holders, { maximumBytes, signal: this.context.signal })
  }

  /** A cluster's record, header and body. @throws RoundsError RECORD_MALFORMED; the transport's errors */
  async record(id: ContentId, holders: readonly PeerId[]): Promise<StoredRecord> {
    const header = decodeClusterHeader(await this.get(id, holders))
    return decodeClusterRecord(header, await this.get(header.record.body, holders))
  }

  async values(id: ContentId, holders: readonly PeerId[]): Promise<Named> {
    const { length } = this.context
    return { id, values: valuesOf(await this.get(id, holders, length * Float32Array.BYTES_PER_ELEMENT), length) }
  }

  /** What the owners have the network go back to. @throws the transport's errors where nobody has it any more */
  async restored({ record, adapter, velocity }: NonNullable<RoundPolicy['rollback']>, holders: readonly PeerId[]): Promise<Restored> {
    return { record, adapter: await this.values(adapter, holders), velocity: await this.values(velocity, holders) }
  }

  /** All values that a record names. */
  async stateOf(record: Trunk, holders: readonly PeerId[]): Promise<RecordState> {
    const { offer } = record
    const values = (id: ContentId): Promise<Named> => this.values(id, holders)
    // All at once: by the time that one has come, its holder may have withdrawn the next.
    const [adapter, velocity, residual, upper, offered] = await Promise.all([
      values(record.adapter), values(record.velocity), values(record.residual), values(record.upper.adapter), offer === null ? null : this.offered(offer, holders),
    ])
    return { adapter, velocity, residual, upper, offer: offered }
  }

  private async offered(offer: NonNullable<Trunk['offer']>, holders: readonly PeerId[]): Promise<NonNullable<RecordState['offer']>> {
    const [adapter, residual, content, velocity] = await Promise.all([
      this.values(offer.adapter, holders), this.values(offer.residual, holders), this.get(offer.content, holders), this.get(offer.velocity, holders),
    ])
    return { adapter, residual, content, velocity }
  }

  /** Keeps all values of a state. */
  async keepState(record: Trunk, state: RecordState): Promise<void> {
    const { offer } = state
    const parts = [state.adapter, state.velocity, state.residual, state.upper, ...offer === null ? [] : [offer.adapter, offer.residual]]
    const contents = [...new Map(parts.map(({ id, values }) => [id, bytesOf(values)])).values(), ...offer === null ? [] : [offer.content, offer.velocity]]
    const kept = new Set<ContentId>()
    try {
      for (const bytes of contents) kept.add(await this.keep(bytes))
    } catch (error) {
      for (const id of kept) await this.release(id)
      throw error
    }
    const lacking = namedIn(record).filter((id) => !kept.has(id))
    if (lacking.length > 0) throw new RoundsError('CHECKPOINT_REFUSED', `the values of round ${record.round} are not those that its record names (${lacking.map((id) => id.slice(0, 12)).join(', ')} lack)`)
  }

  async releaseState(record: Trunk): Promise<void> {
    for (const id of namedIn(record)) await this.release(id)
  }
}
