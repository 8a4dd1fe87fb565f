import { contentId } from '../../identity/index.js'
import type { ContentId, Load } from '../transport.js'

import type { ChunkList } from './assembly.js'

/** Content that can be served, and the lists of its chunks by chunk size, each made when first asked for. */
export interface Offer {
  readonly content: Uint8Array
  readonly lists: Map<number, ChunkList>
}

/** Loaded content stays until so many bytes came after it: several peers often ask for the same at once. */
const BYTES_KEPT = 16 * 1024 * 1024

/** Content that is offered by its hash and loaded when somebody asks for it. Who asks must have a place at the server: that bounds how much loads at once. */
export class StoredContent {
  private readonly loaders = new Map<ContentId, Load>()
  private readonly loading = new Map<ContentId, Promise<Offer | undefined>>()
  private readonly loaded = new Map<ContentId, Offer>()
  private bytes = 0

  offer(id: ContentId, load: Load): void {
    this.loaders.set(id, load)
  }

  withdraw(id: ContentId): void {
    this.loaders.delete(id)
    this.drop(id)
  }

  /** Undefined where nothing was offered, the loader fails, or it brings nothing or other bytes. */
  async get(id: ContentId): Promise<Offer | undefined> {
    const load = this.loaders.get(id)
    if (load === undefined) return undefined
    const known = this.loaded.get(id) ?? this.loading.get(id)
    if (known !== undefined) return known
    const loading = this.load(id, load)
    this.loading.set(id, loading)
    try {
      return await loading
    } finally {
      this.loading.delete(id)
    }
  }

  private async load(id: ContentId, load: Load): Promise<Offer | undefined> {
    try {
      const content = await load(id)
      if (content === undefined || contentId(content) !== id) return undefined
      const offer: Offer = { content, lists: new Map() }
      if (this.loaders.has(id)) this.keep(id, offer)
      return offer
    } catch {
      return undefined
    }
  }

  private keep(id: ContentId, offer: Offer): void {
    this.drop(id)
    this.loaded.set(id, offer)
    this.bytes += offer.content.length
    for (const old of this.loaded.keys()) {
      if (this.bytes <= BYTES_KEPT) break
      this.drop(old)
    }
  }

  private drop(id: ContentId): void {
    const offer = this.loaded.get(id)
    if (offer === undefined) return
    this.loaded.delete(id)
    this.bytes -= offer.content.length
  }
}
