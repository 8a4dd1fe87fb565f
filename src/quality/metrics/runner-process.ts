import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

import type { FromRunner, ToRunner } from './runner-messages.js'
import { fromRunnerSchema } from './runner-messages.js'

const RUNNER = new URL('./runner.js', import.meta.url)
/** Node itself, before any metric does anything. */
const NODE_BYTES = 192 * 1024 * 1024
const MEMORY_POLL_MS = 200

export type EndReason = 'exited' | 'out-of-memory' | 'broke-protocol'

/** A process for one user metric: no environment, no files but its own, no processes or threads of its own where Node can forbid them. */
export class RunnerProcess {
  readonly #child: ChildProcess
  #onMessage: ((message: FromRunner) => void) | undefined
  #onEnd: ((reason: EndReason) => void) | undefined
  #ended: EndReason | undefined
  readonly #watch: NodeJS.Timeout

  constructor(modulePath: string, memoryMib: number) {
    this.#child = fork(RUNNER, {
      execArgv: [`--max-old-space-size=${memoryMib}`, ...permissionFlags(modulePath)],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'json',
    })
    this.#child.on('message', (message) => this.#receive(message))
    this.#child.on('error', () => this.#end('exited'))
    // V8 aborts itself when its heap is full.
    this.#child.on('exit', (code, signal) => this.#end(signal === 'SIGABRT' || code === 134 ? 'out-of-memory' : 'exited'))
    this.#watch = setInterval(() => { void this.#checkMemory(memoryMib * 1024 * 1024 + NODE_BYTES) }, MEMORY_POLL_MS)
    this.#watch.unref()
    this.idle()
  }

  send(message: ToRunner): void {
    if (this.#child.connected) this.#child.send(message)
  }

  /** @param onEnd - called at once where the process has ended already */
  listen(onMessage: (message: FromRunner) => void, onEnd: (reason: EndReason) => void): void {
    this.#onMessage = onMessage
    this.#onEnd = onEnd
    this.#child.channel?.ref()
    this.#child.ref()
    if (this.#ended) onEnd(this.#ended)
  }

  /** An idle metric does not keep the node alive. */
  idle(): void {
    this.#onMessage = undefined
    this.#onEnd = undefined
    this.#child.channel?.unref()
    this.#child.unref()
  }

  kill(): void {
    this.#end('exited')
    this.#child.kill('SIGKILL')
  }

  #receive(message: unknown): void {
    const parsed = fromRunnerSchema.safeParse(message)
    if (parsed.success) {
      this.#onMessage?.(parsed.data)
      return
    }
    this.#end('broke-protocol')
    this.#child.kill('SIGKILL')
  }

  #end(reason: EndReason): void {
    if (this.#ended) return
    this.#ended = reason
    clearInterval(this.#watch)
    this.#onEnd?.(reason)
  }

  /** The heap limit does not hold buffers: on Linux the whole process is measured as well. */
  async #checkMemory(limit: number): Promise<void> {
    if (process.platform !== 'linux' || this.#child.pid === undefined) return
    const pages = (await readFile(`/proc/${this.#child.pid}/statm`, 'utf8').catch(() => '')).split(' ')[1]
    if (Number(pages ?? 0) * 4096 <= limit || this.#ended) return
    this.#end('out-of-memory')
    this.#child.kill('SIGKILL')
  }
}

/** Node's permission model, by the name that this version has for it. */
function permissionFlags(modulePath: string): string[] {
  const flag = ['--permission', '--experimental-permission'].find((name) => process.allowedNodeEnvironmentFlags.has(name))
  if (flag === undefined) return []
  return [flag, `--allow-fs-read=${fileURLToPath(RUNNER)}`, `--allow-fs-read=${modulePath}`, '--no-warnings']
}

export const urlOf = (path: string): string => pathToFileURL(path).href
