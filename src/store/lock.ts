import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

import { StoreError, storeError, systemCode } from './errors.js'
import { systemFiles } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { TEMPORARY_SUFFIX, writeAtomically } from './files.js'

/** The holder touches its lock so often; milliseconds. */
const TOUCH_EVERY = 5000

/** A lock of another machine that was not touched for so long is stale; milliseconds. Ample for a busy network folder. */
const STALE_AFTER = 60_000

/** Takeovers tried before giving up: each lost one means that another process was faster. */
const ATTEMPTS = 5

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process started, as the kernel counts; empty where it does not tell. A new process may get an old one's pid. */
  readonly started: string
  readonly token: string
}

/** Holds a data folder for one process. */
export interface Lock {
  release(): Promise<void>
}

/**
 * Takes the folder's lock; one left behind by a process that is gone is taken over.
 *
 * @throws StoreError STORE_IN_USE while another process holds it
 */
export async function acquireLock(folder: string, files: FileSystem = systemFiles): Promise<Lock> {
  const path = join(folder, 'lock')
  const mine: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid), token: randomBytes(8).toString('hex') }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await tryLink(path, mine, files)) return hold(path, mine, files)
    const found = await readHolder(path, files)
    if (found === undefined) continue
    if (!await isStale(path, found, files)) {
      throw new StoreError('STORE_IN_USE', `${folder} is in use by process ${found.pid} on ${found.host}: stop that node, or give this one another data folder (if no such process runs, remove ${path})`)
    }
    await removeStale(path, found, files)
  }
  throw new StoreError('STORE_IN_USE', `${folder} is being opened by several processes at once: start one node a folder`)
}

async function tryLink(path: string, holder: Holder, files: FileSystem): Promise<boolean> {
  const temporary = `${path}.${holder.token}${TEMPORARY_SUFFIX}`
  await writeAtomically(temporary, Buffer.from(JSON.stringify(holder)), files)
  try {
    await files.link(temporary, path)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw storeError(error, path)
  } finally {
    await files.rm(temporary, { force: true })
  }
}

function hold(path: string, mine: Holder, files: FileSystem): Lock {
  const touch = setInterval(() => {
    const now = new Date()
    // A failure shows at the next write anyway.
    files.utimes(path, now, now).catch(() => undefined)
  }, TOUCH_EVERY)
  touch.unref()
  return {
    async release() {
      clearInterval(touch)
      const found = await readHolder(path, files)
      if (found?.token === mine.token) await files.rm(path, { force: true })
    },
  }
}

async function readHolder(path: string, files: FileSystem): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(Buffer.from(await files.readFile(path)).toString())
    if (isHolder(value)) return value
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    if (!(error instanceof SyntaxError)) throw storeError(error, path)
  }
  // Locks are linked whole, so a damaged one is no running node's.
  return { pid: 0, host: hostname(), started: '', token: '' }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null
    && 'pid' in value && Number.isSafeInteger(value.pid)
    && 'host' in value && typeof value.host === 'string'
    && 'started' in value && typeof value.started === 'string'
    && 'token' in value && typeof value.token === 'string'
}

async function isStale(path: string, { pid, host, started }: Holder, files: FileSystem): Promise<boolean> {
  if (host === hostname()) return !isRunning(pid) || startOf(pid) !== started
  try {
    return Date.now() - (await files.stat(path)).mtimeMs > STALE_AFTER
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true
    throw storeError(error, path)
  }
}

/** Renames before removing, so that of two processes that found the same stale lock none removes the other's new one. */
async function removeStale(path: string, stale: Holder, files: FileSystem): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}${TEMPORARY_SUFFIX}`
  try {
    await files.rename(path, aside)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw storeError(error, path)
  }
  const moved = await readHolder(aside, files)
  if (moved?.token !== stale.token) await files.link(aside, path).catch(() => undefined)
  await files.rm(aside, { force: true })
}

function isRunning(pid: number): boolean {
  if (pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}

/** Field 22 of Linux's /proc/<pid>/stat, and the boot that it counts from. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return ''
  }
}
