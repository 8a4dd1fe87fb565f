import * as z from 'zod'

import { encodedLength } from '../../src/adapter/index.js'
import type { NodeConfig } from '../../src/config/index.js'
import type { Admission, Identity } from '../../src/identity/index.js'
import type { AdapterLayout } from '../../src/model/index.js'
import type { Libp2pTransport } from '../../src/network/index.js'
import { ROUND_EVENT_NAMES } from '../../src/rounds/index.js'
import type { TypedEvents } from '../../src/telemetry/index.js'

import { parseParameters } from '../control/parameters.js'
import type { ControlHandler } from '../control/server.js'
import { NodeError } from '../errors.js'
import { chat, chatModels, chatSchema, check, checkSchema } from '../serving/chat.js'
import { evaluateSchema } from '../serving/evaluate.js'
import type { EvaluateHere } from '../serving/evaluate.js'
import { generateSchema } from '../serving/request.js'
import type { ApiStanding } from '../serving/serve.js'
import type { GenerationService } from '../serving/service.js'
import type { Designs } from './designs.js'
import { forWatching } from './events.js'
import type { AllEvents, NodeEvents } from './events.js'
import { explain } from './explain.js'
import type { FollowedRounds } from './follow-rounds.js'
import type { FollowedNetwork } from './followed-network.js'
import type { History } from './history.js'
import type { KeptAdapters } from './kept-adapters.js'
import type { Ledger } from './ledger/ledger.js'
import type { Life } from './life.js'
import { personaliseSchema } from './personaliser.js'
import type { Personaliser } from './personaliser.js'
import type { NodeStatus } from './status.js'
import { updateNetwork } from './update-network.js'
import type { UserMetrics } from './user-metrics.js'

export interface HandlerOptions {
  readonly settings: NodeConfig
  readonly followed: FollowedNetwork
  readonly admission: Admission
  readonly identity: Identity
  readonly layout: AdapterLayout
  readonly designs: Designs
  readonly transport: Libp2pTransport
  readonly ledger: Ledger
  readonly history: History
  readonly adapters: KeptAdapters
  readonly personaliser: Personaliser
  readonly service: GenerationService
  readonly evaluate: EvaluateHere
  readonly metrics: UserMetrics
  readonly api: ApiStanding
  readonly events: TypedEvents<AllEvents>
  readonly life: Life
  readonly rounds: FollowedRounds
}

const outgoingSchema = z.strictObject({ limit: z.int().min(0).max(10_000).default(50), kind: z.string().max(40).optional(), since: z.int().min(0).optional(), content: z.boolean().default(false) })
const stopSchema = z.strictObject({ leave: z.boolean().default(false) })
const roundsSchema = z.strictObject({ limit: z.int().min(1).max(10_000).default(10) })

const NODE_EVENT_NAMES = Object.keys({
  'stage:changed': 0, 'training:step': 0, 'personal:progress': 0, 'personal:chosen': 0, 'rounds:finished': 0,
} satisfies Record<keyof NodeEvents, 0>) as (keyof NodeEvents)[]

/** What commands may ask of a running node. */
export function controlHandlers(options: HandlerOptions): Readonly<Record<string, ControlHandler>> {
  const { settings, layout, ledger, history, adapters, personaliser, service, events, life, rounds } = options
  return {
    status: () => Promise.resolve(statusOf(options)),

    rounds: (params) => {
      const { limit } = parseParameters(roundsSchema, params)
      return Promise.resolve({ self: options.identity.peerId, rounds: history.rounds.slice(-limit) })
    },

    outgoing: async (params) => {
      const { content, ...filter } = parseParameters(outgoingSchema, params)
      const entries = (await ledger.entries(filter)).map((entry) => {
        const bytes = content ? ledger.content(entry) : undefined
        return bytes ? { ...entry, content: explain(bytes) } : entry
      })
      return { ...ledger.report(), entries }
    },

    generate: (params, { emit, signal }) =>
      service.generate(parseParameters(generateSchema, params), { signal: AbortSignal.any([signal, life.signal]), onEvent: emit }),

    models: () => Promise.resolve(chatModels(service)),

    chat: (params, { emit, signal }) => chat(service, parseParameters(chatSchema, params), { signal: AbortSignal.any([signal, life.signal]), onEvent: emit }),

    check: (params, { signal }) => check(service, parseParameters(checkSchema, params), AbortSignal.any([signal, life.signal])),

    personalise: async (params, { emit }) => {
      const end = events.on('personal:progress', emit)
      try {
        return await personaliser.make(parseParameters(personaliseSchema, params))
      } finally {
        end()
      }
    },

    evaluate: (params, { emit, signal }) => {
      const request = parseParameters(evaluateSchema, params)
      const adapter = adapters.get(request.adapter)
      if (request.adapter !== 'base' && !adapter) throw new NodeError('USAGE_INVALID', `this node has no ${request.adapter} adapter to evaluate: make one with \`meshwright personalise\``)
      return options.evaluate(request, { adapter, signal: AbortSignal.any([signal, life.signal]), onProgress: emit })
    },

    /** Goes on until the client goes away. */
    events: (_, { emit, signal }) => new Promise((resolve) => {
      const ends = [...NODE_EVENT_NAMES, ...ROUND_EVENT_NAMES].map((name) => events.on(name, (event) => emit({ time: Date.now(), name, event: forWatching(event) })))
      const end = (): void => {
        for (const one of ends) one()
        resolve(null)
      }
      if (signal.aborted) end()
      else signal.addEventListener('abort', end, { once: true })
    }),

    update: () => updateNetwork(options),

    stop: (params) => {
      life.askToStop(parseParameters(stopSchema, params ?? {}))
      return Promise.resolve(null)
    },
  }

  function statusOf({ followed, identity, designs, transport, metrics }: HandlerOptions): NodeStatus {
    const running = life.stage === 'in rounds' || life.stage === 'rounds finished' || life.stage === 'serving'
    return {
      stage: life.stage,
      peer: identity.peerId,
      processId: process.pid,
      uptimeSeconds: Math.round((performance.now() - life.begun) / 1000),
      dataFolder: settings.dataFolder,
      network: { name: followed.config.genesis.name, id: followed.id, policy: followed.config.policy.version },
      domain: settings.domain,
      addresses: transport.addresses(),
      reachability: transport.reachability(),
      bootstraps: transport.bootstraps(),
      connected: transport.peers().map(({ peer, address, direction, relayed, skewMs, roundTripMs }) => (
        { peer, address, direction, relayed, skewMs, ...roundTripMs === undefined ? {} : { roundTripMs } })),
      refused: transport.refusals().map(({ peer, address, reason }) => ({ peer, address, reason })),
      designs: { training: designs.training.length, validation: designs.validation.length, report: designs.report },
      rounds: running ? rounds.peer.status() : null,
      training: rounds.training() ?? null,
      personal: personaliser.news ?? null,
      metrics: metrics.status(),
      traffic: { ...ledger.traffic(), deltaBytes: encodedLength(layout.length), f32Bytes: layout.length * 4 },
      adapters: ['base', ...Object.keys(adapters.all())],
      api: options.api,
    }
  }
}
