import * as z from 'zod'

import type { BestOf, DesignVerdict, GenerationPart, Served } from '../../src/inference/index.js'

/** Names under which a node serves a model. */
export const ADAPTER_NAMES = ['base', 'network', 'local', 'personal'] as const
export type AdapterName = (typeof ADAPTER_NAMES)[number]

/** Which is served where nobody says: the best that there is. There is always a base. */
export const BEST_FIRST = ['personal', 'network', 'base'] as const satisfies readonly AdapterName[]

const text = (longest: number) => z.string().min(1).max(longest)

/** What a design is asked for with. */
export const generateSchema = z.strictObject({
  specification: text(20_000),
  domain: z.enum(['verilog', 'qasm']).optional(),
  /** Equivalence to it decides, where there is one. */
  reference: text(200_000).optional(),
  /** Verilog. It decides, where there is one; the reference is then for it to compare with. */
  testbench: text(200_000).optional(),
  /** Check what is written: by its testbench, else with a reference for equivalence, else for synthesis or meaning. */
  verify: z.boolean().default(false),
  /** Designs that are written at most until one passes. Where absent and they are checked, as many tries as experience says. */
  samples: z.int().min(1).max(64).optional(),
  temperature: z.number().min(0).max(10).default(0),
  topK: z.int().min(0).max(1_000_000).default(0),
  topP: z.number().gt(0).max(1).default(1),
  seed: z.int().default(0),
  maximumTokens: z.int().min(1).max(65_536).default(768),
  draft: z.enum(['none', 'lookup', 'personal']).default('personal'),
  /** Default: the best that there is, personal before network before base. */
  adapter: z.enum(ADAPTER_NAMES).optional(),
})

export type GenerateRequest = z.infer<typeof generateSchema>
export type GenerateInput = z.input<typeof generateSchema>

/** A design, what the checkers said of it, and what it took. */
export interface GenerateAnswer {
  readonly design: string
  readonly domain: 'verilog' | 'qasm'
  readonly adapter: AdapterName
  readonly draft: GenerateRequest['draft']
  readonly finish: 'end' | 'length' | 'stop'
  /** Absent where nothing was checked. */
  readonly verdict?: DesignVerdict
  readonly cost?: NonNullable<BestOf['best']['cost']>
  /** What the user's own metrics say of the design, 0..1; absent where there are none, or it did not pass. */
  readonly score?: number
  /** How each try was made and why, and why there was no further one; absent where nothing was checked. */
  readonly tries?: readonly { readonly arm: string, readonly why: string }[]
  readonly stopped?: string
  /** Distinct designs that were checked. */
  readonly candidates: number
  readonly served: Served
  /** Tokens of the design itself, and of these the ones that a draft had proposed and the model took. */
  readonly written: { readonly tokens: number, readonly drafted: number, readonly accepted: number }
  readonly tokensPerSecond: number
  readonly acceptanceLength: number
  /** Verified designs a second: 1 or 0 over the time from request to answer; absent where nothing was checked. */
  readonly trueput?: number
}

/** Part of an answer as it appears. */
export interface GenerateEvent extends GenerationPart {
  /** Which of several designs, from 0. */
  readonly sample: number
}
