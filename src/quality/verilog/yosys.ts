import type { Tree } from '@yowasp/yosys'
import { runYosys } from '@yowasp/yosys'

/** A run of Yosys on files of its own; nothing of the host is visible to it. */
export interface YosysRun {
  readonly ok: boolean
  /** Warnings and errors. */
  readonly messages: string
  readonly files: Readonly<Record<string, string>>
}

export type YosysModules = Readonly<Record<string, WebAssembly.Module>>

/** Longer output is cut: a design can print in a loop while it is elaborated. */
const MAXIMUM_OUTPUT_BYTES = 512 * 1024

interface Resources {
  readonly modules: Record<string, unknown>
  readonly filesystem: Record<string, unknown>
}

function isResources(value: unknown): value is Resources {
  return typeof value === 'object' && value !== null && 'modules' in value && 'filesystem' in value
}

export class Yosys {
  #runs = 0

  /** Tool runs so far; each leaves an instance behind until V8 collects it. */
  get runs(): number { return this.#runs }

  /**
   * Loads Yosys into this thread.
   *
   * @param modules - compiled once for all threads by `compileTools`, so that a new worker is ready within milliseconds
   */
  static async load(modules: YosysModules): Promise<Yosys> {
    const resources: unknown = await import(new URL('resources-yosys.js', import.meta.resolve('@yowasp/yosys')).href)
    if (!isResources(resources)) throw new Error('@yowasp/yosys holds no resources-yosys.js of the expected form: reinstall it')
    Object.assign(resources.modules, modules)
    // Its 3 MB of technology libraries would be encoded anew for every run. Synthesis needs two of them.
    const share = resources.filesystem.share as Record<string, unknown>
    const encoder = new TextEncoder()
    const kept = ['techmap.v', 'simlib.v', 'simcells.v'].flatMap((name) => typeof share[name] === 'string' ? [[name, encoder.encode(share[name])]] : [])
    resources.filesystem.share = Object.fromEntries(kept)
    await runYosys(['-V'], {}, { stdout: null, stderr: null })
    return new Yosys()
  }

  /** Runs one script. An error in the script or the design is an answer (`ok: false`); memory that ran out throws. */
  run(script: string, files: Readonly<Record<string, string>>): YosysRun {
    this.#runs++
    const decoder = new TextDecoder()
    let messages = ''
    const collect = (bytes: Uint8Array | null): void => {
      if (bytes && messages.length < MAXIMUM_OUTPUT_BYTES) messages += decoder.decode(bytes, { stream: true })
    }
    const options = { stdin: null, stdout: collect, stderr: collect, synchronously: true }
    try {
      const tree = runYosys(['-q', '-Q', '-T', '-p', script], { ...files }, options)
      return { ok: true, messages, files: texts(tree) }
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'code' in error && 'files' in error) {
        return { ok: false, messages, files: texts(error.files) }
      }
      throw error
    }
  }
}

function texts(tree: unknown): Record<string, string> {
  const entries = Object.entries((tree ?? {}) as Tree)
  return Object.fromEntries(entries.flatMap(([name, value]) => typeof value === 'string' ? [[name, value]] : []))
}
