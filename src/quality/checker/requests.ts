import { z } from 'zod'

import type { KnownReference } from '../verilog/checks.js'

const domain = z.enum(['verilog', 'qasm'])
const source = z.string()

/** A check, as it goes to a worker or over a socket. */
export const requestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('syntax'), domain, source }),
  z.strictObject({ kind: z.literal('synthesis'), source }),
  z.strictObject({ kind: z.literal('circuit'), source }),
  z.strictObject({
    kind: z.literal('equivalence'),
    domain,
    reference: source,
    candidate: source,
    boundedPass: z.int().min(0).max(10_000),
    initialState: z.enum(['any', 'zero']),
  }),
])

export type CheckRequest = z.infer<typeof requestSchema>

/** What a worker adds to a verdict. */
export interface WorkerAnswer {
  readonly id: number
  /** The verdict without its time, or undefined where the tool broke down. */
  readonly verdict?: { readonly outcome: 'pass' | 'fail' | 'unknown', readonly reason: string }
  readonly broken?: string
  readonly milliseconds: number
  /** Tool runs of the worker so far. */
  readonly runs: number
  readonly known?: KnownReference
}

export interface WorkerTask {
  readonly id: number
  readonly request: CheckRequest
  readonly known?: KnownReference
}

export type { KnownReference }
