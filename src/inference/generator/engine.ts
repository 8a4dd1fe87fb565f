import { performance } from 'node:perf_hooks'

import { BatchDecodeSession, CacheMemory, ModelError, type Checkpoint, type RecurrentDraft } from '../../model/index.js'
import { MemoryAtRest } from '../../telemetry/index.js'
import { DraftLength } from '../decoding/draft-length.js'
import { SpeculationSwitch } from '../decoding/speculation-switch.js'
import type { Draft } from '../drafts/draft.js'
import { lookupDraft } from '../drafts/lookup-draft.js'
import { PersonalDrafts } from '../drafts/personal-drafts.js'
import { InferenceError } from '../errors.js'
import { FairQueue } from './fair-queue.js'
import { LoadedDraft } from './loaded-draft.js'
import { LoadedModel, type Block } from './loaded-model.js'
import type { GenerationJob, GenerationPart, GeneratorLimits, GeneratorSetup, GeneratorStatistics, NamedAdapter, Request, Response } from './messages.js'
import { Output } from './output.js'
import { PrefixIndex } from './prefix-index.js'
import { Scheduler } from './scheduler.js'
import { TextRun } from './text-run.js'

/** Name of the model without an adapter. */
const BASE = ''
const MAXIMUM_TEXTS = 16
const PREFIX_CACHE_BYTES = 256 * 2 ** 20
const MOST_ALTERNATIVES = 20
/** Memory of texts that are written: of a small model, those of a thread that is full. What is not used of it is not there. */
const CACHE_MEMORY_BYTES = 128 * 2 ** 20

/** A request that has no place yet. */
interface Waiting {
  readonly id: number
  readonly job: GenerationJob
  readonly every: number | undefined
  isCancelled: boolean
}

interface Queued extends Waiting {
  readonly model: LoadedModel
}

interface Control {
  readonly draftLength: DraftLength
  readonly speculation: SpeculationSwitch
}

/** Writes what is asked for, with the base and the adapters that are loaded: who waits, who runs, what is remembered. One thread's, and one step at a time. */
export class Engine {
  readonly limits: GeneratorLimits
  readonly #models = new Map<string, LoadedModel>()
  /** Trained drafts, by the adapter that they are for. */
  readonly #trained = new Map<string, LoadedDraft>()
  /** What is known of each pair of an adapter and a draft. */
  readonly #controls = new Map<string, { readonly model: string, readonly control: Control }>()
  /** Requests that have not reached the queue. */
  readonly #arriving = new Map<number, Waiting>()
  readonly #queue = new FairQueue<Queued>()
  readonly #scheduler: Scheduler
  readonly #prefixes: PrefixIndex<Block>
  readonly #memory = new CacheMemory(CACHE_MEMORY_BYTES)
  readonly #rest = new MemoryAtRest({ release: () => this.#memory.clear() })
  readonly #totals = { promptTokens: 0, cachedTokens: 0, outputTokens: 0, drafted: 0, accepted: 0, targetCalls: 0 }
  #parts: { id: number, part: GenerationPart }[] = []
  readonly #drafts: PersonalDrafts
  #batchSize = 0
  /** What loads and unloads, one after another; a request that came later sees its effect. */
  #control: Promise<void> = Promise.resolve()
  #working: Promise<void> | undefined
  #isClosing = false

  constructor(private readonly checkpoint: Checkpoint, private readonly setup: GeneratorSetup, private readonly tell: (response: Response) => void) {
    const { config, tokenizer } = checkpoint
    this.#drafts = new PersonalDrafts(tokenizer)
    this.limits = { maximumLength: Math.min(setup.maximumLength, config.maximumPositions), maximumTexts: Math.max(1, setup.maximumTexts ?? MAXIMUM_TEXTS) }
    const blocks = Math.floor((setup.prefixCacheBytes ?? PREFIX_CACHE_BYTES) / BatchDecodeSession.blockBytes(config))
    this.#prefixes = new PrefixIndex(BatchDecodeSession.blockTokens, Math.max(0, blocks))
    this.#scheduler = new Scheduler({
      begin: (run) => this.#begin(run),
      read: (run) => this.#remember(run),
      part: (run, part) => this.#parts.push({ id: run.id, part }),
      end: (run) => this.#end(run),
      fail: (run, error) => this.#fail(run, error),
      step: (texts) => { this.#batchSize = texts },
    })
  }

  handle(request: Exclude<Request, { type: 'close' }>): void {
    const { id } = request
    if (request.type === 'statistics') {
      this.tell({ type: 'statistics', id, statistics: this.#statistics() })
      return
    }
    if (request.type === 'cancel') {
      this.#cancel(id)
      return
    }
    if (request.type === 'remember') {
      for (const text of request.texts) this.#drafts.remember(text)
      return
    }
    if (request.type === 'generate') {
      const waiting = { id, job: request.job, every: request.every, isCancelled: false }
      this.#arriving.set(id, waiting)
      void this.#control.then(() => this.#arrive(waiting)).catch((error: unknown) => this.#refuse(id, error))
      return
    }
    const serve = async (): Promise<void> => {
      if (request.type === 'load') await this.#load(request.name, request.adapter)
      if (request.type === 'unload') await this.#unload(request.name)
      if (request.type === 'draft') await this.#useDraft(request.name, request.draft)
      if (request.type === 'corpus') this.tell({ type: 'indexed', id, index: this.#drafts.useCorpus(request.precedents, request.kept) })
      else this.tell({ type: 'done', id })
    }
    this.#control = this.#control.then(serve).catch((error: unknown) => this.#refuse(id, error))
  }

  /** Cancels everything and waits for the step that is under way. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const waiting of this.#arriving.values()) waiting.isCancelled = true
    while (this.#queue.remove(() => true));
    for (const run of this.#scheduler.all()) run.isCancelled = true
    await this.#control
    await this.#working
  }

  async #load(name: string, adapter?: NamedAdapter): Promise<LoadedModel> {
    const model = await LoadedModel.load(name, this.checkpoint, this.setup, this.limits, this.#memory, this.#prefixes.root(), adapter)
    await this.#unload(name)
    this.#models.set(name, model)
    return model
  }

  async #unload(name: string): Promise<void> {
    const model = this.#models.get(name)
    if (!model) return
    this.#models.delete(name)
    this.#prefixes.drop(model.prefixes)
    await model.retire()
  }

  async #useDraft(name: string, draft: RecurrentDraft | undefined): Promise<void> {
    const loaded = draft === undefined ? undefined : await LoadedDraft.load(this.checkpoint, draft)
    const before = this.#trained.get(name)
    if (loaded) this.#trained.set(name, loaded)
    else this.#trained.delete(name)
    await before?.retire()
  }

  async #arrive(waiting: Waiting): Promise<void> {
    const { id, job, every } = waiting
    this.#check(job)
    const name = job.adapter ?? BASE
    if (name === BASE && !this.#models.has(BASE)) await this.#loadBase()
    const model = this.#models.get(name)
    if (!model) throw new InferenceError('INFERENCE_ADAPTER_UNKNOWN', `no adapter named ${name} is loaded: load it first, or leave the name out for the base model`)
    this.#arriving.delete(id)
    if (waiting.isCancelled || this.#isClosing) throw cancelled()
    model.use()
    this.#queue.push(clientOf(job), { id, job, every, isCancelled: false, model })
    this.#rest.busy()
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
      this.#rest.idle()
    })
  }

  /** Nothing runs for a request that cannot be served. */
  #check({ prompt, logprobs }: GenerationJob): void {
    const { maximumLength } = this.limits
    const { vocabularySize } = this.checkpoint.config
    if (prompt.length === 0) throw new InferenceError('INFERENCE_PROMPT_EMPTY', 'the prompt has no tokens: give a specification')
    if (prompt.length >= maximumLength) {
      throw new InferenceError('INFERENCE_PROMPT_TOO_LONG', `the prompt has ${prompt.length} tokens and the model holds ${maximumLength}: shorten the specification`)
    }
    const unknown = prompt.find((token) => !(Number.isSafeInteger(token) && token >= 0 && token < vocabularySize))
    if (unknown !== undefined) throw new ModelError('MODEL_TOKEN_UNKNOWN', `the prompt has token ${unknown}, and the vocabulary has ${vocabularySize} tokens: encode it with the model's own tokenizer`)
    if (logprobs !== undefined && !(Number.isSafeInteger(logprobs) && logprobs >= 0 && logprobs <= MOST_ALTERNATIVES)) {
      throw new InferenceError('INFERENCE_SAMPLING_INVALID', `logprobs is ${logprobs}: give a whole number from 0 to ${MOST_ALTERNATIVES}`)
    }
  }

  #loadBase(): Promise<void> {
    const loading = this.#control.then(async () => {
      if (!this.#models.has(BASE)) await this.#load(BASE)
    })
    this.#control = loading.catch(() => undefined)
    return loading
  }

  #cancel(id: number): void {
    const arriving = this.#arriving.get(id)
    if (arriving) arriving.isCancelled = true
    const queued = this.#queue.remove((one) => one.id === id)
    if (queued) {
      void queued.model.leave()
      this.#refuse(id, cancelled())
    }
    const run = this.#scheduler.all().find((one) => one.id === id)
    if (run) run.isCancelled = true
  }

  async #work(): Promise<void> {
    for (;;) {
      await this.#scheduler.sweep()
      this.#admit()
      if (this.#scheduler.size === 0) break
      await this.#scheduler.step()
      this.#tellParts()
      // Lets messages in: the port's are read between turns of the event loop only.
      await new Promise<void>((resolve) => { setImmediate(resolve) })
    }
    this.#batchSize = 0
  }

  #admit(): void {
    while (this.#scheduler.size < this.limits.maximumTexts) {
      const counts = new Map<string, number>()
      for (const { job } of this.#scheduler.all()) counts.set(clientOf(job), (counts.get(clientOf(job)) ?? 0) + 1)
      const next = this.#queue.shift((client) => counts.get(client) ?? 0)
      if (!next) return
      this.#scheduler.add(this.#run(next))
    }
  }

  #run({ id, job, every, model }: Queued): TextRun {
    const trained = job.draft === 'personal' ? this.#trained.get(model.name) : undefined
    trained?.use()
    const draft = job.draft === 'none' ? undefined : job.draft === 'lookup' ? lookupDraft : this.#drafts.for(job.prompt)
    const now = (): number => performance.now()
    return new TextRun(id, job, { model, ...(trained ? { trained } : {}) }, new Output(this.checkpoint.tokenizer, job.stop, job.logprobs !== undefined, every === undefined ? undefined : { every, now }), {
      prompt: job.prompt,
      maximumTokens: Math.min(job.maximumTokens, this.limits.maximumLength - job.prompt.length),
      endIds: this.checkpoint.tokenizer.endIds,
      sampling: job.sampling,
      now,
      ...(job.logprobs === undefined ? {} : { logprobs: job.logprobs }),
      ...(draft ? { draft, ...this.#controlOf(model.name, draft, trained) } : {}),
      ...(trained ? { trained: trained.trained, asking: trained.asking } : {}),
    })
  }

  #begin(run: TextRun): void {
    const { job: { prompt }, model: { session, prefixes }, text } = run
    // The last token is always computed: what follows it is not remembered.
    for (const { value, tokens } of this.#prefixes.match(prefixes, prompt.slice(0, -1)).blocks) {
      // No token may be read by itself into the last place of a block: there its bits depend on whether it is.
      session.appendBlock(text, value, session.isUniform || tokens !== BatchDecodeSession.blockTokens - 1 ? tokens : tokens - 1)
    }
    run.cachedTokens = session.length(text)
    this.#totals.promptTokens += prompt.length
    this.#totals.cachedTokens += run.cachedTokens
  }

  /** Keeps keys and values of a text, as far as it would compute the same ones as a prompt. */
  #remember({ job, writing, text, model: { session, prefixes, isRetired } }: TextRun): void {
    if (isRetired) return
    const length = session.isUniform ? session.length(text) : Math.min(session.length(text), job.prompt.length - 1)
    this.#prefixes.insert(prefixes, writing.text.slice(0, length), (block) => session.block(text, block))
  }

  async #end(run: TextRun): Promise<void> {
    if (!run.isCancelled) {
      const part = run.output.flush()
      if (part) this.#parts.push({ id: run.id, part })
      this.#tellParts()
      this.tell({ type: 'done', id: run.id, result: run.result() })
    } else {
      this.#refuse(run.id, cancelled())
    }
    this.#remember(run)
    await this.#leave(run)
  }

  async #fail(run: TextRun, error: unknown): Promise<void> {
    this.#refuse(run.id, error)
    await this.#leave(run)
  }

  async #leave({ model, trained, text, writing, output }: TextRun): Promise<void> {
    this.#totals.outputTokens += output.tokens
    this.#totals.accepted += output.accepted
    this.#totals.drafted += writing.counts.drafted
    this.#totals.targetCalls += writing.counts.targetCalls
    model.session.close(text)
    await model.leave()
    await trained?.leave()
  }

  #tellParts(): void {
    if (this.#parts.length === 0) return
    this.tell({ type: 'parts', parts: this.#parts })
    this.#parts = []
  }

  #refuse(id: number, error: unknown): void {
    this.#arriving.delete(id)
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'INFERENCE_WORKER_ENDED'
    this.tell({ type: 'failed', id, code, message: error instanceof Error ? error.message : String(error) })
  }

  #controlOf(model: string, draft: Draft, trained: LoadedDraft | undefined): Control {
    const key = JSON.stringify([model, draft.name, trained !== undefined])
    const known = this.#controls.get(key) ?? { model, control: { draftLength: new DraftLength(), speculation: new SpeculationSwitch() } }
    this.#controls.set(key, known)
    return known.control
  }

  #statistics(): GeneratorStatistics {
    const totals = { ...this.#totals }
    const runs = this.#scheduler.all()
    for (const { writing, output } of runs) {
      totals.outputTokens += output.tokens
      totals.accepted += output.accepted
      totals.drafted += writing.counts.drafted
      totals.targetCalls += writing.counts.targetCalls
    }
    const speculation: Record<string, 'on' | 'off'> = {}
    for (const { model, control } of this.#controls.values()) speculation[model] = control.speculation.isOn || speculation[model] === 'on' ? 'on' : 'off'
    return {
      running: runs.length, waiting: this.#queue.size + this.#arriving.size, batchSize: this.#batchSize,
      prefixCacheBytes: this.#prefixes.size * BatchDecodeSession.blockBytes(this.checkpoint.config),
      ...totals, speculation,
    }
  }
}

function clientOf({ client }: GenerationJob): string {
  return client ?? ''
}

function cancelled(): InferenceError {
  return new InferenceError('INFERENCE_ABORTED', 'the request was cancelled')
}
