import type { Socket } from 'node:net'

/** A line beyond this is no message of ours. Adapters do not travel here, designs do. */
const LONGEST_LINE = 8 << 20

/** Calls `receive` with each JSON line of a socket; a line that is too long or no JSON ends the connection. */
export function onJsonLines(socket: Socket, receive: (message: unknown) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    rest += chunk
    // What follows a line for which the receiver has hung up is not heard.
    for (let end = rest.indexOf('\n'); end >= 0 && !socket.destroyed; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end)
      rest = rest.slice(end + 1)
      try {
        receive(JSON.parse(line))
      } catch {
        socket.destroy()
        return
      }
    }
    if (rest.length > LONGEST_LINE) socket.destroy()
  })
}

export function sendJson(socket: Socket, message: unknown): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
}
