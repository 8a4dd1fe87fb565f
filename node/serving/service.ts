import { performance } from 'node:perf_hooks'

import { bestOf, openGenerator, samplingOptions } from '../../src/inference/index.js'
import type { Generator, Served } from '../../src/inference/index.js'
import type { AdapterSettings } from '../../src/model/index.js'
import type { Checker, Domain } from '../../src/quality/index.js'
import { encodePrompt } from '../../src/training/index.js'
import { NodeError } from '../errors.js'

import type { BaseInfo } from '../daemon/base-model.js'
import type { UserMetrics } from '../daemon/user-metrics.js'
import { ADAPTER_NAMES } from './request.js'
import type { AdapterName, GenerateAnswer, GenerateEvent, GenerateRequest } from './request.js'

export interface ServiceOptions {
  readonly base: BaseInfo
  readonly settings: AdapterSettings
  readonly threads: number
  readonly domain: Domain
  readonly checker: () => Checker
  /** The user's own metrics; where there are any, all designs that were asked for are written, and the best by them is the answer. */
  readonly metrics: Pick<UserMetrics, 'areUsed' | 'rate'>
  /** The adapters that there are now. */
  readonly adapters: () => Readonly<Partial<Record<AdapterName, Float32Array>>>
  /** Token ids of the house's own designs. */
  readonly documents: readonly (readonly number[])[]
}

/** Writes designs with the models of this node. The thread starts with the first request. */
export class GenerationService {
  #generator: Promise<Generator> | undefined
  readonly #loaded = new Map<AdapterName, Float32Array>()
  readonly #running = new Set<Promise<GenerateAnswer>>()

  constructor(private readonly options: ServiceOptions) {}

  /**
   * @throws InferenceError as its requests are refused
   * @throws NodeError USAGE_INVALID for an adapter that this node does not have
   */
  generate(request: GenerateRequest, options: { readonly signal: AbortSignal, readonly onEvent?: (event: GenerateEvent) => void }): Promise<GenerateAnswer> {
    const answer = this.#generate(request, options)
    this.#running.add(answer)
    const done = (): void => void this.#running.delete(answer)
    answer.then(done, done)
    return answer
  }

  /** Waits for what is being written, which whoever closes should have aborted: a thread must not be ended within a run of ONNX Runtime. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running)
    const generator = await this.#generator?.catch(() => undefined)
    await generator?.close()
  }

  async #generate(request: GenerateRequest, { signal, onEvent }: { readonly signal: AbortSignal, readonly onEvent?: (event: GenerateEvent) => void }): Promise<GenerateAnswer> {
    const { base, checker, metrics, domain: usualDomain } = this.options
    const { specification, domain = usualDomain, reference, verify, samples, maximumTokens, draft } = request
    const adapter = this.#choose(request.adapter)
    const generator = await this.#ready(adapter)
    const { temperature, topK, topP, seed } = request
    const sampling = samplingOptions({ temperature: samples > 1 && temperature === 0 ? 0.8 : temperature, topK, topP, seed })
    const common = {
      prompt: [...encodePrompt(base.tokenizer, specification)],
      sampling, maximumTokens, draft,
      ...adapter === 'base' ? {} : { adapter },
    }
    if (verify) {
      const { best, candidates, served } = await bestOf(generator, checker(), { domain, specification, ...reference === undefined ? {} : { reference } }, {
        ...common, samples, signal,
        ...metrics.areUsed
          ? {
              stopAtFirstPass: false,
              rank: async (designs) => (await metrics.rate('designs that pass', designs.map((design) => [{ domain, specification, design }]), signal))?.values,
            }
          : {},
        ...onEvent ? { onPart: (part, sample) => onEvent({ ...part, sample }) } : {},
      })
      return {
        design: best.design, domain, adapter, draft, finish: best.generation.finish, verdict: best.verdict, candidates: candidates.length, ...figures(served),
        ...best.cost ? { cost: best.cost } : {},
        ...best.score === undefined ? {} : { score: best.score },
        trueput: served.passed ? 1000 / served.wallMilliseconds : 0,
      }
    }
    const begun = performance.now()
    const result = await generator.generate({ ...common, stop: [] }, { signal, ...onEvent ? { onPart: (part) => onEvent({ ...part, sample: 0 }) } : {} })
    const served = {
      passed: false, tokens: result.tokens, targetCalls: result.targetCalls, checkMilliseconds: 0,
      generationMilliseconds: result.promptMilliseconds + result.decodeMilliseconds, wallMilliseconds: performance.now() - begun,
    }
    return { design: result.text, domain, adapter, draft, finish: result.finish, candidates: 0, ...figures(served) }
  }

  #choose(wanted: AdapterName | undefined): AdapterName {
    const there = this.options.adapters()
    const has = (name: AdapterName): boolean => name === 'base' || there[name] !== undefined
    if (wanted === undefined) return (['personal', 'network', 'base'] as const).find(has)!
    if (!has(wanted)) {
      throw new NodeError('USAGE_INVALID', `this node has no ${wanted} adapter yet: use ${ADAPTER_NAMES.filter(has).join(', ')}, or wait for the end of the campaign (\`meshwright personalise\` makes one at once)`)
    }
    return wanted
  }

  /** The generator, with the adapter as it is now. */
  async #ready(name: AdapterName): Promise<Generator> {
    const { base, threads, documents, settings, adapters } = this.options
    this.#generator ??= openGenerator({ checkpoint: base.folder, quantization: 'q8', threads, maximumLength: base.config.maximumPositions })
      .then(async (generator) => {
        await generator.useCorpus(documents)
        return generator
      })
    const generator = await this.#generator.catch((error: unknown) => {
      this.#generator = undefined
      this.#loaded.clear()
      throw error
    })
    const values = adapters()[name]
    if (values && this.#loaded.get(name) !== values) {
      await generator.load(name, { settings, values })
      this.#loaded.set(name, values)
    }
    return generator
  }
}

function figures(served: Served): Pick<GenerateAnswer, 'served' | 'tokensPerSecond' | 'acceptanceLength'> {
  return {
    served,
    tokensPerSecond: served.generationMilliseconds > 0 ? served.tokens * 1000 / served.generationMilliseconds : 0,
    acceptanceLength: served.targetCalls > 0 ? served.tokens / served.targetCalls : 0,
  }
}
