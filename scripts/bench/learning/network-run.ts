import { createHash } from 'node:crypto'

import { initialAdapter } from '../../../src/adapter/index.js'
import { DEFAULT_WEIGH_OPTIONS } from '../../../src/aggregation/index.js'
import { DEFAULT_POLICY } from '../../../src/config/index.js'
import { createIdentity } from '../../../src/identity/index.js'
import { createMemoryNetwork } from '../../../src/network/index.js'
import { createPeer } from '../../../src/rounds/index.js'
import type { Contribution, RoundPolicy } from '../../../src/rounds/index.js'
import { createRandom, createVirtualClock } from '../../../src/telemetry/index.js'
import { learnerOn, RECIPE, sharedAuditor } from './engine.js'
import type { Engine } from './engine.js'
import type { ArmResult } from './counts.js'
import { memoryStore } from './memory-store.js'
import { sideBySide } from './side-by-side.js'
import type { PeerData } from './peers.js'

export interface NetworkRun {
  readonly adapter: Float32Array
  readonly rounds: NonNullable<ArmResult['rounds']>
  readonly bytes: NonNullable<ArmResult['bytes']>
}

export interface NetworkRunOptions {
  readonly seed: number
  /** Whether audits weigh deltas; otherwise each counts by its tokens alone. */
  readonly weighted: boolean
  readonly onRound?: (round: number, contributions: readonly Contribution[]) => void
}

/** More virtual milliseconds than any round may take. */
const LONGEST_ROUND = 600_000
/** Above any number of peers: the gate is never asked. */
const NO_GATE = 1_000_000

/** All peers in one cluster, on the real protocol, in virtual time: training and audits take as long as they take, and no deadline passes meanwhile. */
export async function runNetwork(engine: Engine, data: readonly PeerData[], { seed, weighted, onRound }: NetworkRunOptions): Promise<NetworkRun> {
  const clock = createVirtualClock()
  const network = createMemoryNetwork({ clock, random: createRandom(seed), latency: { minimum: 2, maximum: 20 } })
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  const identities = await Promise.all(data.map((_, index) => createIdentity(hash(`bench ${seed} ${index}`))))
  const policy: RoundPolicy = {
    ...DEFAULT_POLICY,
    clusterSize: data.length,
    campaignRounds: RECIPE.rounds,
    roundSteps: { min: RECIPE.steps, target: RECIPE.steps, max: RECIPE.steps },
    audit: { probesPerRound: RECIPE.probesPerRound, auditorsPerDelta: 2, everyRounds: weighted ? RECIPE.auditEvery : RECIPE.rounds + 1 },
    foundingRoster: identities.map(({ peerId }) => ({ peer: peerId, domain: 'hardware' })),
    weighing: { ...DEFAULT_WEIGH_OPTIONS, gate: { ...RECIPE.gate, ...weighted ? {} : { minimumPeers: NO_GATE } } },
  }
  const first = initialAdapter(engine.layout, seed)
  const order = identities.map(({ peerId }) => peerId)
  const rounds: { round: number, weights: number[], reasons: string[] }[] = []
  let encodedDelta = 0
  const audit = sharedAuditor(engine)
  const workers = await engine.workers(data.length)
  const learners = sideBySide(data.map((own, index) => learnerOn({ ...engine, worker: workers[index % workers.length]! }, [own], seed * 100 + index, RECIPE.rounds)))
  const peers = identities.map((identity, index) => {
    const learner = learners[index]!
    const peer = createPeer({
      identity,
      network: hash('bench network').toString('hex'),
      policy,
      adapter: first,
      transport: network.join(identity.peerId),
      clock,
      store: memoryStore(),
      learner: { train: ({ adapter, campaignRound, steps, signal }) => clock.hold(learner.train({ adapter, campaignRound, steps, signal })) },
      auditor: { score: (adapter, probeSeed, count) => clock.hold(audit(adapter, probeSeed, count)) },
    })
    peer.events.on('manifest:announced', ({ bytes }) => { encodedDelta = bytes })
    return peer
  })
  peers[0]!.events.on('record:committed', ({ round, contributions }) => {
    const of = (peer: string): Contribution | undefined => contributions.find((one) => one.peer === peer)
    rounds.push({
      round,
      weights: order.map((peer) => Math.round((of(peer)?.weight ?? 0) * 65_536)),
      reasons: order.map((peer) => `${of(peer)?.outcome ?? 'absent'}${of(peer)?.score === undefined ? '' : ` ${of(peer)!.score!.toFixed(4)}`}`),
    })
    onRound?.(round, contributions)
  })
  for (const peer of peers) await peer.start()
  for (let round = 1; round <= RECIPE.rounds; round++) {
    const reached = await clock.runUntil(() => peers.every((peer) => peer.status().round > round), LONGEST_ROUND)
    if (!reached) throw new Error(`round ${round} was not committed by all peers: ${peers.map((peer) => `${peer.status().round} ${peer.status().phase}`).join(', ')}`)
  }
  const adapter = peers[0]!.adapter().slice()
  for (const peer of peers) await peer.stop()
  const traffic = order.map((peer) => network.traffic(peer))
  const perPeerAndRound = (total: number): number => total / order.length / RECIPE.rounds
  return {
    adapter,
    rounds,
    bytes: {
      f32Delta: engine.layout.length * 4,
      encodedDelta,
      sentPerPeerAndRound: perPeerAndRound(traffic.reduce((sum, { bytesSent }) => sum + bytesSent, 0)),
      receivedPerPeerAndRound: perPeerAndRound(traffic.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0)),
    },
  }
}
