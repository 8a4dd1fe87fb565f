import type { PeerId, PeerStore } from '@libp2p/interface'

/**
 * libp2p notes for each stream that the peer speaks its protocol, which reads, compares and decodes all that is kept of the peer. Here what was noted of a peer once is not noted again
 * while it is connected.
 *
 * @returns to be called when a peer's last connection ends: by then the store may have forgotten it
 */
export function noteProtocolsOnce(self: PeerId, store: Pick<PeerStore, 'merge'>): (peer: PeerId) => void {
  const noted = new Map<string, Set<string>>()
  const merge = store.merge.bind(store)
  store.merge = async (id, data, options) => {
    const { protocols, ...others } = data
    if (protocols === undefined || self.equals(id) || Object.keys(others).length > 0) return merge(id, data, options)
    const known = noted.get(id.toString()) ?? new Set()
    if (protocols.every((protocol) => known.has(protocol))) return { id, addresses: [], metadata: new Map(), tags: new Map(), protocols: [...known] }
    const merged = await merge(id, data, options)
    noted.set(id.toString(), new Set([...known, ...protocols]))
    return merged
  }
  return (peer) => { noted.delete(peer.toString()) }
}
