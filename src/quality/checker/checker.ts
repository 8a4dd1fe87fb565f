import { createHash } from 'node:crypto'

import { MAXIMUM_SOURCE_BYTES } from '../constants.js'
import { QualityError } from '../errors.js'
import type { Bench, Checker, CheckerStatistics, CheckOptions, CircuitVerdict, Domain, EquivalenceOptions, SynthesisVerdict, SyntaxVerdict, TestbenchQuestion, TestbenchVerdict, Verdict } from '../types.js'
import { BenchChecks } from '../testbench/bench-checks.js'
import { Cache } from './cache.js'
import { Pool } from './pool.js'
import type { BenchRequest, CheckRequest, KnownReference, WorkerRequest } from './requests.js'
import { benchOf, requestSchema } from './requests.js'

export interface CheckerOptions {
  /** Checks at a time; each takes up to a core and a few hundred MB. Default 2. */
  readonly workers?: number
  /** After this long a check ends as `unknown` and its worker is replaced. Default 10 s. */
  readonly timeoutMs?: number
  /** Folders, as in PATH, where iverilog, vvp and bwrap are looked for at the first testbench. Default this process's PATH. */
  readonly toolPath?: string
}

/** Verdicts of identical questions are remembered: the same design is often asked about by several peers. */
const REMEMBERED_VERDICTS = 4096
/** Characters of prepared references that are kept. */
const REMEMBERED_RTLIL = 32 * 1024 * 1024

/** Opens a checker with worker threads of its own in this process. Workers start at the first check. */
export function openChecker({ workers = 2, timeoutMs = 10_000, toolPath = process.env['PATH'] ?? '' }: CheckerOptions = {}): Checker {
  return new PooledChecker(new Pool(workers, timeoutMs), new BenchChecks(toolPath, workers, timeoutMs))
}

/** Turns the methods of a checker into requests; what answers them is a pool or a server. */
export abstract class RequestChecker implements Checker {
  syntax(domain: Domain, source: string, options?: CheckOptions): Promise<SyntaxVerdict> {
    return this.#ask<Omit<SyntaxVerdict, keyof Verdict>>({ kind: 'syntax', domain, source }, { warnings: [], grade: 0 }, options)
  }

  synthesis(source: string, options?: CheckOptions): Promise<SynthesisVerdict> {
    return this.#ask({ kind: 'synthesis', source }, { cells: 0, depth: 0, flipFlops: 0 }, options)
  }

  circuit(source: string, options?: CheckOptions): Promise<CircuitVerdict> {
    return this.#ask({ kind: 'circuit', source }, { qubits: 0, gates: 0, twoQubitGates: 0, depth: 0, counts: {} }, options)
  }

  equivalence(domain: Domain, reference: string, candidate: string, { boundedPass = 0, initialState = 'any', ...options }: EquivalenceOptions = {}): Promise<Verdict> {
    return this.#ask({ kind: 'equivalence', domain, reference, candidate, boundedPass, initialState }, {}, options)
  }

  testbench({ candidate, ...bench }: TestbenchQuestion, options?: CheckOptions): Promise<TestbenchVerdict> {
    return this.#ask<Pick<TestbenchVerdict, 'tool'>>({ kind: 'testbench', candidate, ...benchOf(bench) }, { tool: 'none' }, options)
  }

  examine(bench: Bench, options?: CheckOptions): Promise<TestbenchVerdict> {
    return this.#ask<Pick<TestbenchVerdict, 'tool'>>({ kind: 'bench', ...benchOf(bench) }, { tool: 'none' }, options)
  }

  abstract statistics(): Promise<CheckerStatistics>
  abstract close(): Promise<void>
  abstract answer(request: CheckRequest, signal?: AbortSignal): Promise<Verdict>

  /** @param missing - the figures of a verdict that has none, as after a timeout; those of the answer replace them */
  async #ask<Figures extends object>(request: CheckRequest, missing: Figures, options: CheckOptions = {}): Promise<Figures & Verdict> {
    const checked = requestSchema.safeParse(request)
    if (!checked.success) throw new QualityError('CHECKER_REQUEST_INVALID', `the check cannot be made: ${checked.error.issues[0]?.message ?? 'it has another form'}`)
    for (const [name, text] of sourcesOf(request)) {
      const bytes = Buffer.byteLength(text)
      if (bytes > MAXIMUM_SOURCE_BYTES) {
        return { ...missing, outcome: name === 'source' || name === 'candidate' || request.kind === 'bench' ? 'fail' : 'unknown', reason: `the ${name} ${name === 'files' ? 'have' : 'has'} ${bytes} bytes, and at most ${MAXIMUM_SOURCE_BYTES} are checked`, milliseconds: 0 }
      }
    }
    return { ...missing, ...await this.answer(request, options.signal) }
  }
}

class PooledChecker extends RequestChecker {
  readonly #verdicts = new Cache<Verdict>(REMEMBERED_VERDICTS)
  readonly #references = new Cache<KnownReference>(REMEMBERED_RTLIL)
  readonly #closing = new AbortController()
  readonly #benches = new Set<Promise<unknown>>()
  #fromCache = 0
  #simulated = 0

  constructor(private readonly pool: Pool, private readonly benchChecks: BenchChecks) { super() }

  async answer(request: CheckRequest, signal?: AbortSignal): Promise<Verdict> {
    const key = hash(JSON.stringify(request))
    const remembered = this.#verdicts.get(key)
    if (remembered) {
      this.#fromCache++
      return { ...remembered, milliseconds: 0 }
    }
    const verdict = request.kind === 'testbench' || request.kind === 'bench' ? await this.#simulate(request, signal) : await this.#work(request, signal)
    if (verdict.isCertain) this.#verdicts.set(key, verdict.verdict)
    return verdict.verdict
  }

  async #work(request: WorkerRequest, signal: AbortSignal | undefined): Promise<Answered> {
    const referenceKey = request.kind === 'equivalence' && request.domain === 'verilog' ? hash(request.reference) : undefined
    const { answer, reason, milliseconds } = await this.pool.run(request, referenceKey === undefined ? undefined : this.#references.get(referenceKey), signal)
    if (referenceKey !== undefined && answer?.known) this.#references.set(referenceKey, answer.known, answer.known.prepared.rtlil.length + answer.known.prepared.freeRtlil.length)
    if (!answer?.verdict) return { verdict: { outcome: 'unknown', reason: reason ?? `the tool broke down: ${answer?.broken ?? 'no answer'}`, milliseconds }, isCertain: false }
    return { verdict: { ...answer.verdict, milliseconds }, isCertain: true }
  }

  async #simulate(request: BenchRequest, signal: AbortSignal | undefined): Promise<Answered> {
    if (this.#isClosed()) throw closed()
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    const { testbench, reference, top, files } = request
    const bench = { testbench, reference, top, files }
    const check = request.kind === 'bench'
      ? this.benchChecks.examine(bench, stop)
      : this.benchChecks.check({ candidate: request.candidate, ...bench }, (gold, gate) => this.equivalence('verilog', gold, gate, { signal: stop }), stop)
    this.#benches.add(check)
    try {
      const verdict = await check
      if (verdict.tool === 'iverilog' && request.kind === 'testbench') this.#simulated++
      // What a busy machine did not get to may be known another time.
      return { verdict, isCertain: verdict.outcome !== 'unknown' }
    } catch (error) {
      throw this.#isClosed() ? closed() : error
    } finally {
      this.#benches.delete(check)
    }
  }

  #isClosed(): boolean { return this.#closing.signal.aborted }

  statistics(): Promise<CheckerStatistics> {
    const { counts, workers, waiting, running } = this.pool
    const { benchChecks } = this
    return Promise.resolve({ ...counts, runs: counts.runs + this.#simulated, fromCache: this.#fromCache, workers, waiting: waiting + benchChecks.waiting, running: running + benchChecks.running, residentBytes: process.memoryUsage.rss() })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.pool.close()
    await Promise.allSettled(this.#benches)
  }
}

interface Answered {
  readonly verdict: Verdict
  /** Whether the same question has the same answer another time. */
  readonly isCertain: boolean
}

const closed = (): QualityError => new QualityError('CHECKER_CLOSED', 'the checker was closed: open a new one')

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

function sourcesOf(request: CheckRequest): [string, string][] {
  if (request.kind === 'testbench') return [['candidate', request.candidate], ...sourcesOf({ ...request, kind: 'bench' })]
  if (request.kind === 'bench') return [['testbench', request.testbench], ['reference', request.reference ?? ''], ['files', Object.values(request.files).join('')]]
  return request.kind === 'equivalence' ? [['reference', request.reference], ['candidate', request.candidate]] : [['source', request.source]]
}
