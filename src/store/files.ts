import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'

import { systemFiles } from './file-system.js'
import type { FileSystem } from './file-system.js'

/** Ends the name of every file that is not yet, or no longer, part of the store. */
export const TEMPORARY_SUFFIX = '.tmp'

/**
 * Writes a file so that after a crash at any moment it holds either its old content or the new: write, fsync, rename, fsync of the folder.
 *
 * Not with the package write-file-atomic (6.0.0): it writes once and takes a short count, as a full disk gives, for success, and so
 * renames a truncated file over a good one. `FileHandle.writeFile` goes on until all is written or the disk says no.
 */
export async function writeAtomically(path: string, bytes: Uint8Array, files: FileSystem = systemFiles): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}${TEMPORARY_SUFFIX}`
  try {
    const file = await files.open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await files.rename(temporary, path)
  } catch (error) {
    await files.rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path), files)
}

/** Makes renames and removals in a folder durable. */
export async function syncFolder(folder: string, files: FileSystem): Promise<void> {
  const handle = await files.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Moves a damaged file out of the way, for a person to look at. Returns where it lies now. */
export async function moveAside(path: string, corruptedFolder: string, files: FileSystem): Promise<string> {
  await files.mkdir(corruptedFolder, { recursive: true })
  const aside = join(corruptedFolder, `${basename(path)}.${Date.now()}.${randomBytes(2).toString('hex')}`)
  await files.rename(path, aside)
  await syncFolder(dirname(path), files)
  return aside
}
