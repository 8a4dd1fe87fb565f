import { createConnection } from 'node:net'
import type { Socket } from 'node:net'

import { ControlError } from './errors.js'
import { onJsonLines, sendJson } from './lines.js'

/** A connection to a running node. */
export interface ControlClient {
  /** @throws ControlError with the node's code, or CONTROL_CONNECTION_LOST */
  call(method: string, params?: unknown, onEvent?: (event: unknown) => void): Promise<unknown>
  close(): void
}

interface Message {
  readonly id: number
  readonly event?: unknown
  readonly result?: unknown
  readonly error?: { readonly code: string, readonly message: string }
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
  readonly onEvent: ((event: unknown) => void) | undefined
}

/** @throws ControlError NODE_NOT_RUNNING */
export async function connectControl(address: string): Promise<ControlClient> {
  const socket = await open(address)
  const waiting = new Map<number, Waiting>()
  let last = 0
  // The node is ours, and the socket is its user's alone: its messages are taken at their word.
  onJsonLines(socket, (line) => {
    const message = line as Message
    const caller = waiting.get(message.id)
    if ('event' in message) {
      caller?.onEvent?.(message.event)
      return
    }
    waiting.delete(message.id)
    if (message.error) caller?.reject(new ControlError(message.error.code, message.error.message))
    else caller?.resolve(message.result)
  })
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new ControlError('CONTROL_CONNECTION_LOST', 'the node stopped before it answered: its log says why'))
    waiting.clear()
  })
  return {
    call: (method, params, onEvent) => new Promise((resolve, reject) => {
      if (socket.destroyed) {
        reject(new ControlError('CONTROL_CONNECTION_LOST', 'the node has stopped: its log says why'))
        return
      }
      const id = ++last
      waiting.set(id, { resolve, reject, onEvent })
      sendJson(socket, { id, method, params })
    }),
    close: () => socket.destroy(),
  }
}

function open(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(address)
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
    socket.once('error', () => reject(new ControlError('NODE_NOT_RUNNING', `no node answers at ${address}: start it with \`meshwright start\` from the same folder`)))
  })
}
