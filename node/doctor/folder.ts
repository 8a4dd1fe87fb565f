import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { KEY_FILE, loadIdentity } from '../../src/identity/index.js'
import type { Identity } from '../../src/identity/index.js'

import { bytesText } from '../terminal/numbers.js'
import { failure, ok, problem, warning } from './finding.js'
import type { Finding } from './finding.js'

/** Checkpoints, deltas and logs of a few campaigns. Bytes. */
const WANTED_DISK = 2 * 2 ** 30
const LEAST_DISK = 256 * 2 ** 20

/** The bits of a file's mode by which others than its owner can read or write it. */
const OTHERS = 0o077

export async function examineFolder(folder: string): Promise<Finding[]> {
  if (!existsSync(folder)) return [problem('data folder', `${folder} does not exist`, `make it with \`meshwright init ${folder} --designs <folder>\`, or name another one with --data`)]
  const probe = join(folder, `.doctor-${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(probe, '')
  } catch (error) {
    return [problem('data folder', `${folder} cannot be written (${codeOf(error)})`, 'give this user the right to write there, or free some space')]
  } finally {
    await rm(probe, { force: true }).catch(() => undefined)
  }
  return [ok('data folder', `${folder} can be written`), await examineDisk(folder)]
}

async function examineDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const found = `${bytesText(free)} are free`
  if (free < LEAST_DISK) return problem('disk', found, `free at least ${bytesText(LEAST_DISK)}: a node that cannot write keeps nothing over a restart`)
  return free < WANTED_DISK ? warning('disk', found, `free ${bytesText(WANTED_DISK)} for checkpoints and logs`) : ok('disk', found)
}

/** The node's identity, without making one. */
export async function examineIdentity(folder: string): Promise<{ readonly findings: readonly Finding[], readonly identity?: Identity }> {
  const file = join(folder, KEY_FILE)
  if (!existsSync(file)) return { findings: [warning('identity', `${file} does not exist yet`, 'nothing: the first start makes it. If this node has had an identity, restore it from a backup')] }
  try {
    const identity = await loadIdentity(folder)
    return { findings: [ok('identity', identity.peerId), ...await examineSecret('key file', file)], identity }
  } catch (error) {
    return { findings: [failure('identity', error, `restore ${file} from a backup, or move it away to start as a new peer`)] }
  }
}

/** Whether a file that must be kept from others is. */
export async function examineSecret(subject: string, file: string): Promise<Finding[]> {
  // Windows has no such bits.
  if (process.platform === 'win32') return []
  try {
    const { mode } = await stat(file)
    return [(mode & OTHERS) === 0 ? ok(subject, `only its owner can read ${file}`) : warning(subject, `other users of this machine can read or write ${file}`, `chmod 600 ${file}`)]
  } catch (error) {
    return [problem(subject, `${file} cannot be read (${codeOf(error)})`, 'check the path in the settings, and give this user the right to read it')]
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
