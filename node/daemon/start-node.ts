import { mkdir } from 'node:fs/promises'

// First of all: it brings what libp2p needs.
import { joinNetwork } from './join-network.js'
import { encodedLength } from '../../src/adapter/index.js'
import { createAuditor, loadProbePool } from '../../src/audit/index.js'
import type { ProbePool } from '../../src/audit/index.js'
import { networkFileOf } from '../../src/config/index.js'
import { loadOrCreateIdentity } from '../../src/identity/index.js'
import { openModelWorker } from '../../src/model/index.js'
import { openStore } from '../../src/store/index.js'
import { createRandom, systemClock, TypedEvents } from '../../src/telemetry/index.js'
import { encodeExample, encodePrompt, packedLength } from '../../src/training/index.js'

import { controlAddress } from '../control/address.js'
import { serveControl } from '../control/server.js'
import { NodeError } from '../errors.js'
import { KeptDraft } from '../serving/kept-draft.js'
import { KeptCorpusIndex } from '../serving/kept-corpus-index.js'
import { KeptHistory } from '../serving/kept-history.js'
import { KeptStrategy } from '../serving/kept-strategy.js'
import { GenerationService } from '../serving/service.js'
import { evaluate } from '../serving/evaluate.js'
import { serveBeside } from '../serving/serve.js'
import type { EvaluateHere } from '../serving/evaluate.js'
import { writeMany } from '../serving/write-many.js'
import { loadReplay, modelFile, modelFolderOf } from '../settings/model-data.js'
import { adapterOf, parametersOf, readBase } from './base-model.js'
import type { BaseInfo } from './base-model.js'
import { AdapterMetrics } from './adapter-metrics.js'
import { Checkers } from './checkers.js'
import { loadDesigns } from './designs.js'
import { DraftMaker } from './draft-maker.js'
import type { AllEvents } from './events.js'
import { followRounds } from './follow-rounds.js'
import { FollowedNetwork } from './followed-network.js'
import { controlHandlers } from './handlers.js'
import { History } from './history.js'
import { KeptAdapters } from './kept-adapters.js'
import { Ledger } from './ledger/ledger.js'
import { Life } from './life.js'
import type { NodeOptions } from './options.js'
import { ownMetricOf } from './own-metric.js'
import { measurable } from './own-probes.js'
import { PersonalFollower } from './personal-follower.js'
import { Personaliser } from './personaliser.js'
import { createRoundAuditor } from './round-auditor.js'
import type { Write } from './round-auditor.js'
import { createRoundLearner } from './round-learner.js'
import { SpareTime } from './spare-time.js'
import { UserMetrics } from './user-metrics.js'
import { openWorkshop } from './workshop.js'

/** Tokens of a row of a scoring pass; longer probes are left out of the pool, at every peer alike. */
const SCORED_ROW = 512
/** Public pairs that a peer mixes into its training. */
const REPLAY_PAIRS = 512

/** Of a smaller base, a token of the model's own takes little longer than a trained draft's. */
const LARGE_ENOUGH_FOR_DRAFT = 64e6

/** A node in this process. */
export interface RunningNode {
  /** Resolves when the node was asked to stop over its control socket. */
  readonly asked: Promise<unknown>
  stop(): Promise<void>
}

/**
 * Brings a node up: identity, store, designs, model, transport, rounds, and the control socket by which commands reach it. What fails half way is taken
 * down again.
 *
 * @throws coded errors of the rooms that it uses
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { settings, log } = options
  if (settings.corpus.folders.length === 0) {
    throw new NodeError('SETTINGS_NO_DESIGNS', 'the node has no designs to train on: name a folder with --designs, or under "corpus" in its settings')
  }
  await mkdir(settings.dataFolder, { recursive: true, mode: 0o700 }).catch(() => undefined)
  const store = await openStore(settings.dataFolder)
  const events = new TypedEvents<AllEvents>()
  const life = new Life(events, log)
  life.atEnd('store', () => store.close())
  try {
    const followed = await FollowedNetwork.open(networkFileOf(settings), { store, log, now: () => Date.now() })
    const { config, id: network } = followed
    const { policy } = config
    const identity = await loadOrCreateIdentity(settings.dataFolder)
    const checkers = new Checkers(settings.checkers, options.checkerSocket)
    life.atEnd('checkers', () => checkers.close())
    const userMetrics = await UserMetrics.open(settings.metrics, { checker: checkers.get(), log })
    life.atEnd('metrics', () => userMetrics.close())
    const history = await History.open(store, log)

    life.enter('loading the model')
    const base = await readBase(modelFolderOf(settings))
    const scoredRow = Math.min(SCORED_ROW, base.config.maximumPositions)
    const { layout, initial } = adapterOf(config, network, base)
    const adapters = await KeptAdapters.open(store, layout.length, log)
    const ledger = await Ledger.open({ store, log, clock: systemClock, now: () => Date.now(), nameContent: nameOf(layout.length) })
    life.atEnd('ledger', () => ledger.close())

    life.enter('scanning designs')
    const { domain, corpus: { folders, exclude } } = settings
    const scanned = await loadDesigns({ folders, exclude, domain, store, log, checker: checkers.get, signal: life.signal })
    const designs = { ...scanned, validation: measurable(scanned.validation, base.tokenizer, scoredRow) }

    life.enter('loading the model')
    const worker = await openModelWorker(base.folder, layout, { threads: settings.training.threads })
    life.atEnd('model', () => worker.close())
    const seed = Buffer.from(identity.publicKey).readInt32LE(0)
    const replay = drawReplay(await loadReplay(base.folder), seed)
    const workshop = openWorkshop({ base, layout, policy, worker, replay, seed, log, designs: designs.training })
    const auditing = { tokenizer: base.tokenizer, rows: 1, rowLength: scoredRow }
    const auditor = createAuditor({ ...auditing, worker })
    const learner = await createRoundLearner(workshop, store, log, ({ campaignRound, step, steps, loss, tokens }) => {
      events.emit('training:step', { campaignRound, step, steps, loss, tokens })
    })
    const write: Write = (values, specifications, signal) => writeMany({
      checkpoint: base.folder, threads: 1, maximumTokens: scoredRow, adapter: { settings: layout.settings, values },
      prompts: specifications.map((specification) => [...encodePrompt(base.tokenizer, specification)]),
    }, { signal })
    const roundAuditor = createRoundAuditor({
      auditor,
      pool: fitting(await loadProbePool(modelFile('probes.jsonl.gz', base.folder)), base, scoredRow),
      metrics: config.policy.metrics,
      checker: checkers.get,
      write,
    })
    const metrics = userMetrics.areUsed ? { metrics: new AdapterMetrics({ metrics: userMetrics, write, validation: designs.validation, log }) } : {}

    life.enter('connecting')
    const spareTime = new SpareTime(life.signal)
    const ownMetric = ownMetricOf({ auditor, validation: designs.validation, log, ...metrics })
    const { admission, transport, peer } = await joinNetwork({
      settings, followed, identity, store, ledger, life, log,
      adapter: initial,
      learner: { train: (request) => spareTime.training(() => learner.train(request)) },
      auditor: { score: (...given) => spareTime.ahead(() => roundAuditor.score(...given)) },
      ...options.ownAggregate ?? true ? { ownMetric: { score: (...given) => spareTime.ahead(() => ownMetric.score(...given)) } } : {},
    })
    const evaluateHere: EvaluateHere = (task, how) => evaluate(task, { base, settings: layout.settings, threads: settings.training.threads, checker: checkers.get(), ...how })
    const personaliser = new Personaliser({
      workshop, auditor, designs, initial, adapters, store, events, log, policy, signal: life.signal, spareTime, ...metrics,
      auditorOn: (other) => createAuditor({ ...auditing, worker: other, relevance: false }),
      evaluate: evaluateHere,
      maximumTokens: scoredRow,
    })
    await personaliser.restore()
    const strategy = await KeptStrategy.open(store, log)
    life.atEnd('strategy', () => strategy.close())
    const written = settings.drafts.history ? await KeptHistory.open({ store, model: base.contentId, vocabularySize: base.config.vocabularySize, log }) : undefined
    life.atEnd('history of drafts', async () => { await written?.close() })
    const corpusIndex = new KeptCorpusIndex(store, log)
    life.atEnd('index of drafts', () => corpusIndex.close())
    const trained = settings.drafts.trained && parametersOf(base.config) >= LARGE_ENOUGH_FOR_DRAFT ? await KeptDraft.open(store, base, log) : undefined
    const draftMaker = trained && new DraftMaker({
      base, settings: layout.settings, threads: settings.training.threads, adapters, precedents: workshop.precedents, kept: trained, seed, log, ...written ? { written } : {},
    })
    const follower = settings.personal.refresh && (options.personalise ?? true) ? new PersonalFollower({ personaliser, spareTime, log, signal: life.signal, ...draftMaker ? { draftMaker } : {} }) : undefined
    life.atEnd('personal model', async () => { await follower?.stop() })
    const service = new GenerationService({
      strategy, corpusIndex,
      whileUsed: (act) => spareTime.ahead(act),
      ...written ? { history: written } : {},
      ...trained ? { trained: () => trained.draft } : {},
      base, settings: layout.settings, threads: settings.training.threads, writers: settings.api.writers, domain: domain === 'qasm' ? 'qasm' : 'verilog',
      checker: checkers.get, metrics: userMetrics, adapters: () => adapters.all(), precedents: workshop.precedents,
    })
    life.atEnd('service', () => service.close())

    const api = await serveBeside(settings.api, { service, log, life })
    const rounds = followRounds({ peer, life, events, history, adapters, personaliser, follower, log, self: identity.peerId, campaignRounds: config.policy.campaignRounds, options })
    life.atEnd('rounds', () => rounds.stop())
    const control = await serveControl(controlAddress(settings.dataFolder), controlHandlers({
      settings, followed, admission, identity, layout, designs, transport, ledger, history, adapters, personaliser, service, evaluate: evaluateHere, metrics: userMetrics, api, events, life, rounds,
    }))
    life.atEnd('control', () => control.close())
    await peer.start()
    life.enter('in rounds')
    rounds.resume()
    log.info('the node is running', { peer: identity.peerId, network: config.genesis.name, addresses: transport.addresses().join(' ') })
    return { asked: life.asked, stop: () => life.end() }
  } catch (error) {
    await life.end()
    throw error
  }
}

/** As many public pairs as a few campaigns use; other peers draw others. Encoding all of them would delay the start by seconds. */
function drawReplay<T>(pairs: readonly T[], seed: number): T[] {
  const random = createRandom(seed)
  return pairs.map((pair) => ({ pair, lot: random() })).sort((x, y) => x.lot - y.lot).slice(0, REPLAY_PAIRS).map(({ pair }) => pair)
}

/** What content of so many bytes is: deltas and checkpoints have one length each. */
function nameOf(values: number): (bytes: number) => string {
  return (bytes) => bytes === encodedLength(values) ? 'delta' : bytes === values * 4 ? 'checkpoint' : 'record'
}

/** The pool without probes that are longer than a scoring row; the same at all peers, since it follows from the base. */
function fitting(pool: ProbePool, { tokenizer }: BaseInfo, row: number): ProbePool {
  return { ...pool, probes: pool.probes.filter(({ specification, reference }) => packedLength(encodeExample(tokenizer, { specification, design: reference })) <= row) }
}
