import { readFile } from 'node:fs/promises'

import { NodeError } from '../../errors.js'

/** The checkers take no longer text. */
const LONGEST_BYTES = 256 * 1024

/** A text of a suite. @throws NodeError SUITE_INVALID */
export async function textOf(file: string, longest = LONGEST_BYTES): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => { throw invalid(file, 'it cannot be read', error) })
  if (bytes.length > longest) throw invalid(file, `it has ${bytes.length} bytes, and at most ${longest} are taken`)
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}

export function invalid(where: string, what: string, cause?: unknown): NodeError {
  return new NodeError('SUITE_INVALID', `${where}: ${what}`, { cause })
}
