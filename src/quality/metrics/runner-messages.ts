import { z } from 'zod'

/** What the node sends to the process of a user's metric. */
export type ToRunner
  = | { readonly kind: 'load', readonly url: string }
    | { readonly kind: 'score', readonly id: number, readonly input: { readonly domain: string, readonly specification: string, readonly design: string } }
    | { readonly kind: 'tool-answer', readonly call: number, readonly answer?: unknown, readonly error?: string }

/** What the process may answer; anything else ends it. */
export const fromRunnerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('started') }),
  z.strictObject({ kind: z.literal('loaded') }),
  z.strictObject({ kind: z.literal('load-failed'), reason: z.string().max(10_000) }),
  z.strictObject({ kind: z.literal('scored'), id: z.int(), value: z.union([z.number(), z.null()]), reason: z.string().max(10_000) }),
  z.strictObject({ kind: z.literal('threw'), id: z.int(), reason: z.string().max(10_000) }),
  z.strictObject({ kind: z.literal('tool-call'), call: z.int(), tool: z.enum(['syntax', 'synthesis', 'circuit', 'equivalence']), arguments: z.array(z.string()).max(3) }),
])

export type FromRunner = z.infer<typeof fromRunnerSchema>
