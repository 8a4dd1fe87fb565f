import { z } from 'zod'

import { ConfigError } from './errors.js'
import type { ConfigProblem } from './errors.js'

/** Problems listed in one message; a file of another kind would fill screens. */
const LISTED_PROBLEMS = 8

/**
 * Checks a value against a schema.
 *
 * @param source - how the value is called in messages, usually its file
 * @throws ConfigError CONFIG_INVALID with the path, the value and the fix of each field that is wrong
 */
export function parseConfig<Schema extends z.ZodType>(schema: Schema, value: unknown, source: string): z.infer<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, schema, value))
  const listed = problems.slice(0, LISTED_PROBLEMS).map(({ field, value: found, fix }) => `  ${field === '' ? 'the file' : field} is ${found}: ${fix}`)
  if (problems.length > LISTED_PROBLEMS) listed.push(`  and ${problems.length - LISTED_PROBLEMS} more`)
  throw new ConfigError('CONFIG_INVALID', `${source} has ${problems.length === 1 ? 'a field' : `${problems.length} fields`} to mend:\n${listed.join('\n')}`, problems)
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): ConfigProblem[] {
  if (issue.code !== 'unrecognized_keys') {
    const fix = issue.code === 'invalid_type' && issue.expected === 'object' ? 'write an object in braces' : issue.message
    return [{ field: pathText(issue.path), value: shown(valueAt(value, issue.path)), fix }]
  }
  const known = knownFields(schema, issue.path)
  return issue.keys.map((key, at) => {
    const path = [...issue.path, key]
    // Of a flood of fields, only the first are listed.
    const nearest = at < LISTED_PROBLEMS ? nearestOf(key, known) : undefined
    const fix = nearest === undefined
      ? `no such field is known, remove it (known here: ${known.join(', ')})`
      : `no such field is known, did you mean ${pathText([...issue.path, nearest])}?`
    return { field: pathText(path), value: shown(valueAt(value, path)), fix }
  })
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => typeof key === 'number' ? `${text}[${key}]` : `${text}${text === '' ? '' : '.'}${String(key)}`, '')
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined, value)
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = jsonOf(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** A file may nest what it holds deeper than can be written again. */
function jsonOf(value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value)
    return typeof text === 'string' ? text : typeof value
  } catch {
    return 'a value that is nested too deep'
  }
}

function knownFields(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema
  for (const key of [...path, undefined]) {
    while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) at = at.unwrap()
    if (key === undefined) break
    at = at instanceof z.ZodArray ? at.element : at instanceof z.ZodObject ? Reflect.get(at.shape, key) : undefined
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

/** A longer key is no slip of the pen, and comparing it takes time. */
const LONGEST_NAME = 100

/** The known name that takes the fewest edits, where that is at most a third of the letters. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined
  let best: string | undefined
  let fewest = Math.floor(Math.max(3, name.length) / 3) + 1
  for (const candidate of known) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (edits >= fewest) continue
    fewest = edits
    best = candidate
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
