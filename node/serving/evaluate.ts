import { setMaxListeners } from 'node:events'

import * as z from 'zod'

import type { AdapterSettings } from '../../src/model/index.js'
import type { Checker, Domain } from '../../src/quality/index.js'
import { encodePrompt } from '../../src/training/index.js'

import type { BaseInfo } from '../daemon/base-model.js'
import { ADAPTER_NAMES } from './request.js'
import { writeMany } from './write-many.js'

/** Specifications with reference designs, on which a model of this node is to be measured. */
export const evaluateSchema = z.strictObject({
  adapter: z.enum(ADAPTER_NAMES),
  maximumTokens: z.int().min(1).max(65_536).default(512),
  specifications: z.array(z.strictObject({
    domain: z.enum(['verilog', 'qasm']), specification: z.string().min(1).max(20_000), design: z.string().min(1).max(200_000),
  })).min(1).max(10_000),
})

export type EvaluateRequest = z.infer<typeof evaluateSchema>

/** Of how many specifications the greedily written design does what the reference does. Unknown is not passed. */
export interface Evaluation {
  readonly asked: number
  readonly passed: number
  readonly failed: number
  readonly unknown: number
  readonly outcomes: readonly ('pass' | 'fail' | 'unknown')[]
}

export interface EvaluationTask {
  readonly specifications: readonly { readonly domain: Domain, readonly specification: string, readonly design: string }[]
  readonly maximumTokens: number
}

export interface EvaluateOptions {
  readonly base: BaseInfo
  readonly settings: AdapterSettings
  readonly adapter: Float32Array | undefined
  readonly threads: number
  readonly checker: Checker
  readonly signal: AbortSignal
  readonly onProgress?: (progress: { readonly written: number, readonly checked: number, readonly passed: number, readonly asked: number }) => void
}

/** An evaluation on a node's own base, checker and threads. */
export type EvaluateHere = (task: EvaluationTask, options: Pick<EvaluateOptions, 'adapter' | 'signal' | 'onProgress'>) => Promise<Evaluation>

/** Writes all designs greedily, side by side, and checks each as soon as it is there. */
export async function evaluate({ specifications, maximumTokens }: EvaluationTask, options: EvaluateOptions): Promise<Evaluation> {
  const { base, settings, adapter, threads, checker, signal, onProgress } = options
  // Every design that waits for the checker hears of it.
  setMaxListeners(0, signal)
  const counts = { written: 0, checked: 0, passed: 0, asked: specifications.length }
  const checks: Promise<'pass' | 'fail' | 'unknown'>[] = []
  const check = async (index: number, design: string): Promise<'pass' | 'fail' | 'unknown'> => {
    const { domain, design: reference } = specifications[index]!
    const outcome = withoutSpace(design) === withoutSpace(reference) ? 'pass' as const : (await checker.equivalence(domain, reference, design, { signal })).outcome
    counts.checked += 1
    if (outcome === 'pass') counts.passed += 1
    onProgress?.({ ...counts })
    return outcome
  }
  await writeMany({
    checkpoint: base.folder,
    threads,
    maximumTokens,
    prompts: specifications.map(({ specification }) => [...encodePrompt(base.tokenizer, specification)]),
    ...adapter ? { adapter: { settings, values: adapter } } : {},
  }, {
    signal,
    onWritten: (index, text) => {
      counts.written += 1
      onProgress?.({ ...counts })
      checks[index] = check(index, text)
      // Awaited below; a failure before that must not count as unhandled.
      checks[index].catch(() => undefined)
    },
  })
  const outcomes = await Promise.all(checks)
  const count = (wanted: string): number => outcomes.filter((outcome) => outcome === wanted).length
  return { asked: specifications.length, passed: count('pass'), failed: count('fail'), unknown: count('unknown'), outcomes }
}

/** The same text is the same design, however it is laid out: both come from one tokenizer. */
function withoutSpace(design: string): string {
  return design.replace(/\s+/g, ' ').trim()
}
