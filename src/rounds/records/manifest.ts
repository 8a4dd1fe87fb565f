import { contentId, encodeCanonical } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'

/** What binds a delta to its sender: nobody can make it without the bytes, so nobody announces what it has not trained. */
export function bindingOf(peer: PeerId, bytes: Uint8Array): ContentId {
  return contentId(encodeCanonical(['meshwright/binding', peer, bytes]))
}
