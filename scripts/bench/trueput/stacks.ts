import { performance } from 'node:perf_hooks'

import { bestOf, learntPlan, repairPrompt, samplingOptions, taskClass } from '../../../src/inference/index.js'
import type { Generator, Strategy } from '../../../src/inference/index.js'
import type { Tokenizer } from '../../../src/model/index.js'
import type { Checker } from '../../../src/quality/index.js'
import { encodePrompt } from '../../../src/training/index.js'
import type { Pair } from '../learning/peers.js'

/** What a user might run. */
export interface Stack {
  readonly name: string
  /** As loaded in the generator; the base where absent. */
  readonly adapter?: string
  readonly draft: 'none' | 'personal'
  /** Undefined: one design a specification, drawn at this temperature, unchecked. */
  readonly strategy: Strategy | undefined
  readonly temperature: number
  /** By default where it pays. */
  readonly earlyStop?: boolean
}

export interface Answer {
  readonly design: string
  /** From the specification to the returned design, its own checks included. */
  readonly milliseconds: number
  /** Of these the checks took, beside the writing. */
  readonly checkMilliseconds: number
  readonly tokens: number
  readonly targetCalls: number
  readonly designs: number
}

export interface Bench {
  readonly generator: Generator
  readonly tokenizer: Tokenizer
  readonly checker: Checker
}

const LONGEST_DESIGN_TOKENS = 448
const DESIGNS_AT_MOST = 8

/** One specification, answered without a look at its reference. */
export async function answer({ generator, tokenizer, checker }: Bench, stack: Stack, { domain, specification }: Pair, seed: number): Promise<Answer> {
  const { adapter, draft, strategy, temperature, earlyStop } = stack
  const prompt = [...encodePrompt(tokenizer, specification)]
  const common = { prompt, maximumTokens: LONGEST_DESIGN_TOKENS, draft, sampling: samplingOptions({ temperature, seed }), ...adapter === undefined ? {} : { adapter } }
  const begun = performance.now()
  if (strategy === undefined) {
    const { text, tokens, targetCalls } = await generator.generate({ ...common, stop: [] })
    return { design: text, milliseconds: performance.now() - begun, checkMilliseconds: 0, tokens, targetCalls, designs: 1 }
  }
  const { best, candidates, served } = await bestOf(generator, checker, { domain, specification }, {
    ...common, ...earlyStop === undefined ? {} : { earlyStop }, samples: DESIGNS_AT_MOST,
    plan: learntPlan(strategy, taskClass(domain, specification), { atLeast: 1, atMost: DESIGNS_AT_MOST, mayRepair: true }),
    repairPrompt: (candidate) => repairPrompt(tokenizer, specification, candidate),
  })
  return { design: best.design, milliseconds: performance.now() - begun, checkMilliseconds: served.checkMilliseconds, tokens: served.tokens, targetCalls: served.targetCalls, designs: candidates.length }
}
