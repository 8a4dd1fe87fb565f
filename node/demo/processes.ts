import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { deferred } from '../deferred.js'
import { NodeError } from '../errors.js'

/** Lines of a log that say why a process failed. */
const LAST_LINES = 15
/** A process that does not stop by itself is killed after so long, milliseconds. */
const STOP_PATIENCE = 6000

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))
const BOOTSTRAP = fileURLToPath(new URL('../../bootstrap/main.js', import.meta.url))

export interface Child {
  readonly name: string
  readonly logFile: string
  /** Lines of standard output, as they come. */
  readonly firstLine: Promise<string>
  readonly ended: Promise<unknown>
  /** Ends it without warning, as a power failure would. */
  kill(): void
}

/** The processes of the demo. None outlives it, and one that ends unasked fails it. */
export class Processes {
  readonly #children: { readonly child: Child, readonly process: ChildProcess, asked: boolean }[] = []
  readonly #failed = deferred<never>()
  #stopping = false

  constructor() {
    // It is raced with everything; alone it must not count as unhandled.
    this.#failed.promise.catch(() => undefined)
    // Whatever ends this process, the others end with it.
    process.on('exit', () => {
      for (const { process: child } of this.#children) child.kill('SIGKILL')
    })
  }

  /** Rejects when a process ends that nobody asked to. */
  get failed(): Promise<never> { return this.#failed.promise }

  meshwright(name: string, args: readonly string[], logFile: string, onLog?: (line: string) => void): Child {
    return this.#spawn(name, [MAIN, ...args], logFile, onLog)
  }

  bootstrap(args: readonly string[], logFile: string): Child {
    return this.#spawn('the bootstrap peer', [BOOTSTRAP, ...args], logFile)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const running = this.#children.filter(({ process }) => process.exitCode === null && process.signalCode === null)
    for (const { process } of running) process.kill('SIGTERM')
    const killing = setTimeout(() => {
      for (const { process } of running) process.kill('SIGKILL')
    }, STOP_PATIENCE)
    await Promise.all(running.map(({ child }) => child.ended))
    clearTimeout(killing)
  }

  #spawn(name: string, args: readonly string[], logFile: string, onLog?: (line: string) => void): Child {
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const firstLine = deferred<string>()
    const ended = deferred<undefined>()
    const entry = {
      process: started,
      asked: false,
      child: {
        name, logFile, firstLine: firstLine.promise, ended: ended.promise,
        kill: () => {
          entry.asked = true
          started.kill('SIGKILL')
        },
      },
    }
    this.#children.push(entry)
    onLines(started.stdout, (line) => firstLine.resolve(line))
    onLines(started.stderr, (line) => {
      appendFileSync(logFile, `${line}\n`)
      onLog?.(line)
    })
    firstLine.promise.catch(() => undefined)
    started.on('error', (error) => this.#failed.reject(error))
    started.on('close', (code, signal) => {
      ended.resolve(undefined)
      if (this.#stopping || entry.asked) return
      const failure = new NodeError('DEMO_PEER_FAILED', `${name} ended unasked (${signal ?? `exit code ${code}`}). The last lines of its log:\n${lastLines(logFile)}`)
      firstLine.reject(failure)
      this.#failed.reject(failure)
    })
    return entry.child
  }
}

function onLines(stream: NodeJS.ReadableStream, receive: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    lines.forEach(receive)
  })
  stream.on('end', () => { if (rest !== '') receive(rest) })
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).map((line) => `  ${line}`).join('\n')
  } catch {
    return '  (it wrote none)'
  }
}
