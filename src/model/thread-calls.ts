import type { Transferable, Worker } from 'node:worker_threads'

import { ModelError, type ModelErrorCode } from './errors.js'

/** What a thread answers to a call. */
export type ThreadAnswer
  = | { readonly id: number, readonly value: unknown }
    | { readonly id: number, readonly error: { readonly code: ModelErrorCode, readonly message: string } }

interface PendingCall {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: ModelError) => void
}

/** The caller's side of calls to a worker thread. A thread that ends refuses what was under way and what comes later. */
export class ThreadCalls {
  readonly #pending = new Map<number, PendingCall>()
  /** Calls that the thread has not answered; after `close` nobody waits for them any more. */
  readonly #unanswered = new Set<number>()
  #idle: (() => void) | undefined
  #nextId = 0
  #ended: ModelError | undefined

  constructor(private readonly worker: Worker) {
    worker.on('message', (answer: ThreadAnswer) => this.#settle(answer))
    worker.on('messageerror', (error) => this.#end(crashed(error.message)))
    worker.on('error', (error) => this.#end(crashed(error instanceof Error ? error.message : String(error))))
    worker.on('exit', (code) => {
      this.#end(crashed(`it left with exit code ${code}`))
      this.#unanswered.clear()
      this.#idle?.()
    })
  }

  /** @throws ModelError what the thread answered, MODEL_WORKER_CRASHED or MODEL_CLOSED */
  call(request: object, transfer: readonly Transferable[] = []): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#unanswered.add(id)
      this.worker.postMessage({ ...request, id }, transfer)
    })
  }

  /** Refuses all calls at once, and ends the thread when it computes nothing: one that is ended within a run of ONNX Runtime takes the process with it. */
  async close(): Promise<void> {
    this.#end(new ModelError('MODEL_CLOSED', 'the model was closed: open a new one'))
    if (this.#unanswered.size > 0) await new Promise<void>((resolve) => { this.#idle = resolve })
    await this.worker.terminate()
  }

  #settle(answer: ThreadAnswer): void {
    const call = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    this.#unanswered.delete(answer.id)
    if (this.#unanswered.size === 0) this.#idle?.()
    if ('error' in answer) call?.reject(new ModelError(answer.error.code, answer.error.message))
    else call?.resolve(answer.value)
  }

  #end(reason: ModelError): void {
    this.#ended ??= reason
    for (const { reject } of this.#pending.values()) reject(this.#ended)
    this.#pending.clear()
  }
}

function crashed(why: string): ModelError {
  return new ModelError('MODEL_WORKER_CRASHED', `the model's thread ended: ${why}; open a new one, and lower the batch if memory ran out`)
}
