import { decodeClusterBody, decodeClusterHeader, decodeLevelRecord, openMessage } from '../../../src/rounds/index.js'
import type { Reading } from '../../../src/rounds/index.js'
import type { Store } from '../../../src/store/index.js'

import type { Link } from './news.js'

/** A cluster's chain back to a round, the newest record first, as the store of one of its peers holds it. Empty where that has none. */
export async function clusterChain(store: Store, since: number, reading: Reading): Promise<Link[]> {
  const links: Link[] = []
  for (let at = await tipOf(store, 'chain'); at !== undefined;) {
    const bytes = await store.getBlob(at)
    if (bytes === undefined) break
    const { record: { round, parent, body } } = decodeClusterHeader(bytes)
    if (round < since) break
    const whole = await store.getBlob(body)
    const entries = whole === undefined ? [] : decodeClusterBody(whole).entries
    const counted = entries.filter(({ outcome }) => outcome === 'counted' || outcome === 'late')
      .map(({ manifest }) => openMessage(manifest, 'manifest', reading).payload.content)
    links.push({ round, record: at, counted })
    at = parent ?? undefined
  }
  return links
}

/** The same of a level of seats. */
export async function levelChain(store: Store, level: number, since: number): Promise<Link[]> {
  const links: Link[] = []
  for (let at = await tipOf(store, `level-${level}`); at !== undefined;) {
    const bytes = await store.getBlob(at)
    if (bytes === undefined) break
    const { record: { round, parent, entries } } = decodeLevelRecord(bytes)
    if (round < since) break
    const counted = entries.flatMap(({ content, weight }) => (content !== null && weight > 0 ? [content] : []))
    links.push({ round, record: at, counted })
    at = parent ?? undefined
  }
  return links
}

async function tipOf(store: Store, state: string): Promise<string | undefined> {
  const saved = await store.readState(state, { version: 1 }) as { readonly tip: string } | undefined
  return saved?.tip
}
