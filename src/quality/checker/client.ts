import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { platform } from 'node:process'

import type { Clock } from '../../telemetry/index.js'
import { systemClock } from '../../telemetry/index.js'
import type { QualityErrorCode } from '../errors.js'
import { QualityError } from '../errors.js'
import type { Checker, CheckerStatistics, Verdict } from '../types.js'
import { RequestChecker } from './checker.js'
import { encodeFrame, FrameReader } from './frames.js'
import type { ClientMessage, ServerMessage } from './messages.js'
import { serverMessageSchema } from './messages.js'
import type { CheckRequest } from './requests.js'

export interface ConnectOptions {
  /** For how long a server may be away before checks fail. Default 30 s: a restart takes less than one. */
  readonly retryMs?: number
  readonly clock?: Clock
}

/** Where the checker of a folder is reached: a socket file in it, or a named pipe on Windows, which has no socket files. */
export function checkerAddress(directory: string): string {
  return platform === 'win32' ? `\\\\.\\pipe\\meshwright${directory.replace(/[^\w]+/g, '-')}` : join(directory, 'checker.sock')
}

/** A checker that another process serves. It connects at the first check; checks under way survive a restart of the server. */
export function connectChecker(socketPath: string, { retryMs = 30_000, clock = systemClock }: ConnectOptions = {}): Checker {
  return new RemoteChecker(socketPath, retryMs, clock)
}

interface Pending {
  readonly message: ClientMessage
  readonly settle: (answer: ServerMessage) => void
  readonly fail: (error: QualityError) => void
}

const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 1000

class RemoteChecker extends RequestChecker {
  readonly #pending = new Map<number, Pending>()
  #socket: Socket | undefined
  #nextId = 0
  #awaySince: number | undefined
  #retryMs = FIRST_RETRY_MS
  #cancelRetry: (() => void) | undefined
  #closed = false

  constructor(private readonly socketPath: string, private readonly patienceMs: number, private readonly clock: Clock) { super() }

  async answer(request: CheckRequest, signal?: AbortSignal): Promise<Verdict> {
    const answer = await this.#send((id) => ({ id, check: request }), signal)
    if (!('verdict' in answer)) throw unexpected(answer)
    return answer.verdict
  }

  async statistics(): Promise<CheckerStatistics> {
    const answer = await this.#send((id) => ({ id, statistics: true }))
    if (!('statistics' in answer)) throw unexpected(answer)
    return answer.statistics
  }

  close(): Promise<void> {
    this.#closed = true
    this.#cancelRetry?.()
    this.#failAll(new QualityError('CHECKER_CLOSED', 'the checker was closed: connect to it again'))
    this.#socket?.destroy()
    return Promise.resolve()
  }

  #send(message: (id: number) => ClientMessage, signal?: AbortSignal): Promise<ServerMessage> {
    if (this.#closed) return Promise.reject(new QualityError('CHECKER_CLOSED', 'the checker was closed: connect to it again'))
    if (signal?.aborted === true) return Promise.reject(aborted())
    const id = this.#nextId++
    let abandon = (): void => undefined
    return new Promise<ServerMessage>((settle, fail) => {
      const pending = { message: message(id), settle, fail }
      this.#pending.set(id, pending)
      abandon = () => {
        this.#pending.delete(id)
        this.#socket?.write(encodeFrame({ id, cancel: true }))
        fail(aborted())
      }
      signal?.addEventListener('abort', abandon, { once: true })
      this.#socket?.ref()
      if (this.#socket) this.#socket.write(encodeFrame(pending.message))
      else if (!this.#cancelRetry) this.#connect()
    }).finally(() => signal?.removeEventListener('abort', abandon))
  }

  #connect(): void {
    this.#cancelRetry = undefined
    const socket = connect(this.socketPath)
    this.#socket = socket
    const reader = new FrameReader()
    for (const { message } of this.#pending.values()) socket.write(encodeFrame(message))
    socket.on('data', (bytes) => {
      try {
        for (const message of reader.push(bytes)) this.#receive(serverMessageSchema.parse(message))
      } catch {
        socket.destroy()
      }
    })
    socket.on('error', () => undefined)
    const opened = this.clock.now()
    socket.once('close', () => {
      if (this.clock.now() - opened > this.patienceMs) this.#awaySince = undefined
      this.#disconnected()
    })
  }

  #receive(message: ServerMessage): void {
    // Only an answer shows that a checker is there: something else may have taken its address.
    this.#awaySince = undefined
    this.#retryMs = FIRST_RETRY_MS
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if ('error' in message) pending?.fail(new QualityError(message.error.code as QualityErrorCode, message.error.message))
    else pending?.settle(message)
    // A process that waits for nothing may end.
    if (this.#pending.size === 0) this.#socket?.unref()
    else this.#socket?.ref()
  }

  #disconnected(): void {
    this.#socket = undefined
    if (this.#closed || this.#pending.size === 0) return
    const now = this.clock.now()
    this.#awaySince ??= now
    if (now - this.#awaySince >= this.patienceMs) {
      this.#awaySince = undefined
      this.#failAll(new QualityError('CHECKER_UNREACHABLE', `no checker answers at ${this.socketPath}: start one, or run with a checker of its own`))
      return
    }
    this.#cancelRetry = this.clock.after(this.#retryMs, () => this.#connect())
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS)
  }

  #failAll(error: QualityError): void {
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { fail } of pending) fail(error)
  }
}

const aborted = (): QualityError => new QualityError('CHECKER_ABORTED', 'the check was given up')
const unexpected = (answer: ServerMessage): QualityError => new QualityError('CHECKER_UNREACHABLE', `the checker gave another answer than was asked for (${Object.keys(answer).join(', ')}): restart it with the same version`)
