import { z } from 'zod'

import { requestSchema } from './requests.js'

const id = z.int().min(0)

/** What a client may send. */
export const clientMessageSchema = z.union([
  z.strictObject({ id, check: requestSchema }),
  z.strictObject({ id, cancel: z.literal(true) }),
  z.strictObject({ id, statistics: z.literal(true) }),
])

const verdict = z.object({ outcome: z.enum(['pass', 'fail', 'unknown']), reason: z.string(), milliseconds: z.number() }).loose()
const statistics = z.object({
  runs: z.number(), fromCache: z.number(), timeouts: z.number(), crashes: z.number(), recycled: z.number(),
  workers: z.number(), waiting: z.number(), running: z.number(), residentBytes: z.number(),
})

/** What a server answers. */
export const serverMessageSchema = z.union([
  z.object({ id, verdict }),
  z.object({ id, statistics }),
  z.object({ id, error: z.object({ code: z.string(), message: z.string() }) }),
])

export type ClientMessage = z.infer<typeof clientMessageSchema>
export type ServerMessage = z.infer<typeof serverMessageSchema>
