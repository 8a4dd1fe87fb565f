import type { MessageStream } from '@libp2p/interface'

/** yamux's state of a stream that both sides have opened and nobody has paused. */
const ESTABLISHED = 3

/** The part of a window that may be used before its sender is told that there is room again: the rest keeps a pull going meanwhile. */
const USED_BEFORE_UPDATE = 1 / 4

interface YamuxStream extends MessageStream {
  readonly state: number
  recvWindow: number
  readonly recvWindowCapacity: number
  sendWindowUpdate(): void
}

/**
 * yamux answers each frame with an update of its window, also one of a hundred bytes: that doubles the frames of gossip, each to be encrypted and sent for itself. The specification
 * asks for an update only before the window is used up.
 *
 * @see https://github.com/hashicorp/yamux/blob/master/spec.md
 */
export function updateWindowSeldom(stream: MessageStream): void {
  if (!isYamux(stream)) return
  const update = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    if (stream.state === ESTABLISHED && stream.recvWindowCapacity > stream.recvWindow * (1 - USED_BEFORE_UPDATE)) return
    update()
  }
}

/** Lets the other side send so many bytes before it waits. It is told with the next update. */
export function widenWindow(stream: MessageStream, bytes: number): void {
  if (isYamux(stream) && stream.recvWindow < bytes) stream.recvWindow = bytes
}

/** Its published type hides the window; without it, updates go out as yamux likes. */
function isYamux(stream: object): stream is YamuxStream {
  return ['state', 'recvWindow', 'recvWindowCapacity'].every((field) => typeof Reflect.get(stream, field) === 'number') && typeof Reflect.get(stream, 'sendWindowUpdate') === 'function'
}
