import { MAXIMUM_MESSAGE_BYTES } from '../constants.js'

/** Messages that one bundle may hold. */
export const MESSAGES_PER_BUNDLE = 32

/** Each message stands after its length, in so many bytes, the highest first. */
const LENGTH_BYTES = 4

/** What a bundle may take: at least one message of any size fits. */
export const MAXIMUM_BUNDLE_BYTES = MAXIMUM_MESSAGE_BYTES + MESSAGES_PER_BUNDLE * LENGTH_BYTES

/** Whether one more message fits into a bundle. */
export function hasRoom(messages: readonly Uint8Array[], next: Uint8Array): boolean {
  const bytes = messages.reduce((sum, message) => sum + message.length, next.length)
  return messages.length < MESSAGES_PER_BUNDLE && bytes <= MAXIMUM_MESSAGE_BYTES
}

/** What gossip carries: messages that a peer had to say on a topic at about the same time. */
export function encodeBundle(messages: readonly Uint8Array[]): Uint8Array {
  const bundle = Buffer.allocUnsafe(messages.reduce((sum, message) => sum + LENGTH_BYTES + message.length, 0))
  let at = 0
  for (const message of messages) {
    at = bundle.writeUInt32BE(message.length, at)
    bundle.set(message, at)
    at += message.length
  }
  return bundle
}

/** The messages in a stranger's bundle, which share its memory; undefined for what is no bundle, or holds nothing. */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] | undefined {
  if (bytes.length > MAXIMUM_BUNDLE_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const messages: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    if (at + LENGTH_BYTES > bytes.length || messages.length === MESSAGES_PER_BUNDLE) return undefined
    const end = at + LENGTH_BYTES + view.getUint32(at)
    if (end > bytes.length || end - at - LENGTH_BYTES > MAXIMUM_MESSAGE_BYTES) return undefined
    messages.push(bytes.subarray(at + LENGTH_BYTES, end))
    at = end
  }
  return messages.length > 0 ? messages : undefined
}
