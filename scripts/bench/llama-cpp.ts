import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { say } from './report.js'

const VERSION = '3.22.1'

interface Sequence {
  evaluate(tokens: number[], options: { temperature: number, yieldEogToken: boolean }): AsyncIterable<number>
  evaluateWithoutGeneratingNewTokens(tokens: number[]): Promise<void>
  clearHistory(): Promise<void>
}

interface Context {
  getSequence(): Sequence
  dispose(): Promise<void>
}

interface Model {
  createContext(options: { contextSize: number, threads: number, flashAttention: boolean }): Promise<Context>
}

interface Llama {
  loadModel(options: { modelPath: string }): Promise<Model>
}

/** What is used of node-llama-cpp. */
interface LlamaCpp {
  getLlama(options: { gpu: false, build: 'never', skipDownload: true, logLevel: string, maxThreads: number }): Promise<Llama>
}

export interface LlamaSetting {
  readonly threads: number
  readonly flashAttention: boolean
}

export interface Written {
  readonly ids: number[]
  readonly promptSeconds: number
  readonly writeSeconds: number
}

/** llama.cpp through node-llama-cpp, installed on demand beside the system's temporary files; it is no dependency of the project. */
export class LlamaCppRunner {
  private constructor(private readonly model: Model) {}

  static async open(ggufFile: string, threads: number): Promise<LlamaCppRunner> {
    const library = await install()
    const llama = await library.getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: 'error', maxThreads: threads })
    return new LlamaCppRunner(await llama.loadModel({ modelPath: ggufFile }))
  }

  /** Writes `count` tokens after a prompt `runs` times, always the most likely one. */
  async write(prompt: readonly number[], count: number, runs: number, setting: LlamaSetting): Promise<Written[]> {
    const context = await this.model.createContext({ contextSize: prompt.length + count + 64, ...setting })
    try {
      const sequence = context.getSequence()
      const results: Written[] = []
      for (let run = 0; run < runs; run++) {
        await sequence.clearHistory()
        const start = performance.now()
        await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(0, -1))
        const evaluated = performance.now()
        const ids: number[] = []
        for await (const id of sequence.evaluate(prompt.slice(-1), { temperature: 0, yieldEogToken: true })) {
          ids.push(id)
          if (ids.length === count) break
        }
        results.push({ ids, promptSeconds: (evaluated - start) / 1e3, writeSeconds: (performance.now() - evaluated) / 1e3 })
      }
      return results
    } finally {
      await context.dispose()
    }
  }
}

async function install(): Promise<LlamaCpp> {
  const folder = path.join(os.tmpdir(), `meshwright-node-llama-cpp-${VERSION}`)
  const packageFolder = path.join(folder, 'node_modules', 'node-llama-cpp')
  if (!existsSync(packageFolder)) {
    say(`installing node-llama-cpp ${VERSION} in ${folder}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'package.json'), '{"private":true}')
    const binary = `@node-llama-cpp/${os.platform() === 'win32' ? 'win' : os.platform() === 'darwin' ? 'mac' : 'linux'}-${os.arch()}${os.platform() === 'darwin' && os.arch() === 'arm64' ? '-metal' : ''}`
    execFileSync('npm', ['install', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', `node-llama-cpp@${VERSION}`, `${binary}@${VERSION}`], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const entry = createRequire(path.join(folder, 'package.json')).resolve('node-llama-cpp')
  return await import(pathToFileURL(entry).href) as LlamaCpp
}
