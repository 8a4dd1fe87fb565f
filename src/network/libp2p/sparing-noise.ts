import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

import { NoiseMessages } from './noise-messages.js'
import { lendReads } from './socket-use.js'

/** Bytes of the authentication tag at the end of each of noise's messages. */
const TAG_BYTES = 16

/** libp2p's stream that encrypts what is sent over another one. */
interface NoiseStream extends MessageStream {
  readonly stream: MessageStream
  readonly handshake: { decrypt(message: Uint8ArrayList): Uint8Array | Uint8ArrayList }
  decoder: { decode(data: Uint8Array | Uint8ArrayList): Iterable<Uint8Array | Uint8ArrayList>, readonly buffer: Uint8ArrayList }
  decrypt(data: Uint8Array | Uint8ArrayList): Uint8Array | Uint8ArrayList
}

/** An encrypter whose connections spare memory when they decrypt. */
export function sparing<Extension>(encrypter: ConnectionEncrypter<Extension>): ConnectionEncrypter<Extension> {
  return {
    protocol: encrypter.protocol,
    async secureInbound(connection, options) {
      const secured = await encrypter.secureInbound(connection, options)
      decryptSparingly(secured.connection)
      return secured
    },
    async secureOutbound(connection, options) {
      const secured = await encrypter.secureOutbound(connection, options)
      decryptSparingly(secured.connection)
      return secured
    },
  }
}

/**
 * libp2p copies each message that came in two reads, to decrypt it in place, which Node's cipher does not do; and it keeps what was read until the message is there, so that each read
 * needs memory of its own. Both went to the garbage collector: of 256 MiB that a pull of 64 MiB took, 128 were these. What goes over the wire is the same.
 */
function decryptSparingly(stream: MessageStream): void {
  if (!isNoise(stream)) return
  const { handshake } = stream
  const messages = new NoiseMessages(stream.decoder.buffer.subarray())
  // What libp2p takes for one decoded message is all that came in one read: the muxer is then called once for it.
  stream.decoder = { decode: (data) => [data], buffer: stream.decoder.buffer }
  stream.decrypt = (data) => {
    const plain = new Uint8ArrayList()
    for (const message of messages.in(data)) {
      if (message.byteLength < TAG_BYTES) throw new Error('a message of noise without its tag')
      plain.append(handshake.decrypt(message))
    }
    return plain
  }
  lendReads(stream.stream)
}

/** Its published type hides all of this; without it, noise decrypts as libp2p likes. */
function isNoise(stream: object): stream is NoiseStream {
  return typeof Reflect.get(stream, 'decrypt') === 'function' && has(stream, 'handshake', 'decrypt', 'function') && has(stream, 'decoder', 'decode', 'function')
    && has(stream, 'decoder', 'buffer', 'object') && has(stream, 'stream', 'send', 'function')
}

function has(value: object, field: string, inner: string, type: string): boolean {
  const held: unknown = Reflect.get(value, field)
  return typeof held === 'object' && held !== null && typeof Reflect.get(held, inner) === type
}
