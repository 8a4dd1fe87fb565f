import { readFileSync } from 'node:fs'
import path from 'node:path'

import { findPackageRoot } from '../../src/config/index.js'

const documented = new Set([...readFileSync(path.join(findPackageRoot(), 'docs', 'reference', 'errors.md'), 'utf8').matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, code]) => code!))

/** The code of an error that the documentation lists, and so tells people what to do about. */
export function documentedCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && documented.has(code) ? code : undefined
}

/** What the language itself says where code went on with something that it had not checked. */
const RUNTIME = /is not a function|is not iterable|Cannot (?:read|set|destructure|convert|mix)|Maximum call stack|Invalid (?:array|string|typed array) length|Array buffer allocation|undefined \(/

/** Whether an error, or the one that it was made of in the end, is the language's own, and not of a library that is called to see what it says. */
export function isRuntimeError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error.cause instanceof Error) return isRuntimeError(error.cause)
  const [, place = ''] = (error.stack ?? '').split(/\n\s+at /)
  return RUNTIME.test(error.message) && !place.includes('node_modules')
}
