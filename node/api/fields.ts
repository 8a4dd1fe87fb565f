import * as z from 'zod'

import { invalid } from './errors.js'

/** Fields that a client may leave out or set to null. */
export function optional<Schema extends z.ZodType>(schema: Schema): z.ZodPipe<z.ZodOptional<z.ZodNullable<Schema>>, z.ZodTransform<NonNullable<z.output<Schema>> | undefined>> {
  return schema.nullish().transform((value): NonNullable<z.output<Schema>> | undefined => value ?? undefined)
}

export function whole(minimum: number, maximum: number): z.ZodInt {
  const fix = `give a whole number from ${minimum} to ${maximum}`
  return z.int({ error: fix }).min(minimum, { error: fix }).max(maximum, { error: fix })
}

export function between(minimum: number, maximum: number): z.ZodNumber {
  const fix = `give a number from ${minimum} to ${maximum}`
  return z.number({ error: fix }).min(minimum, { error: fix }).max(maximum, { error: fix })
}

export function text(longest: number, shortest = 1): z.ZodString {
  const fix = `give text of ${shortest} to ${longest} characters`
  return z.string({ error: fix }).min(shortest, { error: fix }).max(longest, { error: fix })
}

export const flag = z.boolean({ error: 'give true or false' })

/** @throws ApiError invalid_value, with the field as its `param` */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const param = issue.path.reduce<string>((path, key) => typeof key === 'number' ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${String(key)}`, '')
  throw invalid(param === '' ? 'body' : param, issue.code === 'invalid_type' && issue.expected === 'object' ? 'give a JSON object' : issue.message)
}
