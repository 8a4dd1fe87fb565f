import { Worker } from 'node:worker_threads'

import { RUNS_PER_WORKER, WORKER_HEAP_MIB } from '../constants.js'
import { QualityError } from '../errors.js'
import type { KnownReference, WorkerAnswer, WorkerRequest, WorkerTask } from './requests.js'
import type { Tools } from './tools.js'
import { compileTools } from './tools.js'

/** A worker that does not start within this time is broken: it takes a tenth of a second on an idle machine. */
const START_MILLISECONDS = 60_000

export interface PoolAnswer {
  readonly answer?: WorkerAnswer
  /** Why there is none. */
  readonly reason?: string
  readonly milliseconds: number
}

export interface PoolCounts { runs: number, timeouts: number, crashes: number, recycled: number }

interface Job {
  readonly task: WorkerTask
  readonly signal: AbortSignal | undefined
  readonly settle: (answer: PoolAnswer) => void
  readonly fail: (error: Error) => void
}

/** Worker threads that check one design at a time each. A check that hangs or takes too much memory costs its worker and nothing else. */
export class Pool {
  readonly counts: PoolCounts = { runs: 0, timeouts: 0, crashes: 0, recycled: 0 }
  readonly #waiting: Job[] = []
  readonly #slots: Slot[]
  #nextId = 0
  #closed = false

  constructor(workers: number, private readonly timeoutMs: number) {
    this.#slots = Array.from({ length: workers }, () => new Slot(this.counts))
  }

  get waiting(): number { return this.#waiting.length }
  get running(): number { return this.#slots.filter((slot) => slot.busy).length }
  get workers(): number { return this.#slots.length }

  /** @throws QualityError CHECKER_CLOSED, CHECKER_ABORTED, CHECKER_WORKER_FAILED */
  run(request: WorkerRequest, known: KnownReference | undefined, signal: AbortSignal | undefined): Promise<PoolAnswer> {
    if (this.#closed) return Promise.reject(closed())
    if (signal?.aborted === true) return Promise.reject(aborted())
    let abandon = (): void => undefined
    return new Promise<PoolAnswer>((settle, fail) => {
      const job: Job = { task: { id: this.#nextId++, request, ...known && { known } }, signal, settle, fail }
      abandon = () => this.#abandon(job)
      signal?.addEventListener('abort', abandon, { once: true })
      this.#waiting.push(job)
      this.#dispatch()
    }).finally(() => signal?.removeEventListener('abort', abandon))
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#waiting.splice(0)) job.fail(closed())
    await Promise.all(this.#slots.map((slot) => slot.close()))
  }

  #dispatch(): void {
    for (const slot of this.#slots) {
      if (slot.busy) continue
      const job = this.#waiting.shift()
      if (!job) return
      void slot.run(job, this.timeoutMs).finally(() => this.#dispatch())
    }
  }

  #abandon(job: Job): void {
    const at = this.#waiting.indexOf(job)
    if (at >= 0) this.#waiting.splice(at, 1)
    job.fail(aborted())
    this.#slots.find((slot) => slot.job === job)?.stop()
  }
}

/** A place for one worker thread, which is replaced when it is used up, hangs or dies. */
class Slot {
  job: Job | undefined
  #worker: Worker | undefined
  #closed = false
  #interrupt: ((reason: 'stopped') => void) | undefined

  constructor(private readonly counts: PoolCounts) {}

  get busy(): boolean { return this.job !== undefined }

  async run(job: Job, timeoutMs: number): Promise<void> {
    this.job = job
    try {
      await this.#attempt(job, timeoutMs, false)
    } catch (error) {
      job.fail(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.job = undefined
    }
  }

  async #attempt(job: Job, timeoutMs: number, again: boolean): Promise<void> {
    const start = performance.now()
    const worker = this.#worker ??= await startWorker()
    if (this.#closed) {
      await this.#discard()
      throw closed()
    }
    const outcome = job.signal?.aborted === true ? 'stopped' : await this.#ask(worker, job, timeoutMs)
    const milliseconds = performance.now() - start
    this.counts.runs++
    if (typeof outcome === 'object' && 'id' in outcome) {
      if (outcome.broken !== undefined) {
        this.counts.crashes++
        await this.#discard()
        // Instances of earlier runs that V8 has not collected may have taken the memory: once more without them.
        if (outcome.runs > 10 && !again) {
          await this.#attempt(job, timeoutMs, true)
          return
        }
      } else if (outcome.runs >= RUNS_PER_WORKER) await this.#recycle()
      job.settle({ answer: outcome, milliseconds: outcome.milliseconds })
      return
    }
    if (outcome === 'stopped') {
      await this.#discard()
      return
    }
    if (outcome === 'timeout') this.counts.timeouts++
    else this.counts.crashes++
    await this.#discard()
    job.settle({ milliseconds, reason: outcome === 'timeout' ? `no verdict within ${timeoutMs} ms` : `the tool broke down: ${outcome.crash}` })
  }

  /** Ends the check that runs; its caller has already been answered. */
  stop(): void { this.#interrupt?.('stopped') }

  async close(): Promise<void> {
    this.#closed = true
    this.job?.fail(closed())
    this.stop()
    await this.#discard()
  }

  #ask(worker: Worker, job: Job, timeoutMs: number): Promise<WorkerAnswer | 'timeout' | 'stopped' | { crash: string }> {
    return new Promise((resolve) => {
      const settle = (outcome: WorkerAnswer | 'timeout' | 'stopped' | { crash: string }): void => {
        clearTimeout(timer)
        listenNoMore(worker)
        this.#interrupt = undefined
        resolve(outcome)
      }
      const timer = setTimeout(() => settle('timeout'), timeoutMs)
      this.#interrupt = settle
      worker.on('message', (answer: WorkerAnswer) => { if (answer.id === job.task.id) settle(answer) })
      worker.on('error', (error) => settle({ crash: error instanceof Error ? error.message : String(error) }))
      worker.on('exit', (code) => settle({ crash: `its thread ended with code ${code}` }))
      worker.postMessage(job.task)
    })
  }

  async #recycle(): Promise<void> {
    this.counts.recycled++
    await this.#discard()
  }

  async #discard(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}

async function startWorker(): Promise<Worker> {
  let tools: Tools
  try {
    tools = await compileTools()
  } catch (error) {
    throw new QualityError('CHECKER_WORKER_FAILED', 'the checking tools could not be loaded: reinstall the packages @yowasp/yosys and qsharp-lang', { cause: error })
  }
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: tools,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MIB },
    stdout: true,
    stderr: true,
    // What a design makes the tools print is no business of this process.
    env: {},
  })
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer)
      void worker.terminate()
      reject(new QualityError('CHECKER_WORKER_FAILED', `a checking worker did not start: ${why}`))
    }
    const timer = setTimeout(() => fail(`it was not ready after ${START_MILLISECONDS} ms`), START_MILLISECONDS)
    worker.once('error', (error) => fail(error instanceof Error ? error.message : String(error)))
    worker.once('exit', (code) => fail(`it ended with code ${code}`))
    worker.once('message', () => {
      clearTimeout(timer)
      listenNoMore(worker)
      // An idle checker does not keep a process alive.
      worker.unref()
      resolve(worker)
    })
  })
}

function listenNoMore(worker: Worker): void {
  // By name: Node keeps listeners of its own on the worker, without which its messages stop.
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
  // A worker that is being ended may still report errors.
  worker.on('error', () => undefined)
}

const closed = (): QualityError => new QualityError('CHECKER_CLOSED', 'the checker was closed: open a new one')
const aborted = (): QualityError => new QualityError('CHECKER_ABORTED', 'the check was given up')
