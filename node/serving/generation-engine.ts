import { realpath } from 'node:fs/promises'
import path from 'node:path'

import { importPeft } from '../../src/adapter/index.js'
import type { GenerationJob, GenerationPart, GenerationResult } from '../../src/inference/index.js'
import { samplingOptions } from '../../src/inference/index.js'

import type { ChatTurn, Engine, ModelCard, VerifiedJob, WriteJob, WriteOptions, Written } from '../api/engine.js'
import { ApiError } from '../api/errors.js'
import { encodeChat } from './chat-text.js'
import { infillOf } from './infill.js'
import { ADAPTER_NAMES, BEST_FIRST } from './request.js'
import type { AdapterName, GenerateAnswer } from './request.js'
import { TEXTS_AT_ONCE } from './open-writer.js'
import { PICTURE } from './service.js'
import type { GenerationService } from './service.js'

/** The model that a client means which names none, or only us. */
const BEST = 'meshwright'
/** Adapters of clients have names of their own beside the node's. */
const ADDED = 'client '
/** The files of a PEFT folder. */
const PEFT_FILES = ['adapter_config.json', 'adapter_model.safetensors']

export interface GenerationEngineOptions {
  readonly service: GenerationService
  /** Clients may load adapters from below it; from nowhere where absent. */
  readonly adapterFolder?: string
}

/** The models of a node, for its API. */
export class GenerationEngine implements Engine {
  readonly concurrency = TEXTS_AT_ONCE
  readonly canInfill: boolean
  readonly #infill: ReturnType<typeof infillOf>
  #longestToken: number | undefined

  constructor(private readonly options: GenerationEngineOptions) {
    this.#infill = infillOf(this.#base.tokenizer)
    this.canInfill = this.#infill !== undefined
  }

  get #base(): GenerationService['base'] { return this.options.service.base }
  get context(): number { return this.#base.config.maximumPositions }
  get fingerprint(): string { return this.#base.contentId }

  get longestText(): number {
    const { tokenizer } = this.#base
    // Once, and only some milliseconds: a text of more than so many characters a token cannot fit.
    this.#longestToken ??= Array.from({ length: tokenizer.vocabularySize }, (_, id) => tokenizer.decode([id]).length).reduce((most, length) => Math.max(most, length), 1)
    return this.context * this.#longestToken
  }

  models(): ModelCard[] {
    const { names, added } = this.options.service
    return [
      ...names.map((name) => ({ id: `${BEST}/${name}`, aliases: [name], adapter: name, isLoaded: false })),
      ...added.map((name) => ({ id: name.slice(ADDED.length), aliases: [], adapter: name, isLoaded: true })),
    ]
  }

  find(name: string | undefined): ModelCard | undefined {
    const models = this.models()
    if (name === undefined || name === BEST) return BEST_FIRST.map((best) => models.find(({ adapter }) => adapter === best)).find((model) => model !== undefined)
    return models.find(({ id, aliases }) => id === name || aliases.includes(name))
  }

  encode(text: string): number[] { return this.#base.tokenizer.encode(text) }
  decode(ids: readonly number[]): string { return this.#base.tokenizer.decode(ids) }
  knows(id: number): boolean { return id < this.#base.config.vocabularySize }

  encodeChat(messages: readonly ChatTurn[]): number[] {
    return encodeChat(this.#base.tokenizer, messages)
  }

  encodeInfill(before: string, after: string): number[] { return this.#infill!(before, after) }

  async write({ adapter, client, logprobs, sampling: given, ...job }: WriteJob, { signal, onPart }: WriteOptions): Promise<Written> {
    const asked: GenerationJob = {
      ...job, sampling: samplingOptions(given), client,
      ...adapter === 'base' ? {} : { adapter },
      ...logprobs === undefined ? {} : { logprobs },
    }
    const result = await this.options.service.use(adapter, (generator) => generator.generate(asked, {
      signal,
      ...onPart
        ? { every: PICTURE, onPart: ({ text, logprobs: told }: GenerationPart) => onPart({ text, ...told ? { logprobs: told } : {} }) }
        : {},
    }))
    await this.options.service.remember(job.prompt, result, false)
    const { text, tokens, drafted, accepted, targetCalls, promptMilliseconds, decodeMilliseconds } = result
    return {
      text, tokens, drafted, accepted, targetCalls,
      finish: finishOf(result.finish),
      promptTokens: result.promptTokens,
      cachedTokens: result.cachedTokens,
      milliseconds: promptMilliseconds + decodeMilliseconds,
      ...result.logprobs ? { logprobs: result.logprobs } : {},
    }
  }

  async writeVerified({ adapter, prompt, specification, domain, reference, testbench, samples, maximumTokens, sampling, draft }: VerifiedJob, { signal, onPart }: WriteOptions): Promise<Written> {
    if (!isOwn(adapter)) throw new ApiError(400, 'unsupported', 'meshwright.verify: only the node\'s own models are verified here, not adapters that a client has loaded', { param: 'meshwright.verify' })
    const { temperature, topK, topP, seed } = sampling
    const answer = await this.options.service.generate({
      adapter, specification, maximumTokens, draft, temperature, topK, topP, seed,
      verify: true,
      ...samples === undefined ? {} : { samples },
      ...domain === undefined ? {} : { domain },
      ...reference === undefined ? {} : { reference },
      ...testbench === undefined ? {} : { testbench },
    }, { signal, prompt, ...onPart ? { onEvent: ({ text }) => onPart({ text }) } : {} })
    return {
      text: answer.design,
      finish: finishOf(answer.finish),
      promptTokens: prompt.length,
      cachedTokens: 0,
      ...answer.written,
      ...callsOf(answer),
      verified: {
        verdict: answer.verdict!, candidates: answer.candidates, trueput: answer.trueput ?? 0,
        ...answer.tries ? { tries: answer.tries } : {},
        ...answer.stopped === undefined ? {} : { stopped: answer.stopped },
        ...answer.cost ? { cost: answer.cost } : {},
        ...answer.score === undefined ? {} : { score: answer.score },
      },
    }
  }

  async load(name: string, folder: string): Promise<void> {
    const { settings, values } = await this.#read(folder)
    await this.options.service.add(ADDED + name, { settings, values })
  }

  unload(name: string): Promise<void> {
    return this.options.service.remove(ADDED + name)
  }

  state(): ReturnType<Engine['state']> {
    return this.options.service.state
  }

  async #read(folder: string): Promise<{ readonly settings: Awaited<ReturnType<typeof importPeft>>['layout']['settings'], readonly values: Float32Array }> {
    const { adapterFolder } = this.options
    if (adapterFolder === undefined) throw new ApiError(403, 'adapters_closed', 'no adapters may be loaded: set api.adapterFolder to the folder in which they lie', { param: 'lora_path' })
    const refuse = (why: string, cause?: unknown): never => {
      throw new ApiError(400, 'adapter_invalid', `lora_path: ${why}`, { param: 'lora_path', cause })
    }
    const home = await realpath(adapterFolder).catch((error: unknown) => refuse('the folder of api.adapterFolder is not there', error))
    // Links are followed first: what counts is where the files lie.
    const within = async (file: string): Promise<string> => {
      const found = await realpath(path.resolve(home, file)).catch((error: unknown) => refuse(`there is no ${path.basename(file)} in that folder below api.adapterFolder`, error))
      return found.startsWith(home + path.sep) ? found : refuse('the adapter must lie below api.adapterFolder')
    }
    // A path that leads out is refused before anything is looked for there.
    if (!path.resolve(home, folder).startsWith(home + path.sep) && !path.resolve(adapterFolder, folder).startsWith(adapterFolder + path.sep)) refuse('the adapter must lie below api.adapterFolder')
    const place = await within(folder)
    for (const file of PEFT_FILES) await within(path.join(place, file))
    const { layout, adapter } = await importPeft(place, this.#base.config)
    return { settings: layout.settings, values: adapter }
  }
}

function finishOf(finish: GenerationResult['finish']): Written['finish'] {
  return finish === 'length' ? 'length' : 'stop'
}

function callsOf({ served, written }: GenerateAnswer): Pick<Written, 'targetCalls' | 'milliseconds'> {
  // Of all designs that were written, the share of the one that is returned.
  const share = served.tokens > 0 ? written.tokens / served.tokens : 0
  return { targetCalls: served.targetCalls * share, milliseconds: served.generationMilliseconds * share }
}

function isOwn(adapter: string): adapter is AdapterName {
  return (ADAPTER_NAMES as readonly string[]).includes(adapter)
}
