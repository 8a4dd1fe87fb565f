import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { access, chown, constants, lstat, mkdtemp, readlink, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { platform } from 'node:process'

/** What a simulator may take. Testbenches of the public suites take less than a hundredth of each. */
const MEMORY_BYTES = 1024 ** 3
const FILE_BYTES = 16 * 1024 ** 2
const SCRATCH_BYTES = 64 * 1024 ** 2
const PROCESSES = 64
/** Longer output of a simulation ends it. */
export const MAXIMUM_OUTPUT_BYTES = 1024 * 1024
/** Who runs what the root user would not: nobody, on every Linux. */
const NOBODY = 65_534
/** A machine that is busy with other things gives a process less than its time; milliseconds. */
const WALL_EXTRA_MS = 2000

export interface SandboxJob {
  /** A fixed script for `sh`. It says how far it is on descriptor 3. */
  readonly script: string
  /** Names and texts; they lie, read-only, in /job. */
  readonly files: Readonly<Record<string, string>>
  /** Files that lie in the working folder, too, since designs of the suite open them by name. */
  readonly data?: readonly string[]
  /** Processor time of each process. */
  readonly cpuMs: number
  readonly signal?: AbortSignal | undefined
}

export interface SandboxRun {
  /** Standard output, cut. */
  readonly output: string
  /** What the script said on descriptor 3, cut. */
  readonly report: string
  readonly errors: string
  readonly ended: 'by itself' | 'too slow' | 'too loud' | 'given up'
}

export interface Sandbox {
  run(job: SandboxJob): Promise<SandboxRun>
}

export type FoundSandbox = { readonly sandbox: Sandbox } | { readonly missing: string }

/**
 * Looks for iverilog, vvp and bwrap, and tries them once.
 *
 * @param toolPath - folders, as in PATH
 * @returns a sandbox, or what is missing and what to install
 */
export async function findSandbox(toolPath: string): Promise<FoundSandbox> {
  if (platform !== 'linux') return { missing: 'testbenches run on Linux only, where bubblewrap confines them' }
  const [iverilog, vvp, bwrap] = await Promise.all(['iverilog', 'vvp', 'bwrap'].map((name) => locate(name, toolPath)))
  if (iverilog === undefined || vvp === undefined) return { missing: 'iverilog is not installed: install the package iverilog, and bubblewrap, to run testbenches' }
  if (bwrap === undefined) return { missing: 'bwrap is not installed, and no testbench runs without a sandbox: install the package bubblewrap' }
  const outside = [iverilog, vvp].find((tool) => !tool.startsWith('/usr/'))
  if (outside !== undefined) return { missing: `${outside} lies outside /usr, which is all that the sandbox shows: install the package iverilog` }
  // The limit on processes does not hold for root, which also has no business with the code of strangers.
  const users = process.getuid?.() === 0 ? [NOBODY, undefined] : [undefined]
  const limits = ['--cpu', '--as', '--fsize', '--core', '--nproc']
  let why = ''
  // Without user namespaces of their own, processes are counted for the whole account: it may have more than the limit already.
  // Not every version of bwrap can bound scratch space.
  const ways = users.flatMap((user) => [true, false].flatMap((isBounded) => [limits, limits.slice(0, -1), []].map((used) => ({ user, isBounded, limits: used }))))
  for (const way of ways) {
    const sandbox = new Bubblewrap(bwrap, dirname(iverilog), way)
    const { output, errors } = await sandbox.run({ script: PROBE, files: { 'probe.sv': 'module probe; initial $display("ready"); endmodule\n' }, cpuMs: 10_000 })
    if (output.includes('ready')) return { sandbox }
    why = errors.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
  }
  return { missing: `bwrap cannot make a sandbox here (${why === '' ? 'no message' : why}), and no testbench runs without one: allow user namespaces, or run as root` }
}

const PROBE = 'iverilog -g2012 -o probe /job/probe.sv && vvp -n probe -none'

async function locate(name: string, toolPath: string): Promise<string | undefined> {
  for (const folder of toolPath.split(delimiter)) {
    if (!folder.startsWith('/')) continue
    const path = join(folder, name)
    if (await access(path, constants.X_OK).then(() => true, () => false)) return realpath(path)
  }
  return undefined
}

/** Folders of the root that hold programs and libraries; on most systems they are links into /usr. */
const SYSTEM = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']

/** What of the confinement this machine knows. */
interface Way {
  /** Who runs the sandbox, where it is not this process's user. */
  readonly user: number | undefined
  /** Whether scratch space is bounded. */
  readonly isBounded: boolean
  /** Options of prlimit. */
  readonly limits: readonly string[]
}

/** Runs a script where it sees /usr and its own files, has no network, no other processes and no environment, and can write to memory alone. */
class Bubblewrap implements Sandbox {
  #system: Promise<string[]> | undefined

  constructor(private readonly bwrap: string, private readonly toolFolder: string, private readonly way: Way) {}

  async run({ script, files, data = [], cpuMs, signal }: SandboxJob): Promise<SandboxRun> {
    this.#system ??= systemFolders()
    const { user, isBounded, limits } = this.way
    const scratch = (path: string): string[] => [...isBounded ? ['--size', String(SCRATCH_BYTES)] : [], '--tmpfs', path]
    const folder = await mkdtemp(join(tmpdir(), 'meshwright-bench-'))
    try {
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o644 })
      if (user !== undefined) await chown(folder, user, user)
      const seconds = Math.max(1, Math.ceil(cpuMs / 1000))
      const limit: Record<string, string> = {
        '--cpu': `${seconds}:${seconds + 1}`, '--as': String(MEMORY_BYTES), '--fsize': String(FILE_BYTES), '--core': '0', '--nproc': String(PROCESSES),
      }
      const args = [
        '--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--setenv', 'PATH', `${this.toolFolder}:/usr/bin:/bin`,
        '--ro-bind', '/usr', '/usr', ...await this.#system, '--dev', '/dev', ...scratch('/tmp'), '--ro-bind', folder, '/job', ...scratch('/work'),
        ...data.flatMap((name) => ['--ro-bind', join(folder, name), `/work/${name}`]),
        '--chdir', '/work', '--', ...limits.length > 0 ? ['prlimit', ...limits.map((name) => `${name}=${limit[name]!}`)] : [], 'sh', '-c', script,
      ]
      // Where processor time is limited, a simulation that waits for a busy machine has some more time on the clock.
      return await watch(spawn(this.bwrap, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env: {}, detached: true, ...user === undefined ? {} : { uid: user, gid: user } }), limits.length > 0 ? 3 * cpuMs + WALL_EXTRA_MS : cpuMs, signal)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

async function systemFolders(): Promise<string[]> {
  const parts = await Promise.all(SYSTEM.map(async (path) => {
    const found = await lstat(path).catch(() => undefined)
    if (found?.isSymbolicLink()) return ['--symlink', await readlink(path), path]
    return found?.isDirectory() ? ['--ro-bind', path, path] : []
  }))
  return parts.flat()
}

/** While a sandbox comes up, its second process does not follow the first yet: both are of one group. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/** With the first process of a sandbox all others in it end. */
function watch(child: ChildProcess, wallMs: number, signal: AbortSignal | undefined): Promise<SandboxRun> {
  return new Promise((resolve) => {
    const texts = { output: '', report: '', errors: '' }
    let size = 0
    let ended: SandboxRun['ended'] = 'by itself'
    const end = (why: SandboxRun['ended']): void => {
      if (ended === 'by itself') ended = why
      killGroup(child)
    }
    const giveUp = (): void => end('given up')
    const timer = setTimeout(() => end('too slow'), wallMs)
    signal?.addEventListener('abort', giveUp, { once: true })
    if (signal?.aborted === true) giveUp()
    for (const [at, name] of [[1, 'output'], [2, 'errors'], [3, 'report']] as const) {
      const decoder = new TextDecoder()
      const stream = child.stdio[at]
      stream?.on('data', (bytes: Buffer) => {
        size += bytes.length
        if (size > MAXIMUM_OUTPUT_BYTES) end('too loud')
        else texts[name] += decoder.decode(bytes, { stream: true })
      })
      stream?.on('error', () => undefined)
    }
    let failure = ''
    child.on('error', (error) => { failure = error.message })
    child.on('close', () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      resolve({ ...texts, errors: texts.errors + failure, ended })
    })
  })
}
