import { serviceCapabilities } from '@libp2p/interface'
import type { Connection, Libp2pEvents, PeerStore, TypedEventTarget } from '@libp2p/interface'

/** What of libp2p's parts is used. */
export interface IntroductionParts {
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly peerStore: Pick<PeerStore, 'merge'>
}

/**
 * Tells libp2p what a peer speaks, so that gossip begins with it.
 *
 * It stands in for libp2p's *identify*, in which each side of a connection asks the other for its addresses, protocols, names and key, signed. Here `hello` has said all that is
 * needed, and whoever is let in speaks gossip; without the two questions, 24 peers that start together take a tenth less.
 */
export class Introduction {
  /** Gossip asks for it by this name. */
  readonly [serviceCapabilities]: string[] = ['@libp2p/identify']

  constructor(private readonly parts: IntroductionParts) {}

  /** Called with a connection to a peer that was let in, and again with another one to it where the first has ended. */
  async introduce(connection: Connection, protocols: readonly string[]): Promise<void> {
    const { events, peerStore } = this.parts
    const { remotePeer: peerId } = connection
    // By this, libp2p later knows whom to tell that the peer has gone.
    await peerStore.merge(peerId, { protocols: [...protocols] })
    events.dispatchEvent(new CustomEvent('peer:identify', { detail: { peerId, connection, protocols: [...protocols], listenAddrs: [] } }))
  }
}
