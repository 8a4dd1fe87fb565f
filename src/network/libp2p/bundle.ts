import { MAXIMUM_MESSAGE_BYTES } from '../constants.js'
import { TransportError } from '../errors.js'
import type { PeerId } from '../transport.js'

/** Messages that one bundle may hold. */
export const MESSAGES_PER_BUNDLE = 32

/** Each message stands after its length, in so many bytes, the highest first. */
const LENGTH_BYTES = 4

/** Peers that one bundle may name; what goes to more is passed on to the others as well. */
export const MARKS_PER_BUNDLE = 128

/** A peer is named by the end of its id's text, which says 64 bits of its key: nobody finds another key with the same ones. */
const MARK_LENGTH = 11

/** What a bundle may take: at least one message of any size fits. */
export const MAXIMUM_BUNDLE_BYTES = 1 + MARKS_PER_BUNDLE * MARK_LENGTH + MAXIMUM_MESSAGE_BYTES + MESSAGES_PER_BUNDLE * LENGTH_BYTES

/** What gossip carries: messages that a peer had to say on a topic at about the same time, and to whom it has sent them itself. */
export interface Bundle {
  readonly messages: readonly Uint8Array[]
  /** The marks of those whom the author has sent it to: nobody need pass it on to them. */
  readonly sentTo: readonly string[]
}

/** By what a bundle names a peer. */
export function markOf(peer: PeerId): string {
  return peer.slice(-MARK_LENGTH)
}

/** Whether one more message fits into a bundle. */
export function hasRoom(messages: readonly Uint8Array[], next: Uint8Array): boolean {
  const bytes = messages.reduce((sum, message) => sum + message.length, next.length)
  return messages.length < MESSAGES_PER_BUNDLE && bytes <= MAXIMUM_MESSAGE_BYTES
}

/**
 * The number of marks in one byte, the marks, and the messages, each after its length.
 *
 * @param sentTo - peers whom the author sends it to; those beyond the first 128 are not named
 */
export function encodeBundle(messages: readonly Uint8Array[], sentTo: readonly PeerId[] = []): Uint8Array {
  const marks = sentTo.slice(0, MARKS_PER_BUNDLE).map(markOf).filter(({ length }) => length === MARK_LENGTH)
  const start = 1 + marks.length * MARK_LENGTH
  const bundle = new Uint8Array(messages.reduce((sum, message) => sum + LENGTH_BYTES + message.length, start))
  const view = new DataView(bundle.buffer)
  view.setUint8(0, marks.length)
  bundle.set(Buffer.from(marks.join(''), 'latin1'), 1)
  let at = start
  for (const message of messages) {
    view.setUint32(at, message.length)
    bundle.set(message, at + LENGTH_BYTES)
    at += LENGTH_BYTES + message.length
  }
  return bundle
}

/**
 * What is in a stranger's bundle; the messages share its memory.
 *
 * @throws TransportError MESSAGE_MALFORMED for what is no bundle, or holds nothing
 */
export function decodeBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > MAXIMUM_BUNDLE_BYTES) throw malformed(`${bytes.length} bytes are above the limit of ${MAXIMUM_BUNDLE_BYTES}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const marks = bytes.length === 0 ? 0 : view.getUint8(0)
  const start = 1 + marks * MARK_LENGTH
  if (marks > MARKS_PER_BUNDLE || start > bytes.length) throw malformed(`it names ${marks} peers`)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + 1, marks * MARK_LENGTH).toString('latin1')
  const messages: Uint8Array[] = []
  for (let at = start; at < bytes.length;) {
    const from = at + LENGTH_BYTES
    const length = from > bytes.length ? Infinity : view.getUint32(at)
    if (from + length > bytes.length) throw malformed('it ends within a message')
    if (length > MAXIMUM_MESSAGE_BYTES) throw malformed(`a message of ${length} bytes is above the limit of ${MAXIMUM_MESSAGE_BYTES}`)
    messages.push(bytes.subarray(from, from + length))
    at = from + length
  }
  if (messages.length === 0 || messages.length > MESSAGES_PER_BUNDLE) throw malformed(`it holds ${messages.length} messages`)
  return { messages, sentTo: Array.from({ length: marks }, (_, mark) => text.slice(mark * MARK_LENGTH, (mark + 1) * MARK_LENGTH)) }
}

function malformed(reason: string): TransportError {
  return new TransportError('MESSAGE_MALFORMED', `what gossip brought is no bundle of messages: ${reason}`)
}
