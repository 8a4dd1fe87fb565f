import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

import { findPackageRoot } from '../../src/config/index.js'

/** A command that runs in a shell. */
export interface Terminal {
  readonly process: ChildProcess
  readonly ended: Promise<{ readonly code: number | null, readonly output: string }>
  says(text: string): Promise<void>
}

/** Types a command into a shell that knows `meshwright` by the guide's alias. */
export function type(folder: string, command: string): Terminal {
  const shell = `meshwright() { node "${findPackageRoot()}/dist/program/meshwright.js" "$@"; }\n${command}`
  // A process group of its own, so that the test can end the shell with what runs in it.
  const started = spawn('bash', ['-c', shell], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  const waiting = new Set<() => void>()
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      output += chunk
      for (const look of waiting) look()
    })
  }
  const ended = new Promise<{ code: number | null, output: string }>((resolve) => { started.on('close', (code) => resolve({ code, output })) })
  return {
    process: started,
    ended,
    says: (text) => new Promise((resolve, reject) => {
      const look = (): void => {
        if (!output.includes(text)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      void ended.then(({ code }) => reject(new Error(`"${command}" ended with ${String(code)} before it said "${text}":\n${output}`)))
    }),
  }
}

/** Kills the command and whatever it has started. */
export function end({ process: { pid } }: Terminal): void {
  try {
    process.kill(-pid!, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
