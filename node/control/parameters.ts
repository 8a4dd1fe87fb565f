import type * as z from 'zod'

import { NodeError } from '../errors.js'

/** What a command or a method was given, in its form. @throws NodeError USAGE_INVALID, which names the field */
export function parseParameters<Schema extends z.ZodType>(schema: Schema, parameters: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(parameters ?? {})
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  throw new NodeError('USAGE_INVALID', `${issue.path.join('.') || 'the request'}: ${issue.message}`)
}
