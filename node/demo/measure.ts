import { trueput } from '../../src/inference/index.js'
import type { Served, Trueput } from '../../src/inference/index.js'
import type { Checker } from '../../src/quality/index.js'
import { createRandom, shuffled } from '../../src/telemetry/index.js'

import type { ControlClient } from '../control/client.js'
import type { Evaluation } from '../serving/evaluate.js'
import type { AdapterName, GenerateAnswer } from '../serving/request.js'
import type { PublicPair } from '../settings/model-data.js'

/** Held-out specifications of a domain on which the models are compared, and further ones for Trueput. */
const EVALUATED = 48
const SERVED = 10

export interface TestSet {
  readonly evaluated: readonly PublicPair[]
  readonly served: readonly PublicPair[]
}

/** Held-out specifications of families that the companies brought, as evenly over families as can be. */
export function testSet(heldOut: readonly PublicPair[], domain: string, families: ReadonlySet<string>, seed: number): TestSet {
  const random = createRandom(seed + 1)
  const byFamily = new Map<string, PublicPair[]>()
  for (const pair of shuffled(heldOut.filter((one) => one.domain === domain && families.has(one.family)), random)) {
    byFamily.set(pair.family, [...byFamily.get(pair.family) ?? [], pair])
  }
  const drawn: PublicPair[] = []
  for (let turn = 0; drawn.length < EVALUATED + SERVED; turn++) {
    const next = [...byFamily.values()].flatMap((pairs) => pairs[turn] ?? [])
    if (next.length === 0) break
    drawn.push(...next)
  }
  return { evaluated: drawn.slice(0, EVALUATED), served: drawn.slice(EVALUATED, EVALUATED + SERVED) }
}

export const MODELS = ['base', 'local', 'network', 'personal'] as const satisfies readonly AdapterName[]

/** Pass rates of a node's models on one set of specifications. */
export async function compareModels(node: ControlClient, { evaluated }: TestSet, onProgress: (model: string, checked: number, asked: number) => void): Promise<Record<(typeof MODELS)[number], Evaluation>> {
  const rates: Partial<Record<(typeof MODELS)[number], Evaluation>> = {}
  for (const adapter of MODELS) {
    const specifications = evaluated.map(({ domain, specification, design }) => ({ domain, specification, design }))
    rates[adapter] = await node.call('evaluate', { adapter, specifications }, (event) => {
      const { checked, asked } = event as { readonly checked: number, readonly asked: number }
      onProgress(adapter, checked, asked)
    }) as Evaluation
  }
  return rates as Record<(typeof MODELS)[number], Evaluation>
}

export interface ServedDesign {
  readonly pair: PublicPair
  readonly design: string
  readonly outcome: 'pass' | 'fail' | 'unknown'
  readonly reason: string
  readonly checkMilliseconds: number
}

export interface Serving {
  readonly plain: Trueput
  readonly speculative: Trueput
  readonly designs: readonly ServedDesign[]
  /** Whether both wrote the same designs, which they must. */
  readonly identical: boolean
}

/**
 * Serves specifications with the personal model, plainly and with the personal draft in turn. Each design is checked once against its reference, and
 * that time counts on both sides: a second check would come from the checker's memory.
 */
export async function compareServing(node: ControlClient, checker: Checker, { served }: TestSet, onProgress: (done: number, asked: number) => void): Promise<Serving> {
  const plain: Served[] = []
  const speculative: Served[] = []
  const designs: ServedDesign[] = []
  let identical = true
  const write = (pair: PublicPair, draft: 'none' | 'personal'): Promise<GenerateAnswer> =>
    node.call('generate', { specification: pair.specification, domain: pair.domain, adapter: 'personal', draft, maximumTokens: 512 }) as Promise<GenerateAnswer>
  // The first request loads the model, and the first draft learns how long it may be: neither is what a user waits for later.
  if (served[0]) {
    await write(served[0], 'none')
    await write(served[0], 'personal')
  }
  for (const [at, pair] of served.entries()) {
    const drafts = at % 2 === 0 ? ['none', 'personal'] as const : ['personal', 'none'] as const
    const answers = new Map<string, GenerateAnswer>()
    for (const draft of drafts) answers.set(draft, await write(pair, draft))
    const one = answers.get('none')!
    const other = answers.get('personal')!
    identical &&= one.design === other.design
    const begun = performance.now()
    const verdict = await checker.equivalence(pair.domain, pair.design, one.design)
    const checkMilliseconds = performance.now() - begun
    for (const [answer, list] of [[one, plain], [other, speculative]] as const) {
      list.push({ ...answer.served, passed: verdict.outcome === 'pass', checkMilliseconds, wallMilliseconds: answer.served.wallMilliseconds + checkMilliseconds })
    }
    designs.push({ pair, design: one.design, outcome: verdict.outcome, reason: verdict.reason, checkMilliseconds })
    onProgress(at + 1, served.length)
  }
  return { plain: trueput(plain), speculative: trueput(speculative), designs, identical }
}
