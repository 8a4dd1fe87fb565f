import { z } from 'zod'

import type { Bench } from '../types.js'
import type { KnownReference } from '../verilog/checks.js'

/** Files that a simulation has anyway. */
const RESERVED = /^(?:(?:testbench|reference|design|candidate)\.sv|bench|alone|log|out)$/

const domain = z.enum(['verilog', 'qasm'])
const source = z.string()
const bench = {
  testbench: source,
  reference: source.optional(),
  top: z.string().optional(),
  files: z.record(z.string().regex(/^\w[\w.-]{0,99}$/, 'a file of a testbench has a plain name').refine((name) => !RESERVED.test(name), 'a file of a testbench has the name of one of ours'), source),
}

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
  z.strictObject({ kind: z.literal('testbench'), candidate: source, ...bench }),
  z.strictObject({ kind: z.literal('bench'), ...bench }),
])

export type CheckRequest = z.infer<typeof requestSchema>
/** A check that the tools of the worker threads can make; testbenches run in processes of their own. */
export type WorkerRequest = Exclude<CheckRequest, BenchRequest>
export type BenchRequest = Extract<CheckRequest, { readonly kind: 'testbench' | 'bench' }>

/** A testbench and what belongs to it, without anything else that a request or a question holds. */
export function benchOf({ testbench, reference, top, files = {} }: Pick<BenchRequest, 'testbench' | 'reference' | 'top'> & { readonly files?: BenchRequest['files'] }): Required<Pick<Bench, 'testbench' | 'files'>> & Bench {
  return { testbench, files, ...reference === undefined ? {} : { reference }, ...top === undefined ? {} : { top } }
}

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
  readonly request: WorkerRequest
  readonly known?: KnownReference
}

export type { KnownReference }
