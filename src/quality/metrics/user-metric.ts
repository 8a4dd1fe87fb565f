import { createHash } from 'node:crypto'
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Clock } from '../../telemetry/index.js'
import { systemClock } from '../../telemetry/index.js'
import { QualityError } from '../errors.js'
import type { Checker, Domain } from '../types.js'
import type { FromRunner } from './runner-messages.js'
import type { EndReason } from './runner-process.js'
import { RunnerProcess, urlOf } from './runner-process.js'

export type UserMetricFailure
  = | 'METRIC_LOAD_FAILED'
    | 'METRIC_THREW'
    | 'METRIC_TIMEOUT'
    | 'METRIC_OUT_OF_MEMORY'
    | 'METRIC_CRASHED'
    | 'METRIC_INVALID_VALUE'

/** What came of scoring one design. A failure says nothing about the design: it is recorded, and the design has no score. */
export type UserScore
  = | { readonly outcome: 'scored', readonly value: number, readonly reason: string }
    | { readonly outcome: UserMetricFailure, readonly reason: string }

export interface UserMetricInput {
  readonly domain: Domain
  readonly specification: string
  readonly design: string
}

export interface UserMetricOptions {
  /** The checker that the metric's `tools` use. Without it they throw. */
  readonly checker?: Checker
  /** For one design. Default 10 s. */
  readonly timeoutMs?: number
  /** Heap of the metric's process. Default 256 MiB. */
  readonly memoryMib?: number
  readonly clock?: Clock
}

export interface UserMetric {
  /** SHA-256 of the module, lowercase hex. */
  readonly hash: string
  readonly failures: Readonly<Record<UserMetricFailure, number>>
  /** One at a time; further calls wait. */
  score(input: UserMetricInput): Promise<UserScore>
  close(): Promise<void>
}

const MAXIMUM_MODULE_BYTES = 1024 * 1024
const START_MS = 30_000

/**
 * A user's own metric: one module without imports of other files that exports `score({ domain, specification, design, tools })`, a number in [0, 1] or `{ value, reason }`,
 * or a promise of either. It runs in a process of its own with limits, which is kept for the next design and replaced when it hangs or dies.
 *
 * @param hash - SHA-256 of the module that its user has agreed to, hex; undefined takes the module as it is now
 * @throws QualityError METRIC_MODULE_UNREADABLE, METRIC_HASH_MISMATCH
 */
export async function userMetric(modulePath: string, hash?: string, options: UserMetricOptions = {}): Promise<UserMetric> {
  const bytes = await readFile(modulePath).catch((error: unknown) => {
    throw new QualityError('METRIC_MODULE_UNREADABLE', `the metric ${modulePath} cannot be read: check the path and its permissions`, { cause: error })
  })
  if (bytes.length > MAXIMUM_MODULE_BYTES) throw new QualityError('METRIC_MODULE_UNREADABLE', `the metric ${modulePath} has ${bytes.length} bytes, and at most ${MAXIMUM_MODULE_BYTES} are loaded`)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (hash !== undefined && hash !== found) {
    throw new QualityError('METRIC_HASH_MISMATCH', `the metric ${modulePath} has changed: its hash is ${found}, and ${hash} was agreed to; read it and put the new hash into the settings`)
  }
  // What runs is what was hashed, whatever happens to the file meanwhile.
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'meshwright-metric-')))
  const copy = join(directory, 'metric.mjs')
  await writeFile(copy, bytes, { mode: 0o400 })
  return new ForkedMetric(found, copy, directory, options)
}

class ForkedMetric implements UserMetric {
  readonly failures: Record<UserMetricFailure, number> = {
    METRIC_LOAD_FAILED: 0, METRIC_THREW: 0, METRIC_TIMEOUT: 0, METRIC_OUT_OF_MEMORY: 0, METRIC_CRASHED: 0, METRIC_INVALID_VALUE: 0,
  }

  #runner: RunnerProcess | undefined
  #last: Promise<unknown> = Promise.resolve()
  #nextId = 0
  #closed = false

  constructor(readonly hash: string, private readonly modulePath: string, private readonly directory: string, private readonly options: UserMetricOptions) {}

  score(input: UserMetricInput): Promise<UserScore> {
    if (this.#closed) return Promise.reject(new QualityError('METRIC_CLOSED', 'the metric was closed: open it again'))
    const result = this.#last.then(() => this.#scoreNow(input))
    this.#last = result.catch(() => undefined)
    return result
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#discard()
    await this.#last
    await rm(this.directory, { recursive: true, force: true })
  }

  async #scoreNow({ domain, specification, design }: UserMetricInput): Promise<UserScore> {
    const id = this.#nextId++
    const started = await this.#start()
    const score = started ?? await this.#converse((message): UserScore | undefined => {
      if (message.kind === 'threw' && message.id === id) return { outcome: 'METRIC_THREW', reason: message.reason }
      if (message.kind !== 'scored' || message.id !== id) return undefined
      if (message.value === null || message.value < 0 || message.value > 1) {
        return { outcome: 'METRIC_INVALID_VALUE', reason: `the metric returned ${message.value ?? 'no finite number'}: a score is a number from 0 to 1` }
      }
      return { outcome: 'scored', value: message.value, reason: message.reason }
    }, (runner) => runner.send({ kind: 'score', id, input: { domain, specification, design } }), this.options.timeoutMs ?? 10_000)
    if (score.outcome !== 'scored') this.failures[score.outcome]++
    return score
  }

  /** Loads the module where no process has it yet. */
  async #start(): Promise<UserScore | undefined> {
    if (this.#runner || this.#closed) return undefined
    this.#runner = new RunnerProcess(this.modulePath, this.options.memoryMib ?? 256)
    const answer = await this.#converse((message): UserScore | 'loaded' | undefined => {
      if (message.kind === 'loaded') return 'loaded'
      if (message.kind === 'load-failed') return { outcome: 'METRIC_LOAD_FAILED', reason: message.reason }
      if (message.kind === 'started') this.#runner?.send({ kind: 'load', url: urlOf(this.modulePath) })
      return undefined
    }, () => undefined, START_MS)
    if (answer === 'loaded') return undefined
    this.#discard()
    return answer
  }

  /** Sends something and waits for the answer, answering calls of tools meanwhile. A process that hangs or dies is discarded. */
  #converse<Answer>(read: (message: FromRunner) => Answer | undefined, begin: (runner: RunnerProcess) => void, timeoutMs: number): Promise<Answer | UserScore> {
    const runner = this.#runner
    if (!runner) return Promise.resolve({ outcome: 'METRIC_CRASHED', reason: 'the metric was closed' })
    const controller = new AbortController()
    return new Promise((resolve) => {
      const settle = (answer: Answer | UserScore): void => {
        cancelTimer()
        controller.abort()
        runner.idle()
        resolve(answer)
      }
      const fail = (outcome: UserMetricFailure, reason: string): void => {
        settle({ outcome, reason })
        if (this.#runner === runner) this.#discard()
      }
      const cancelTimer = (this.options.clock ?? systemClock).after(timeoutMs, () => fail('METRIC_TIMEOUT', `no score within ${timeoutMs} ms`))
      runner.listen((message) => {
        if (message.kind === 'tool-call') {
          void this.#useTool(message, controller.signal).then((answer) => runner.send(answer))
          return
        }
        const answer = read(message)
        if (answer !== undefined) settle(answer)
      }, (reason) => fail(...END[reason]))
      begin(runner)
    })
  }

  async #useTool({ call, tool, arguments: [first = '', second = '', third = ''] }: Extract<FromRunner, { kind: 'tool-call' }>, signal: AbortSignal): Promise<{ kind: 'tool-answer', call: number, answer?: unknown, error?: string }> {
    const { checker } = this.options
    try {
      if (!checker) throw new Error('no checker is given to this metric')
      const domain = first as Domain
      switch (tool) {
        case 'syntax': return { kind: 'tool-answer', call, answer: await checker.syntax(domain, second, { signal }) }
        case 'synthesis': return { kind: 'tool-answer', call, answer: await checker.synthesis(first, { signal }) }
        case 'circuit': return { kind: 'tool-answer', call, answer: await checker.circuit(first, { signal }) }
        case 'equivalence': return { kind: 'tool-answer', call, answer: await checker.equivalence(domain, second, third, { signal }) }
      }
    } catch (error) {
      return { kind: 'tool-answer', call, error: error instanceof Error ? error.message : String(error) }
    }
  }

  #discard(): void {
    this.#runner?.kill()
    this.#runner = undefined
  }
}

const END: Readonly<Record<EndReason, [UserMetricFailure, string]>> = {
  exited: ['METRIC_CRASHED', 'the metric\'s process ended'],
  'out-of-memory': ['METRIC_OUT_OF_MEMORY', 'the metric\'s process took more memory than it may'],
  'broke-protocol': ['METRIC_CRASHED', 'the metric\'s process sent something that no metric sends'],
}
