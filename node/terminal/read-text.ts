import { readFile } from 'node:fs/promises'

import { codeOf } from '../control/errors.js'
import { NodeError } from '../errors.js'

/** @param what - what the file holds, for people. @throws NodeError USAGE_INVALID */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new NodeError('USAGE_INVALID', `the ${what} ${file} cannot be read (${codeOf(error)}): check the path and the right to read it`, { cause: error })
  }
}
