import { MessageChannel } from 'node:worker_threads'

const { port1: nowhere, port2: end } = new MessageChannel()
end.close()
nowhere.close()

/**
 * Frees memory that nobody reads any more, without waiting for the garbage collector: what is sent through a closed channel is gone, and its length is 0 from then on. A pull of 64 MiB
 * took 0.24 CPU seconds with it and 0.36 without, most of that in collections of the whole heap, which V8 begins anew for each 64 MiB that lie outside of it.
 *
 * @param parts - those that share the memory behind them with others stay as they are
 */
export function giveBack(parts: Iterable<Uint8Array>): void {
  const buffers: ArrayBuffer[] = []
  for (const { buffer, byteLength } of parts) {
    if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffers.push(buffer)
  }
  nowhere.postMessage(undefined, buffers)
}
