import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Finding, SurfaceReport } from './run-surface.js'

/** A case that is not over by then, on a busy machine, too, never ends; milliseconds. */
const NEVER_MS = 60_000

/** Memory of a lane, MiB: a case that takes more ends it, and is a finding. */
const MEMORY_MIB = 1024

export interface LaneTask {
  readonly surface: string
  readonly cases: number
  readonly seed: number
}

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
  const lane = async (): Promise<void> => {
    for (let surface = waiting.shift(); surface !== undefined; surface = waiting.shift()) {
      const report = await runInProcess({ surface, cases, seed })
      reports.push(report)
      onReport(report)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return reports
}

function runInProcess(task: LaneTask): Promise<SurfaceReport> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('lane.js', import.meta.url)), { execArgv: [`--max-old-space-size=${MEMORY_MIB}`], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let errors = ''
    let at = task.seed
    let over = false
    const end = (report: SurfaceReport): void => {
      if (over) return
      over = true
      clearTimeout(timer)
      child.kill('SIGKILL')
      resolve(report)
    }
    const stopped = (why: string): void => end({ surface: task.surface, cases: at - task.seed, accepted: 0, refused: {}, worstMs: 0, findings: [stoppedAt(at, why)] })
    const arm = (): NodeJS.Timeout => setTimeout(() => stopped(`a case did not end within ${NEVER_MS / 1000} s`), NEVER_MS)
    let timer = arm()
    child.stderr?.on('data', (chunk: Buffer) => { errors = (errors + chunk.toString()).slice(-2000) })
    child.on('message', (message: LaneMessage) => {
      if (message.kind === 'report') {
        end(message.report)
        return
      }
      at = message.seed
      clearTimeout(timer)
      timer = arm()
    })
    child.on('exit', (code, signal) => stopped(`the process ended by itself (${signal ?? code ?? 'unknown'}): ${errors.trim().split('\n').find((text) => /error/i.test(text)) ?? 'without a word'}`))
    child.send(task)
  })
}

function stoppedAt(seed: number, why: string): Finding {
  return { seed, what: `${why}; it is this case or one soon after`, input: 'see --cases 1 with this seed and those that follow' }
}
