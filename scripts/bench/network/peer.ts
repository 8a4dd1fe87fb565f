/** A peer without a model, in a process of its own: the node's transport, store, ledger and rounds, with a toy that learns and audits. Its parent tells it what to do, and it ends with its parent. */
// First of all: it brings what libp2p needs.
import { joinNetwork } from '../../../node/daemon/join-network.js'
import type { NetworkLedger } from '../../../node/daemon/join-network.js'
import type { AllEvents } from '../../../node/daemon/events.js'
import { FollowedNetwork } from '../../../node/daemon/followed-network.js'
import { Ledger } from '../../../node/daemon/ledger/ledger.js'
import { Life } from '../../../node/daemon/life.js'
import { loadSettings } from '../../../node/settings/settings.js'
import { networkFileOf } from '../../../src/config/index.js'
import { ROOT } from '../../../src/hierarchy/index.js'
import { loadIdentity, verifySignature } from '../../../src/identity/index.js'
import type { Transport } from '../../../src/network/index.js'
import { decodeCarried, openMessage, unframe } from '../../../src/rounds/index.js'
import { openStore } from '../../../src/store/index.js'
import { createLogger, createRandom, systemClock, TypedEvents } from '../../../src/telemetry/index.js'

import { through } from '../../sim/adversaries.js'
import { CommonOptimum, toyAuditor, toyLearner } from '../../sim/toys.js'
import type { Command, News } from './news.js'
import { TRAINING_MS, VALUES } from './setting.js'

const settings = await loadSettings(process.argv[2]!)
const log = createLogger({ level: settings.log.level })
const store = await openStore(settings.dataFolder)
const followed = await FollowedNetwork.open(networkFileOf(settings), { store, log, now: () => Date.now() })
const identity = await loadIdentity(settings.dataFolder)
const ledger = await Ledger.open({ store, log, clock: systemClock, now: () => Date.now(), nameContent: () => 'content' })

let isToFall = false
let isHeld = false
let goOn = (): void => undefined

process.on('message', (command: Command) => {
  if (command === 'fall' || command === 'stand') isToFall = command === 'fall'
  if (command === 'hold' || command === 'train') isHeld = command === 'hold'
  if (!isHeld) goOn()
})
process.once('disconnect', () => process.exit())

const optimum = new CommonOptimum(VALUES, 1)
const { peer } = await joinNetwork({
  settings, followed, identity, store, log,
  ledger: watched(ledger),
  life: new Life(new TypedEvents<AllEvents>(), log),
  policy: followed.roundPolicy(),
  adapter: new Float32Array(VALUES),
  learner: toyLearner({ optimum: optimum.of(createRandom(Buffer.from(identity.publicKey).readInt32LE(0))), pause: training }),
  auditor: toyAuditor(optimum),
})

peer.events.on('record:committed', ({ round, head, record }) => {
  tell({ kind: 'committed', at: Date.now(), round, head })
  if (peer.status().levels.length === 0) tell({ kind: 'root', at: Date.now(), round, record })
})
peer.events.on('upper:committed', ({ cluster, round, record }) => {
  if (cluster === ROOT) tell({ kind: 'root', at: Date.now(), round, record })
})
peer.events.on('term:started', ({ level, round, term, proposer }) => {
  if (level === 0) tell({ kind: 'term', at: Date.now(), round, term, proposer })
})
peer.events.on('peer:gone', ({ peer: gone }) => tell({ kind: 'gone', at: Date.now(), peer: gone }))
peer.events.on('peer:back', ({ peer: back }) => tell({ kind: 'back', at: Date.now(), peer: back }))
peer.events.on('peer:troubled', ({ what, error }) => log.warn(what, { error }))
await peer.start()

function tell(news: News): void {
  process.send?.(news)
}

async function training(): Promise<void> {
  await new Promise<void>((resolve) => { setTimeout(resolve, TRAINING_MS) })
  if (isHeld) await new Promise<void>((resolve) => { goOn = resolve })
}

function watched(own: Ledger): NetworkLedger {
  return {
    watch: (transport) => reporting(own.watch(transport)),
    followWire: (wire) => own.followWire(wire),
    traffic: () => own.traffic(),
    onServed: own.onServed,
    onSentLater: own.onSentLater,
  }
}

/** Tells of this peer's own precommits, and has it fall before its proposal leaves. */
function reporting(inner: Transport): Transport {
  let lastLock = ''
  let proposed = 0
  return {
    ...through(inner),
    publish(topic, message) {
      const { kind, body } = unframe(message)
      if (kind === 'votes') {
        const { round, votes } = decodeCarried(body, 'votes')
        const lock = votes.find(({ voter, step, value }) => voter === inner.self && step === 'precommit' && value !== null)
        if (lock !== undefined && lastLock !== `${round} ${lock.term}`) {
          lastLock = `${round} ${lock.term}`
          tell({ kind: 'locked', at: Date.now(), round, term: lock.term })
        }
      }
      if (kind === 'proposal') {
        const { payload: { level, round, term } } = openMessage(body, 'proposal', { network: followed.id, verify: verifySignature })
        // A proposal is repeated: once it has left, the others can go on with it.
        if (isToFall && level === 0 && term === 0 && proposed !== round) return fall(round)
        if (level === 0) proposed = round
      }
      return inner.publish(topic, message)
    },
  }
}

function fall(round: number): Promise<number> {
  const news: News = { kind: 'falling', at: Date.now(), round }
  process.send?.(news, () => process.kill(process.pid, 'SIGKILL'))
  // Never sent: the process ends before.
  return new Promise(() => undefined)
}
