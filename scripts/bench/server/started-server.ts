import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { findPackageRoot } from '../../../src/config/index.js'

/** A server in a process of its own. */
export interface StartedServer {
  /** Without `/v1`. */
  readonly root: string
  readonly processId: number
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()

/** Ends all servers at once. */
export function endServers(): void {
  for (const one of running) one.kill('SIGKILL')
}

/**
 * Runs `meshwright serve` on a new data folder.
 *
 * @param model - the base's folder; the embedded one where absent
 */
export async function startServer(dataFolder: string, { model, threads, api = {} }: { readonly model?: string, readonly threads: number, readonly api?: object }): Promise<StartedServer> {
  await mkdir(dataFolder, { recursive: true })
  await writeFile(path.join(dataFolder, 'meshwright.json'), JSON.stringify({ dataFolder: '.', drafts: { history: false }, training: { threads }, log: { level: 'warn' }, api: { port: 0, ...api }, ...model === undefined ? {} : { modelFolder: model } }))
  const started = spawn(process.execPath, [path.join(findPackageRoot(), 'dist', 'program', 'meshwright.js'), 'serve', '--data', dataFolder, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(started)
  const ended = new Promise<void>((resolve) => {
    started.on('close', () => {
      running.delete(started)
      resolve()
    })
  })
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    started.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk
      const line = /^\{"ready".*$/m.exec(said)?.[0]
      if (line !== undefined && said.includes('\n')) resolve((JSON.parse(line) as { url: string }).url)
    })
    void ended.then(() => reject(new Error('the server ended before it was ready: its message is above')))
  })
  return {
    root: url.replace(/\/v1$/, ''),
    processId: started.pid!,
    stop: () => {
      started.kill('SIGINT')
      return ended
    },
  }
}
