/** A peer without a model, in a process of its own: the node's transport, store, ledger and rounds, with a toy that learns and audits. Its parent tells it what to do, and it ends with its parent. */
import '../../../node/engine.js'
// First of all others: it brings what libp2p needs.
import { joinNetwork } from '../../../node/daemon/join-network.js'
import type { AllEvents } from '../../../node/daemon/events.js'
import { FollowedNetwork } from '../../../node/daemon/followed-network.js'
import { Ledger } from '../../../node/daemon/ledger/ledger.js'
import { Life } from '../../../node/daemon/life.js'
import { loadSettings } from '../../../node/settings/settings.js'
import { networkFileOf } from '../../../src/config/index.js'
import { ROOT } from '../../../src/hierarchy/index.js'
import { loadIdentity, verifySignature } from '../../../src/identity/index.js'
import { openStore, systemFiles } from '../../../src/store/index.js'
import { createLogger, createRandom, TypedEvents } from '../../../src/telemetry/index.js'

import { CommonOptimum, toyAuditor, toyLearner } from '../../sim/toys.js'
import { FillingDisk } from '../chaos/filling-disk.js'
import { clusterChain, levelChain } from './chains-on-disk.js'
import { dialFrom } from './dial-from.js'
import { JumpingClock } from './jumping-clock.js'
import type { Command, News } from './news.js'
import type { Toy } from './setting.js'
import { WatchedVotes } from './watched-votes.js'

/** How often it is looked whether late precommits have made the last record full. */
const LOOK_MS = 500
/** A process that stands still for so long is told of: it keeps no deadline meanwhile. */
const STALL_MS = 1500

const [, , folder, setting] = process.argv
const { values, trainingMs, host } = JSON.parse(setting!) as Toy & { readonly host?: string }
if (host !== undefined) dialFrom(host)

process.on('unhandledRejection', (reason) => tell({ kind: 'unhandled', at: Date.now(), error: inFull(reason) }))
process.on('uncaughtException', (error) => {
  process.stderr.write(`${inFull(error)}\n`)
  process.send?.({ kind: 'unhandled', at: Date.now(), error: inFull(error) } satisfies News, () => process.exit(1))
})
process.once('disconnect', () => process.exit())

const settings = await loadSettings(folder!)
const log = createLogger({ level: settings.log.level })
const clock = new JumpingClock()
const disk = new FillingDisk(systemFiles)
const store = await openStore(settings.dataFolder, { files: disk.files })
const followed = await FollowedNetwork.open(networkFileOf(settings), { store, log, now: () => clock.wall() })
const identity = await loadIdentity(settings.dataFolder)
const ledger = await Ledger.open({ store, log, clock, now: () => clock.wall(), nameContent: () => 'content' })
const reading = { network: followed.id, verify: verifySignature }

let isHeld = false
let goOn = (): void => undefined
let isStarted = false
let lastTold = { record: '', full: true }

const votes = new WatchedVotes(reading, tell)
const optimum = new CommonOptimum(values, 1)
const { peer, transport } = await joinNetwork({
  settings, followed, identity, store, log, clock,
  wallTime: () => clock.wall(),
  ledger: {
    watch: (inner) => votes.between(ledger.watch(inner)),
    followWire: (wire) => ledger.followWire(wire),
    traffic: () => ledger.traffic(),
    onServed: ledger.onServed,
    onSentLater: ledger.onSentLater,
  },
  life: new Life(new TypedEvents<AllEvents>(), log),
  adapter: new Float32Array(values),
  learner: toyLearner({ optimum: optimum.of(createRandom(Buffer.from(identity.publicKey).readInt32LE(0))), pause: training }),
  auditor: toyAuditor(optimum),
})

process.on('message', (command: Command) => {
  if (command === 'fall' || command === 'stand') votes.isToFall = command === 'fall'
  else if (command === 'hold' || command === 'train') isHeld = command === 'hold'
  else if (command === 'fill' || command === 'free') disk.isFull = command === 'fill'
  else if (command === 'report') report()
  else if ('jump' in command) clock.jump(command.jump)
  else if (isStarted) tellChains(command.chainSince, command.rootSince).catch((error: unknown) => log.error('the chains cannot be read', { error }))
  if (!isHeld) goOn()
})

peer.events.on('record:committed', ({ round, head, record, contributions }) => {
  const status = peer.status()
  lastTold = { record, full: !status.provisional }
  const counted = contributions.filter(({ outcome }) => outcome === 'counted' || outcome === 'late').map(({ content }) => content)
  tell({ kind: 'committed', at: Date.now(), round, head, record, full: !status.provisional, counted })
  if (status.levels.length === 0 && !status.provisional) tell({ kind: 'root', at: Date.now(), round, record })
})
peer.events.on('upper:committed', ({ cluster, round, record }) => {
  if (cluster === ROOT) tell({ kind: 'root', at: Date.now(), round, record })
})
peer.events.on('term:started', ({ level, round, term, proposer }) => {
  if (level === 0) tell({ kind: 'term', at: Date.now(), round, term, proposer })
})
peer.events.on('peer:gone', ({ peer: gone }) => tell({ kind: 'gone', at: Date.now(), peer: gone }))
peer.events.on('peer:back', ({ peer: back }) => tell({ kind: 'back', at: Date.now(), peer: back }))
peer.events.on('message:refused', ({ from, kind, reason }) => log.info('a message was refused', { from, kind, reason }))
peer.events.on('chain:switched', ({ from, to, round, records }) => log.info('the chain has changed', { from, to, round, records }))
peer.events.on('provisional:started', ({ round, voters }) => log.info('a provisional round', { round, voters }))
peer.events.on('peer:troubled', ({ what, error }) => log.warn(what, { error }))
await peer.start()
isStarted = true
tell({ kind: 'started', at: Date.now() })
let lookedAt = performance.now()
setInterval(() => {
  const since = performance.now() - lookedAt
  lookedAt += since
  if (since > LOOK_MS + STALL_MS) tell({ kind: 'stalled', at: Date.now(), milliseconds: Math.round(since - LOOK_MS) })
  lookWhetherHealed()
}, LOOK_MS).unref()

function tell(news: News): void {
  // The parent may be gone: then this process ends anyway.
  if (process.connected) process.send?.(news)
}

async function training(): Promise<void> {
  await new Promise<void>((resolve) => { setTimeout(resolve, trainingMs) })
  if (isHeld) await new Promise<void>((resolve) => { goOn = resolve })
}

function lookWhetherHealed(): void {
  if (lastTold.full) return
  const { provisional, record, round } = peer.status()
  if (provisional || record !== lastTold.record) return
  lastTold = { record, full: true }
  tell({ kind: 'healed', at: Date.now(), round: round - 1, record })
}

async function tellChains(chainSince: number, rootSince: number): Promise<void> {
  const { levels } = peer.status()
  const own = await clusterChain(store, levels.length === 0 ? Math.min(chainSince, rootSince) : chainSince, reading)
  const root = levels.length === 0 ? own : await levelChain(store, levels.at(-1)!.level, rootSince)
  tell({ kind: 'chains', at: Date.now(), own, root })
}

function report(): void {
  if (!isStarted) {
    tell({ kind: 'standing', at: Date.now(), state: 'not started yet' })
    return
  }
  const { round, phase, term, provisional, record, voters, levels, members } = peer.status()
  const short = (id: string): string => id.slice(-6)
  tell({
    kind: 'standing',
    at: Date.now(),
    state: `round ${round} ${phase} term ${term} on ${record.slice(0, 8)}${provisional ? ' provisional' : ''}, voters ${voters.map(short).join()}, members here ${members.filter(({ live }) => live).map(({ peer: one }) => short(one)).join()} of ${members.length}, above ${levels.map((level) => `${level.cluster} ${level.round} ${level.record.slice(0, 8)}`).join()}, connected ${transport.peers().map((one) => short(one.peer)).join()}`,
  })
}

function inFull(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error)
}
