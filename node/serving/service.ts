import { performance } from 'node:perf_hooks'

import { bestOf, samplingOptions } from '../../src/inference/index.js'
import type { Generator, GenerationResult, NamedAdapter, SamplingOptions } from '../../src/inference/index.js'
import type { AdapterSettings, RecurrentDraft } from '../../src/model/index.js'
import type { Checker, Domain } from '../../src/quality/index.js'
import { encodePrompt } from '../../src/training/index.js'
import { codeOf, messageOf } from '../control/errors.js'
import { NodeError } from '../errors.js'

import type { BaseInfo } from '../daemon/base-model.js'
import type { UserMetrics } from '../daemon/user-metrics.js'
import { figures, writtenOf } from './figures.js'
import type { KeptStrategy } from './kept-strategy.js'
import { openWriter } from './open-writer.js'
import type { WriterOptions } from './open-writer.js'
import { repairWith } from './repair.js'
import { ADAPTER_NAMES, BEST_FIRST } from './request.js'
import type { AdapterName, GenerateAnswer, GenerateEvent, GenerateRequest } from './request.js'

export interface ServiceOptions extends WriterOptions {
  readonly settings: AdapterSettings
  readonly domain: Domain
  readonly checker: () => Checker
  /** The user's own metrics; where there are any, all designs that were asked for are written, and the best by them is the answer. */
  readonly metrics: Pick<UserMetrics, 'areUsed' | 'rate'>
  /** The adapters that there are now. */
  readonly adapters: () => Readonly<Partial<Record<AdapterName, Float32Array>>>
  /** The trained part of the personal draft, as it is now. */
  readonly trained?: () => RecurrentDraft | undefined
  /** How designs are tried for where a request does not say; one greedy design where absent. */
  readonly strategy?: Pick<KeptStrategy, 'planFor' | 'modelChanged'>
  /** Around each use, for whoever is not to do other things meanwhile. */
  readonly whileUsed?: <T>(act: () => Promise<T>) => Promise<T>
}

export interface GenerateHow {
  readonly signal: AbortSignal
  readonly onEvent?: (event: GenerateEvent) => void
  /** Token ids to go on from, where they are not those of the specification alone. */
  readonly prompt?: readonly number[]
}

/** Milliseconds: readers are told what is new as often as a screen shows another picture. */
export const PICTURE = 16

interface LoadedAdapter {
  readonly values: Float32Array
  readonly done: Promise<void>
}

/** Writes designs with the models of this node. The thread starts with the first request, and anew after it has failed. */
export class GenerationService {
  #generator: Promise<Generator> | undefined
  #isOpen = false
  #problem: string | undefined
  readonly #loaded = new Map<string, LoadedAdapter>()
  /** The trained draft that each of the node's own adapters has. */
  readonly #drafts = new Map<string, RecurrentDraft>()
  readonly #added = new Map<string, NamedAdapter>()
  readonly #running = new Set<Promise<unknown>>()

  constructor(private readonly options: ServiceOptions) {}

  get base(): BaseInfo { return this.options.base }
  /** What kind of hardware is meant where a request does not say. */
  get domain(): Domain { return this.options.domain }
  get checker(): Checker { return this.options.checker() }
  /** The node's own models that there are now. */
  get names(): AdapterName[] { return ADAPTER_NAMES.filter((name) => this.#has(name)) }
  /** Those that were added, by name. */
  get added(): string[] { return [...this.#added.keys()] }
  /** Whether the model is in memory, and what kept it from it at the last attempt. */
  get state(): { readonly loaded: boolean, readonly problem?: string } {
    return { loaded: this.#isOpen, ...this.#problem === undefined ? {} : { problem: this.#problem } }
  }

  /**
   * @throws InferenceError as its requests are refused, also INFERENCE_TESTBENCH_INVALID and INFERENCE_TESTBENCH_NOT_RUN
   * @throws NodeError USAGE_INVALID for an adapter that this node does not have
   */
  async generate(request: GenerateRequest, how: GenerateHow): Promise<GenerateAnswer> {
    const adapter = this.#choose(request.adapter)
    return this.use(adapter, (generator) => this.#generate(request, adapter, generator, how))
  }

  /** Runs something with the thread that writes, and an adapter loaded in it: one of the node's own, or one that was added. */
  use<T>(adapter: string, act: (generator: Generator) => Promise<T>): Promise<T> {
    const { whileUsed } = this.options
    const whole = (): Promise<T> => this.#use(adapter, act)
    const result = whileUsed ? whileUsed(whole) : whole()
    this.#running.add(result)
    const done = (): void => void this.#running.delete(result)
    result.then(done, done)
    return result
  }

  /** Lets drafts learn from a text that was finished for a user. Of one that was cut off they would learn where to break off. */
  async remember(prompt: readonly number[], { ids, finish }: Pick<GenerationResult, 'ids' | 'finish'>, isVerified: boolean): Promise<void> {
    if (finish === 'length') return
    const text = this.options.history?.add({ prompt, design: ids, isVerified })
    if (text === undefined) return
    const generator = await this.#generator?.catch(() => undefined)
    generator?.remember([text])
  }

  /**
   * Serves another adapter of the same base.
   *
   * @throws InferenceError, ModelError where it cannot be loaded; it is not there then
   */
  async add(name: string, adapter: NamedAdapter): Promise<void> {
    this.#added.set(name, adapter)
    try {
      await this.use(name, () => Promise.resolve())
    } catch (error) {
      this.#added.delete(name)
      throw error
    }
  }

  async remove(name: string): Promise<void> {
    if (!this.#added.delete(name)) return
    this.#loaded.delete(name)
    await (await this.#generator?.catch(() => undefined))?.unload(name)
  }

  /** Waits for what is being written, which whoever closes should have aborted: a thread must not be ended within a run of ONNX Runtime. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running)
    const generator = await this.#generator?.catch(() => undefined)
    await generator?.close()
  }

  async #use<T>(adapter: string, act: (generator: Generator) => Promise<T>): Promise<T> {
    const generator = await this.#ready(adapter)
    try {
      return await act(generator)
    } catch (error) {
      // The next request has a new thread.
      if (codeOf(error) === 'INFERENCE_WORKER_ENDED' && await this.#generator?.catch(() => undefined) === generator) this.#forget()
      throw error
    }
  }

  async #generate(request: GenerateRequest, adapter: AdapterName, generator: Generator, { signal, onEvent, prompt }: GenerateHow): Promise<GenerateAnswer> {
    const { base, checker, metrics, strategy, domain: usualDomain } = this.options
    const { specification, reference, testbench, verify, samples, maximumTokens, draft } = request
    // Testbenches are Verilog, whatever the node's own designs are.
    const domain = request.domain ?? (testbench === undefined ? usualDomain : 'verilog')
    const sampling = samplingOf(request)
    const common = {
      prompt: prompt ?? [...encodePrompt(base.tokenizer, specification)],
      sampling, maximumTokens, draft,
      ...adapter === 'base' ? {} : { adapter },
    }
    if (verify) {
      const plan = samples === undefined ? strategy?.planFor(domain, specification) : undefined
      const { best, candidates, served, tries, stopped } = await bestOf(generator, checker(), { domain, specification, ...reference === undefined ? {} : { reference }, ...testbench === undefined ? {} : { testbench } }, {
        ...common, signal,
        samples: samples ?? 1,
        repairPrompt: repairWith(base, specification),
        ...plan === undefined ? {} : { plan },
        ...metrics.areUsed
          ? {
              // Designs that were asked for are all written, and the best by the user's metrics is taken.
              stopAtFirstPass: samples === undefined,
              rank: async (designs) => (await metrics.rate('designs that pass', designs.map((design) => [{ domain, specification, design }]), signal))?.values,
            }
          : {},
        ...onEvent ? { onPart: (part, sample) => onEvent({ ...part, sample }) } : {},
      })
      if (best.verdict.outcome === 'pass') await this.remember(common.prompt, best.generation, true)
      return {
        design: best.design, domain, adapter, draft, finish: best.generation.finish, verdict: best.verdict, tries, stopped, candidates: candidates.length, ...figures(served), written: writtenOf(best.generation),
        ...best.cost ? { cost: best.cost } : {},
        ...best.score === undefined ? {} : { score: best.score },
        trueput: served.passed ? 1000 / served.wallMilliseconds : 0,
      }
    }
    const begun = performance.now()
    const result = await generator.generate({ ...common, stop: [] }, { signal, ...onEvent ? { every: PICTURE, onPart: (part) => onEvent({ ...part, sample: 0 }) } : {} })
    await this.remember(common.prompt, result, false)
    const served = {
      passed: false, tokens: result.tokens, targetCalls: result.targetCalls, checkMilliseconds: 0,
      generationMilliseconds: result.promptMilliseconds + result.decodeMilliseconds, wallMilliseconds: performance.now() - begun,
    }
    return { design: result.text, domain, adapter, draft, finish: result.finish, candidates: 0, ...figures(served), written: writtenOf(result) }
  }

  #choose(wanted: AdapterName | undefined): AdapterName {
    if (wanted === undefined) return BEST_FIRST.find((name) => this.#has(name))!
    if (!this.#has(wanted)) {
      throw new NodeError('USAGE_INVALID', `this node has no ${wanted} adapter yet: use ${this.names.join(', ')}, or wait for the end of the campaign (\`meshwright personalise\` makes one at once)`)
    }
    return wanted
  }

  #has(name: AdapterName): boolean {
    return name === 'base' || this.options.adapters()[name] !== undefined
  }

  /** The generator, with the adapter as it is now. */
  async #ready(name: string): Promise<Generator> {
    const { settings, adapters } = this.options
    this.#generator ??= this.#open()
    const generator = await this.#generator
    const values = adapters()[name as AdapterName]
    const adapter = this.#added.get(name) ?? (values ? { settings, values } : undefined)
    if (!adapter) return generator
    let loaded = this.#loaded.get(name)
    if (loaded?.values !== adapter.values) {
      // What passed with the old one says less of the new one.
      if (loaded !== undefined) this.options.strategy?.modelChanged()
      loaded = { values: adapter.values, done: generator.load(name, adapter) }
      this.#loaded.set(name, loaded)
    }
    try {
      await loaded.done
    } catch (error) {
      if (this.#loaded.get(name) === loaded) this.#loaded.delete(name)
      throw error
    }
    if (!this.#added.has(name)) await this.#useDraft(name, generator)
    return generator
  }

  /** Speed alone depends on it, so that one that cannot be loaded is no reason not to write. */
  async #useDraft(name: string, generator: Generator): Promise<void> {
    const draft = this.options.trained?.()
    if (draft === undefined || this.#drafts.get(name) === draft) return
    this.#drafts.set(name, draft)
    await generator.useDraft(name, draft).catch((error: unknown) => { this.#problem = `${codeOf(error)}: ${messageOf(error)}` })
  }

  async #open(): Promise<Generator> {
    try {
      const generator = await openWriter(this.options)
      this.#isOpen = true
      this.#problem = undefined
      return generator
    } catch (error) {
      this.#forget()
      this.#problem = `${codeOf(error)}: ${messageOf(error)}`
      throw error
    }
  }

  #forget(): void {
    this.#generator = undefined
    this.#isOpen = false
    this.#loaded.clear()
    this.#drafts.clear()
  }
}

function samplingOf({ samples, temperature, topK, topP, seed }: GenerateRequest): SamplingOptions {
  return samplingOptions({ temperature: (samples ?? 1) > 1 && temperature === 0 ? 0.8 : temperature, topK, topP, seed })
}
