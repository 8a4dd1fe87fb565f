import { chmod, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'

import * as z from 'zod'

import { codeOf, messageOf } from './errors.js'
import { onJsonLines, sendJson } from './lines.js'

/** Answers one method. `emit` sends progress before the answer; `signal` aborts when the client goes away. */
export type ControlHandler = (params: unknown, context: { readonly emit: (event: unknown) => void, readonly signal: AbortSignal }) => Promise<unknown>

export interface ControlServer {
  close(): Promise<void>
}

const requestSchema = z.object({ id: z.int(), method: z.string(), params: z.unknown().optional() })

/** Takes commands on a socket that only this user can open. */
export async function serveControl(address: string, handlers: Readonly<Record<string, ControlHandler>>): Promise<ControlServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const gone = new AbortController()
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      gone.abort()
    })
    onJsonLines(socket, (message) => {
      const request = requestSchema.safeParse(message)
      if (!request.success) {
        socket.destroy()
        return
      }
      void answer(socket, request.data, handlers, gone.signal)
    })
  })
  // The data folder's lock says that no other node lives here, so that a socket left behind by a crash may go.
  if (process.platform !== 'win32') await rm(address, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })
  if (process.platform !== 'win32') await chmod(address, 0o600)
  return {
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => { server.close(() => resolve()) })
    },
  }
}

async function answer(
  socket: Socket, { id, method, params }: z.infer<typeof requestSchema>, handlers: Readonly<Record<string, ControlHandler>>, signal: AbortSignal,
): Promise<void> {
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined
  if (!handler) {
    sendJson(socket, { id, error: { code: 'CONTROL_METHOD_UNKNOWN', message: `this node knows no method ${method}: update the node or the command line` } })
    return
  }
  try {
    const result = await handler(params, { emit: (event) => sendJson(socket, { id, event }), signal })
    sendJson(socket, { id, result: result ?? null })
  } catch (error) {
    sendJson(socket, { id, error: { code: codeOf(error), message: messageOf(error) } })
  }
}
