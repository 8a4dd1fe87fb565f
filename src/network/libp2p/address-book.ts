import type { Random } from '../../telemetry/index.js'
import { KNOWN_PEERS } from '../constants.js'
import type { PeerId } from '../transport.js'

import type { AddressRecord } from './address-record.js'

/** The newest signed addresses of each known peer, at most 1024 peers. */
export class AddressBook {
  private readonly records = new Map<PeerId, AddressRecord>()

  /** @param isKept - peers for which it holds make no room for others */
  constructor(private readonly self: PeerId, private readonly random: Random, private readonly isKept: (peer: PeerId) => boolean) {}

  /** Keeps it where it is newer than what is known of its peer. */
  add(record: AddressRecord): void {
    if (record.peer === this.self) return
    const known = this.records.get(record.peer)
    if (known !== undefined && known.sequence >= record.sequence) return
    if (known === undefined && this.records.size >= KNOWN_PEERS && !this.makeRoom()) return
    this.records.set(record.peer, record)
  }

  get(peer: PeerId): AddressRecord | undefined {
    return this.records.get(peer)
  }

  remove(peer: PeerId): void {
    this.records.delete(peer)
  }

  all(): AddressRecord[] {
    return [...this.records.values()]
  }

  /** Different records at each call, so that a few exchanges tell about everybody. */
  sample(count: number, except: PeerId): AddressRecord[] {
    const records = this.all().filter(({ peer }) => peer !== except)
    const chosen = Math.min(count, records.length)
    for (let i = 0; i < chosen; i++) {
      const j = i + Math.floor(this.random() * (records.length - i))
      const swapped = records[i]!
      records[i] = records[j]!
      records[j] = swapped
    }
    return records.slice(0, chosen)
  }

  private makeRoom(): boolean {
    const removable = this.all().filter(({ peer }) => !this.isKept(peer))
    if (removable.length === 0) return false
    return this.records.delete(removable[Math.floor(this.random() * removable.length)]!.peer)
  }
}
