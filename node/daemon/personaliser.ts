import type { Auditor } from '../../src/audit/index.js'
import type { Policy } from '../../src/config/index.js'
import type { Example } from '../../src/corpus/index.js'
import type { PersonalChoice } from '../../src/inference/index.js'
import type { TypedEvents, Logger } from '../../src/telemetry/index.js'
import type { Store } from '../../src/store/index.js'
import * as z from 'zod'

import type { EvaluateHere } from '../serving/evaluate.js'
import type { AdapterMetrics } from './adapter-metrics.js'
import type { Designs } from './designs.js'
import type { AllEvents } from './events.js'
import type { KeptAdapters } from './kept-adapters.js'
import type { KnownScore } from './personal-measures.js'
import { personalise } from './personal.js'
import { leadersOf, refreshPersonal } from './refresh-personal.js'
import type { Comparison } from './refresh-personal.js'
import { inTurn } from './spare-time.js'
import type { GivenTime, SpareTime } from './spare-time.js'
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
/** Own designs that candidates are scored by, and finalists write, after a round: about half a minute of work in all with a small model. */
const REFRESH_DESIGNS = 64
/** Steps of further training after a round; they add up where the model of the round before is carried over. */
const REFRESH_STEPS = 10

const STATE = 'personal'
const VERSION = 2

const stateSchema = z.strictObject({
  chosen: z.string(),
  scores: z.array(z.strictObject({ name: z.string(), exact: z.number(), loss: z.number(), passed: z.number().exactOptional(), own: z.number().exactOptional() })),
  /** The round after which the choice was made; 0 where that is not known. */
  round: z.int().min(0),
  /** Milliseconds since 1970; 0 where that is not known. */
  time: z.number().min(0),
  compared: z.strictObject({ round: z.int().min(0), leaders: z.array(z.string()).readonly(), chosen: z.string() }).exactOptional(),
})

export type PersonalNews = AllEvents['personal:chosen']

export interface PersonaliserOptions {
  readonly workshop: Workshop
  readonly auditor: Auditor
  /** An auditor that measures no relevance, on another thread or at other times. */
  readonly auditorOn: (worker: Workshop['worker']) => Auditor
  readonly spareTime: SpareTime
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
  #own: { readonly round: number, readonly adapter: Float32Array } | undefined
  #news: z.infer<typeof stateSchema> | undefined
  /** The last record's round. */
  #round = 0
  /** From which shared adapter the personal one was made; not known after a restart. */
  #from: Float32Array | undefined
  /** Whether the last refresh was abandoned: then the next one makes do with what needs no training. */
  #isHurried = false
  readonly #known = new WeakMap<Float32Array, KnownScore>()

  constructor(private readonly options: PersonaliserOptions) {}

  get news(): PersonalNews | undefined { return this.#news }
  get isRunning(): boolean { return this.#running !== undefined }

  /** What was said of the personal model on disk. A crash may leave it older than the model, never newer. */
  async restore(): Promise<void> {
    const { store, log } = this.options
    // Version 1 said nothing of the round.
    const migrate = (value: unknown): unknown => ({ ...value as object, round: 0, time: 0 })
    this.#news = await store.readState(STATE, { version: VERSION, migrate }).then((value) => (value === undefined ? undefined : stateSchema.parse(value))).catch((error: unknown) => {
      log.warn('the scores of the personal model could not be read', { error })
      return undefined
    })
  }

  /** The peer's own weighing of a round. */
  useOwn(adapter: Float32Array, round: number): void { this.#own = { round, adapter } }

  /** From now on the network's adapter is that of this round. */
  useRound(round: number): void { this.#round = round }

  /** Whoever asks while one is being made gets that one. */
  make(request: PersonaliseRequest): Promise<PersonalNews> {
    this.#running ??= this.options.spareTime.training(() => this.#make(request)).finally(() => { this.#running = undefined })
    return this.#running
  }

  /** Makes the choice again after a round, in spare time. What is better is served at once; what is abandoned leaves what was. */
  async refresh(time: GivenTime): Promise<void> {
    const { workshop, auditorOn, metrics, adapters, events } = this.options
    const round = this.#round
    const [network, local, before] = [adapters.get('network'), adapters.get('local'), adapters.get('personal')]
    if (network === undefined || (before !== undefined && this.#news?.round === round)) return
    const isHurried = this.#isHurried
    this.#isHurried = true
    const worker = inTurn(workshop.worker, time)
    const refreshed = refreshPersonal({
      workshop, worker, round, network,
      auditor: auditorOn(worker),
      validation: this.#some(REFRESH_DESIGNS),
      steps: workshop.usable > 0 && !isHurried ? REFRESH_STEPS : 0,
      known: this.#known,
      signal: time.signal,
      verify: async (adapter, onProgress) => {
        await time.turn()
        return this.#passed(adapter, REFRESH_DESIGNS, time.signal, onProgress)
      },
      onProgress: (progress) => events.emit('personal:progress', progress),
      ...metrics ? { metrics } : {},
      ...this.#own?.round === round ? { own: this.#own.adapter } : {},
      ...local && !isHurried ? { local } : {},
      ...before ? { before } : {},
      ...this.#from ? { beforeFrom: this.#from } : {},
      ...this.#news?.compared ? { compared: this.#news.compared } : {},
    })
    for await (const { chosen, scores, compared } of refreshed) {
      await this.#keep({ chosen, scores, network, round, compared })
      this.#isHurried = false
    }
  }

  async #make({ local, furtherSteps, verified }: PersonaliseRequest): Promise<PersonalNews> {
    const { workshop, auditor, metrics, designs, initial, policy, adapters, events, log, signal } = this.options
    const network = adapters.get('network') ?? initial
    const round = this.#round
    if (designs.validation.length === 0) log.warn('no design is left to choose the personal model by: it is the network\'s model until there are more designs')
    const made = await personalise({
      workshop, auditor, network, initial, furtherSteps, signal,
      validation: designs.validation,
      local: local ? { rounds: policy.campaignRounds, steps: policy.roundSteps.target } : undefined,
      onProgress: (progress) => events.emit('personal:progress', progress),
      ...verified > 0 ? { verify: (adapter, onProgress) => this.#passed(adapter, verified, signal, onProgress) } : {},
      ...metrics ? { metrics } : {},
      ...this.#own ? { own: this.#own.adapter } : {},
    })
    if (made.local) {
      adapters.set('local', made.local)
      await adapters.save('local')
    }
    return this.#keep({ ...made, network, round, compared: { round, leaders: leadersOf(made), chosen: made.chosen.name } })
  }

  /** Serves it, and writes down first the model, then what is said of it. */
  async #keep({ chosen, scores, network, round, compared }: Pick<PersonalChoice, 'chosen' | 'scores'> & { readonly network: Float32Array, readonly round: number, readonly compared: Comparison | undefined }): Promise<PersonalNews> {
    const { adapters, store, events, log } = this.options
    // What has stayed as it was still comes from where it came from.
    if (adapters.get('personal') !== chosen.adapter) this.#from = network
    adapters.set('personal', chosen.adapter)
    await adapters.save('personal')
    const news = { chosen: chosen.name, scores: scores.map(({ name, score }) => ({ name, ...score })), round, time: Date.now(), ...compared ? { compared } : {} }
    this.#news = news
    await store.writeState(STATE, VERSION, news)
    log.info('the personal model is ready', { chosen: chosen.name, candidates: scores.length, round })
    events.emit('personal:chosen', news)
    return news
  }

  /** Validation designs, the same ones each time. */
  #some(count: number): readonly Example[] {
    return this.options.designs.validation.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, count)
  }

  /** Which of some validation designs pass, the same ones for all. A checker that fails leaves the choice to the loss. */
  async #passed(adapter: Float32Array, count: number, signal: AbortSignal, onProgress: (checked: number, asked: number) => void): Promise<boolean[] | undefined> {
    const { evaluate, maximumTokens, log } = this.options
    const specifications = this.#some(count)
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
