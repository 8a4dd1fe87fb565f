import type { z } from 'zod'

import { decodeCanonical } from '../../identity/index.js'
import { TransportError } from '../errors.js'

/**
 * What a peer sent, checked for form: canonical bytes, then the schema.
 *
 * @throws TransportError MESSAGE_MALFORMED
 */
export function readMessage<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array, what: string): z.infer<Schema> {
  try {
    return checked(schema, decodeCanonical(bytes), what)
  } catch (error) {
    throw error instanceof TransportError ? error : malformed(what, error)
  }
}

/** The same for a value that was decoded before. @throws TransportError MESSAGE_MALFORMED */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw malformed(what, `${issue?.path.join('.') || 'the message'}: ${issue?.message ?? 'not of its form'}`)
}

export function malformed(what: string, why: unknown): TransportError {
  return new TransportError('MESSAGE_MALFORMED', `a peer sent no ${what}: ${why instanceof Error ? why.message : String(why)}; update the older of the two nodes`, why instanceof Error ? { cause: why } : undefined)
}
