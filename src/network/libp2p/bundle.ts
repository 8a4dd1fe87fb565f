import { MAXIMUM_MESSAGE_BYTES } from '../constants.js'
import { TransportError } from '../errors.js'

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
  const bundle = new Uint8Array(messages.reduce((sum, message) => sum + LENGTH_BYTES + message.length, 0))
  const view = new DataView(bundle.buffer)
  let at = 0
  for (const message of messages) {
    view.setUint32(at, message.length)
    bundle.set(message, at + LENGTH_BYTES)
    at += LENGTH_BYTES + message.length
  }
  return bundle
}

/**
 * The messages in a stranger's bundle; they share its memory.
 *
 * @throws TransportError MESSAGE_MALFORMED for what is no bundle, or holds nothing
 */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length > MAXIMUM_BUNDLE_BYTES) throw malformed(`${bytes.length} bytes are above the limit of ${MAXIMUM_BUNDLE_BYTES}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const messages: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const from = at + LENGTH_BYTES
    const length = from > bytes.length ? Infinity : view.getUint32(at)
    if (from + length > bytes.length) throw malformed('it ends within a message')
    if (length > MAXIMUM_MESSAGE_BYTES) throw malformed(`a message of ${length} bytes is above the limit of ${MAXIMUM_MESSAGE_BYTES}`)
    messages.push(bytes.subarray(from, from + length))
    at = from + length
  }
  if (messages.length === 0 || messages.length > MESSAGES_PER_BUNDLE) throw malformed(`it holds ${messages.length} messages`)
  return messages
}

function malformed(reason: string): TransportError {
  return new TransportError('MESSAGE_MALFORMED', `what gossip brought is no bundle of messages: ${reason}`)
}
