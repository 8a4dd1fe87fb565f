import * as z from 'zod'

import { ApiError, invalid } from './errors.js'
import type { CommonRequest } from './requests.js'

/** @throws ApiError response_format_unmet */
export type FormatCheck = (text: string) => void

/** Bytes and levels of a schema. */
const LARGEST_SCHEMA = 64 * 1024
const DEEPEST_SCHEMA = 32
/** These let a client choose work without bound: regular expressions, and schemas that hold themselves. */
const REFUSED_WORDS = new Set(['pattern', 'patternProperties', 'propertyNames', '$ref', '$dynamicRef'])

/**
 * Nothing makes a model write JSON here: what it wrote is checked, and refused where it is not what was asked for.
 *
 * @returns undefined for text
 * @throws ApiError invalid_value
 */
export function formatCheckOf(format: CommonRequest['response_format']): FormatCheck | undefined {
  if (format === undefined || format.type === 'text') return undefined
  if (format.type === 'json_object') return (text) => void objectOf(text)
  const schema = compile(format.json_schema?.schema)
  return (text) => {
    const checked = schema.safeParse(objectOf(text, false))
    if (!checked.success) throw unmet(text, `the answer does not fit the schema (${checked.error.issues[0]!.path.join('.') || 'at its root'}: ${checked.error.issues[0]!.message})`)
  }
}

function compile(schema: Readonly<Record<string, unknown>> | undefined): z.ZodType {
  const field = 'response_format.json_schema.schema'
  if (schema === undefined) throw invalid(field, 'give a JSON schema')
  const problem = problemOf(schema, DEEPEST_SCHEMA)
  if (problem !== undefined) throw invalid(field, problem)
  if (JSON.stringify(schema).length > LARGEST_SCHEMA) throw invalid(field, `give a schema of at most ${LARGEST_SCHEMA} bytes`)
  try {
    return z.fromJSONSchema(schema)
  } catch (error) {
    throw invalid(field, `this is no JSON schema that can be checked (${error instanceof Error ? error.message : String(error)})`)
  }
}

function problemOf(value: unknown, levels: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (levels === 0) return `give a schema of at most ${DEEPEST_SCHEMA} levels`
  for (const [word, inner] of Object.entries(value)) {
    if (!Array.isArray(value) && REFUSED_WORDS.has(word)) return `"${word}" is not checked here: leave it out`
    const problem = problemOf(inner, levels - 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function objectOf(text: string, mustBeObject = true): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw unmet(text, `the answer is no JSON (${error instanceof Error ? error.message : String(error)})`)
  }
  if (mustBeObject && (typeof value !== 'object' || value === null || Array.isArray(value))) throw unmet(text, 'the answer is JSON, and no object')
  return value
}

function unmet(text: string, what: string): ApiError {
  const shown = text.length > 200 ? `${text.slice(0, 197)}...` : text
  return new ApiError(422, 'response_format_unmet', `${what}: the model writes what it has learnt, and its text is only checked; ask again with another seed or a higher max_tokens. It wrote ${JSON.stringify(shown)}`, { param: 'response_format' })
}
