import type { Auditor } from '../../src/audit/index.js'
import type { Policy } from '../../src/config/index.js'
import type { TypedEvents, Logger } from '../../src/telemetry/index.js'
import type { Store } from '../../src/store/index.js'
import * as z from 'zod'

import type { EvaluateHere } from '../serving/evaluate.js'
import type { AdapterMetrics } from './adapter-metrics.js'
import type { Designs } from './designs.js'
import type { AllEvents } from './events.js'
import type { KeptAdapters } from './kept-adapters.js'
import { personalise } from './personal.js'
import type { Workshop } from './workshop.js'

/** Enough to tell models apart that differ by a tenth, at some fifteen seconds a finalist with a small model. */
export const VERIFIED_DESIGNS = 96

export const personaliseSchema = z.strictObject({
  /** Whether a model is trained alone, too, for as long as a campaign: it doubles the work. */
  local: z.boolean().default(true),
  furtherSteps: z.int().min(0).max(10_000).default(50),
  /** Own designs that each finalist writes to be checked; 0 to choose by forward passes alone. */
  verified: z.int().min(0).max(1000).default(VERIFIED_DESIGNS),
})

export type PersonaliseRequest = z.infer<typeof personaliseSchema>
export type PersonalNews = AllEvents['personal:chosen']

const STATE = 'personal'
const VERSION = 1

export interface PersonaliserOptions {
  readonly workshop: Workshop
  readonly auditor: Auditor
  /** Writes designs with an adapter and checks them against the examples' own. */
  readonly evaluate: EvaluateHere
  /** Of a design that a candidate writes. */
  readonly maximumTokens: number
  /** The user's own metrics, where there are any. */
  readonly metrics?: Pick<AdapterMetrics, 'weigh'>
  readonly designs: Designs
  readonly initial: Float32Array
  readonly policy: Policy
  readonly adapters: KeptAdapters
  readonly store: Store
  readonly events: TypedEvents<AllEvents>
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Makes the personal model, one at a time, and keeps it. */
export class Personaliser {
  #running: Promise<PersonalNews> | undefined
  #own: Float32Array | undefined
  #news: PersonalNews | undefined

  constructor(private readonly options: PersonaliserOptions) {}

  get news(): PersonalNews | undefined { return this.#news }
  get isRunning(): boolean { return this.#running !== undefined }

  async restore(): Promise<void> {
    const { store, log } = this.options
    this.#news = await store.readState(STATE, { version: VERSION }).catch((error: unknown) => {
      log.warn('the scores of the personal model could not be read', { error })
      return undefined
    }) as PersonalNews | undefined
  }

  /** The peer's own weighing of the last round. */
  useOwn(adapter: Float32Array): void { this.#own = adapter }

  /** Whoever asks while one is being made gets that one. */
  make(request: PersonaliseRequest): Promise<PersonalNews> {
    this.#running ??= this.#make(request).finally(() => { this.#running = undefined })
    return this.#running
  }

  async #make({ local, furtherSteps, verified }: PersonaliseRequest): Promise<PersonalNews> {
    const { workshop, auditor, metrics, designs, initial, policy, adapters, store, events, log, signal } = this.options
    const network = adapters.get('network') ?? initial
    if (designs.validation.length === 0) log.warn('no design is left to choose the personal model by: it is the network\'s model until there are more designs')
    const made = await personalise({
      workshop, auditor, network, initial, furtherSteps, signal,
      validation: designs.validation,
      local: local ? { rounds: policy.campaignRounds, steps: policy.roundSteps.target } : undefined,
      onProgress: (progress) => events.emit('personal:progress', progress),
      ...verified > 0 ? { verify: (adapter, onProgress) => this.#passed(adapter, verified, onProgress) } : {},
      ...metrics ? { metrics } : {},
      ...this.#own ? { own: this.#own } : {},
    })
    adapters.set('personal', made.chosen.adapter)
    await adapters.save('personal')
    if (made.local) {
      adapters.set('local', made.local)
      await adapters.save('local')
    }
    this.#news = { chosen: made.chosen.name, scores: made.scores.map(({ name, score }) => ({ name, ...score })) }
    await store.writeState(STATE, VERSION, this.#news)
    log.info('the personal model is ready', { chosen: made.chosen.name, candidates: made.scores.length })
    events.emit('personal:chosen', this.#news)
    return this.#news
  }

  /** Which of some validation designs pass, the same ones for all. A checker that fails leaves the choice to the loss. */
  async #passed(adapter: Float32Array, count: number, onProgress: (checked: number, asked: number) => void): Promise<boolean[] | undefined> {
    const { designs, evaluate, maximumTokens, log, signal } = this.options
    const specifications = designs.validation.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, count)
    try {
      const { outcomes } = await evaluate({ specifications, maximumTokens }, { adapter, signal, onProgress: ({ checked, asked: all }) => onProgress(checked, all) })
      return outcomes.map((outcome) => outcome === 'pass')
    } catch (error) {
      signal.throwIfAborted()
      log.warn('the candidates for the personal model could not be checked, and are compared by their loss', { error })
      return undefined
    }
  }
}
