import { chmod, rm } from 'node:fs/promises'
import type { Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { platform } from 'node:process'

import { QualityError } from '../errors.js'
import type { Checker } from '../types.js'
import type { RequestChecker } from './checker.js'
import { encodeFrame, FrameReader } from './frames.js'
import type { ClientMessage, ServerMessage } from './messages.js'
import { clientMessageSchema } from './messages.js'
import { benchOf } from './requests.js'

const MAXIMUM_CLIENTS = 256
/** Checks that one client may have under way: a client with more is told to wait. */
const MAXIMUM_PENDING = 512

export interface CheckerServer {
  readonly socketPath: string
  readonly clients: number
  /** Ends the connections; the checker itself stays open. */
  close(): Promise<void>
}

/**
 * Lets other processes of this user's account use a checker, over a Unix domain socket or a Windows named pipe.
 * What a client had asked for ends with its connection.
 *
 * @throws QualityError CHECKER_SOCKET_TAKEN where another server listens already, CHECKER_UNREACHABLE where nobody can listen
 */
export async function serveChecker(checker: Checker, socketPath: string): Promise<CheckerServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    if (sockets.size >= MAXIMUM_CLIENTS) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    new Connection(socket, checker)
  })
  await listen(server, socketPath)
  return {
    socketPath,
    get clients() { return sockets.size },
    close: async () => {
      const closed = new Promise<void>((resolve) => { server.close(() => resolve()) })
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function listen(server: Server, socketPath: string): Promise<void> {
  const attempt = (): Promise<NodeJS.ErrnoException | undefined> => new Promise((resolve) => {
    server.once('error', resolve)
    server.listen(socketPath, () => {
      server.removeListener('error', resolve)
      resolve(undefined)
    })
  })
  let error = await attempt()
  if (error?.code === 'EADDRINUSE') {
    if (await answers(socketPath)) throw new QualityError('CHECKER_SOCKET_TAKEN', `a checker already listens at ${socketPath}: connect to it, or choose another path`)
    // A server that was killed leaves its socket file behind.
    await rm(socketPath, { force: true })
    error = await attempt()
  }
  if (error) throw new QualityError('CHECKER_UNREACHABLE', `nobody can listen at ${socketPath} (${error.code ?? error.message}): choose a path that is writable and shorter than 100 characters`, { cause: error })
  if (platform !== 'win32') await chmod(socketPath, 0o600)
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** One client. */
class Connection {
  readonly #reader = new FrameReader()
  readonly #pending = new Map<number, AbortController>()

  constructor(private readonly socket: Socket, private readonly checker: Checker) {
    socket.on('data', (bytes) => this.#receive(bytes))
    socket.on('error', () => undefined)
    socket.once('close', () => { for (const controller of this.#pending.values()) controller.abort() })
  }

  #receive(bytes: Buffer): void {
    try {
      for (const message of this.#reader.push(bytes)) this.#handle(clientMessageSchema.parse(message))
    } catch {
      // Whoever sends anything else is no client of this version.
      this.socket.destroy()
    }
  }

  #handle(message: ClientMessage): void {
    if ('cancel' in message) this.#pending.get(message.id)?.abort()
    else if ('statistics' in message) void this.checker.statistics().then((statistics) => this.#send({ id: message.id, statistics }))
    else if (this.#pending.size >= MAXIMUM_PENDING) {
      this.#send({ id: message.id, error: { code: 'CHECKER_BUSY', message: `${MAXIMUM_PENDING} checks of this client are under way: wait for some of them` } })
    } else void this.#check(message.id, message.check)
  }

  async #check(id: number, request: Extract<ClientMessage, { check: unknown }>['check']): Promise<void> {
    const controller = new AbortController()
    this.#pending.set(id, controller)
    try {
      this.#send({ id, verdict: { ...await ask(this.checker, request, controller.signal) } })
    } catch (error) {
      const code = error instanceof QualityError ? error.code : 'CHECKER_WORKER_FAILED'
      this.#send({ id, error: { code, message: error instanceof Error ? error.message : String(error) } })
    } finally {
      this.#pending.delete(id)
    }
  }

  #send(message: ServerMessage): void {
    if (this.socket.writable) this.socket.write(encodeFrame(message))
  }
}

function ask(checker: Checker, request: Parameters<RequestChecker['answer']>[0], signal: AbortSignal): Promise<Awaited<ReturnType<Checker['equivalence']>>> {
  switch (request.kind) {
    case 'syntax': return checker.syntax(request.domain, request.source, { signal })
    case 'synthesis': return checker.synthesis(request.source, { signal })
    case 'circuit': return checker.circuit(request.source, { signal })
    case 'equivalence': return checker.equivalence(request.domain, request.reference, request.candidate, { signal, boundedPass: request.boundedPass, initialState: request.initialState })
    case 'testbench': return checker.testbench({ candidate: request.candidate, ...benchOf(request) }, { signal })
    case 'bench': return checker.examine(benchOf(request), { signal })
  }
}
