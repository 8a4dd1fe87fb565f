import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { SurfaceReport } from './run-surface.js'

/** A case that is not over by then, on a busy machine, too, never ends; milliseconds. */
const NEVER_MS = 30_000

/** Memory of a lane, MiB: a case that takes more ends it, and is a finding. */
const MEMORY_MIB = 1024

export interface LaneTask {
  readonly surface: string
  readonly cases: number
  readonly seed: number
  /** Whether each case is announced, and not only one from time to time. */
  readonly tellEach?: boolean
}

/** `stoppedAt` is the seed of the last case announced where the process did not come to its end. */
type LaneReport = SurfaceReport & { readonly stoppedAt?: number }

export type LaneMessage
  = | { readonly kind: 'at', readonly seed: number }
    | { readonly kind: 'report', readonly report: SurfaceReport }

/**
 * Runs surfaces in processes of their own, so that a case that never ends, or takes all memory, ends the process and not the run.
 *
 * @param lanes - processes at a time
 */
export async function runInLanes(names: readonly string[], { cases, seed, lanes }: { readonly cases: number, readonly seed: number, readonly lanes: number }, onReport: (report: SurfaceReport) => void): Promise<SurfaceReport[]> {
  const waiting = [...names]
  const reports: SurfaceReport[] = []
  const work = async (): Promise<void> => {
    const lane = new Lane()
    for (let surface = waiting.shift(); surface !== undefined; surface = waiting.shift()) {
      const report = await lane.runExactly({ surface, cases, seed })
      reports.push(report)
      onReport(report)
    }
    lane.end()
  }
  await Promise.all(Array.from({ length: Math.min(lanes, names.length) }, work))
  return reports
}

/** A process that takes one surface after the other; a new one follows where a case has ended it. */
class Lane {
  #child: ChildProcess | undefined

  /** Where a case ends the process, those since the last word of it are run again, each announced, so that it is named. */
  async runExactly(task: LaneTask): Promise<SurfaceReport> {
    const report = await this.#run(task)
    if (report.stoppedAt === undefined) return report
    const again = await this.#run({ ...task, seed: report.stoppedAt, cases: task.seed + task.cases - report.stoppedAt, tellEach: true })
    return again.stoppedAt === undefined ? report : { ...again, cases: again.stoppedAt - task.seed }
  }

  #run(task: LaneTask): Promise<LaneReport> {
    const child = this.#child ??= fork(fileURLToPath(new URL('lane.js', import.meta.url)), { execArgv: [`--max-old-space-size=${MEMORY_MIB}`], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    return new Promise<LaneReport>((resolve) => {
      let errors = ''
      let at = task.seed
      const settle = (report: LaneReport): void => {
        clearTimeout(timer)
        child.removeAllListeners()
        child.stderr?.removeAllListeners()
        resolve(report)
      }
      const stopped = (why: string): void => {
        this.end()
        settle({ surface: task.surface, cases: at - task.seed, accepted: 0, refused: {}, worstMs: 0, stoppedAt: at, findings: [{ seed: at, what: why, input: 'whatever this seed draws' }] })
      }
      const arm = (): NodeJS.Timeout => setTimeout(() => stopped(`a case did not end within ${NEVER_MS / 1000} s`), NEVER_MS)
      let timer = arm()
      child.stderr?.on('data', (chunk: Buffer) => { errors = (errors + chunk.toString()).slice(-2000) })
      child.on('exit', (code, signal) => stopped(`the process ended by itself (${signal ?? code ?? 'unknown'}): ${errors.trim().split('\n').find((text) => /error/i.test(text)) ?? 'without a word'}`))
      child.on('message', (message: LaneMessage) => {
        if (message.kind === 'report') {
          settle(message.report)
          return
        }
        at = message.seed
        clearTimeout(timer)
        timer = arm()
      })
      child.send(task)
    })
  }

  end(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}
