import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

import { StoreError, storeError, systemCode } from './errors.js'
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
export async function acquireLock(folder: string): Promise<Lock> {
  const path = join(folder, 'lock')
  const mine: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid), token: randomBytes(8).toString('hex') }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await tryLink(path, mine)) return hold(path, mine)
    const found = await readHolder(path)
    if (found === undefined) continue
    if (!await isStale(path, found)) {
      throw new StoreError('STORE_IN_USE', `${folder} is in use by process ${found.pid} on ${found.host}: stop that node, or give this one another data folder (if no such process runs, remove ${path})`)
    }
    await removeStale(path, found)
  }
  throw new StoreError('STORE_IN_USE', `${folder} is being opened by several processes at once: start one node a folder`)
}

async function tryLink(path: string, holder: Holder): Promise<boolean> {
  const temporary = `${path}.${holder.token}${TEMPORARY_SUFFIX}`
  await writeAtomically(temporary, Buffer.from(JSON.stringify(holder)))
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw storeError(error, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

function hold(path: string, mine: Holder): Lock {
  const touch = setInterval(() => {
    const now = new Date()
    // A failure shows at the next write anyway.
    utimes(path, now, now).catch(() => undefined)
  }, TOUCH_EVERY)
  touch.unref()
  return {
    async release() {
      clearInterval(touch)
      const found = await readHolder(path)
      if (found?.token === mine.token) await rm(path, { force: true })
    },
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
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

async function isStale(path: string, { pid, host, started }: Holder): Promise<boolean> {
  if (host === hostname()) return !isRunning(pid) || startOf(pid) !== started
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_AFTER
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true
    throw storeError(error, path)
  }
}

/** Renames before removing, so that of two processes that found the same stale lock none removes the other's new one. */
async function removeStale(path: string, stale: Holder): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}${TEMPORARY_SUFFIX}`
  try {
    await rename(path, aside)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw storeError(error, path)
  }
  const moved = await readHolder(aside)
  if (moved?.token !== stale.token) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
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
