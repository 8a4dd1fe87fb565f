import type { Socket } from 'node:net'

import type { MessageStream } from '@libp2p/interface'

/** libp2p's connection over a socket of Node's. */
interface SocketConnection extends MessageStream {
  readonly socket: Socket
  sendData(data: unknown): unknown
}

/** Read at once at most: four of noise's largest messages, so that few end in another read and are copied. Reading itself cost the same with 64 KiB and with 1 MiB. */
const READ_BYTES = 256 * 1024

/** All sockets read into it, one after the other: what came is done with, or copied, before the next read. */
const read = Buffer.allocUnsafeSlow(READ_BYTES)

/** The connections that keep nothing of what they are given. */
const borrowers = new WeakMap<Socket, MessageStream>()

/**
 * For `net.connect`: reads into one buffer. Node else takes 64 KiB anew for each read, which costs more than the reading itself (64 MiB took 45 ms, and so 10). Sockets that were
 * accepted have no such option.
 */
export const READING = {
  buffer: read,
  callback(this: Socket, bytes: number): boolean {
    const came = read.subarray(0, bytes)
    const borrower = borrowers.get(this)
    this.emit('data', borrower?.readBufferLength === 0 && !this.isPaused() ? came : Buffer.from(came))
    return true
  },
}

/** From now on the connection's reader keeps nothing of what it is given, so it need not be a copy. */
export function lendReads(connection: MessageStream): void {
  if (isOverSocket(connection)) borrowers.set(connection.socket, connection)
}

/** libp2p writes a message's length, its bytes and its tag to the socket one by one, each with a system call of its own and, without delay, as a packet of its own. They leave together instead. */
export function writeAtOnce(connection: MessageStream): void {
  if (!isOverSocket(connection)) return
  const { socket } = connection
  const sendData = connection.sendData.bind(connection)
  connection.sendData = (data) => {
    socket.cork()
    try {
      return sendData(data)
    } finally {
      socket.uncork()
    }
  }
}

/** Its published type hides the socket; without it, libp2p reads and writes as it likes. Relayed connections have none. */
function isOverSocket(connection: object): connection is SocketConnection {
  const socket: unknown = Reflect.get(connection, 'socket')
  return typeof socket === 'object' && socket !== null && ['cork', 'uncork'].every((method) => typeof Reflect.get(socket, method) === 'function')
    && typeof Reflect.get(connection, 'sendData') === 'function'
}
