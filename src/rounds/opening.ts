import { rootCluster } from '../hierarchy/index.js'

import { ForkReader } from './cluster/catch-up.js'
import { Chain } from './cluster/chain.js'
import { Follower } from './cluster/follower.js'
import type { FollowerPorts } from './cluster/follower.js'
import { Library } from './cluster/library.js'
import { Liveness } from './cluster/liveness.js'
import { Reunion } from './cluster/reunion.js'
import { Signed } from './cluster/signed.js'
import type { Context } from './context.js'
import { Inbox } from './inbox.js'
import type { Handlers } from './inbox.js'
import { Trainer } from './learning/trainer.js'
import { foundingRecord } from './records/founding.js'
import { foundingState } from './records/state.js'
import { Upper } from './upper/upper.js'
import { UpperChain } from './upper/upper-chain.js'
import { foundingUpperRecord } from './upper/upper-record.js'

/** The parts of a peer once its state has been read from disk. */
export interface Parts {
  /** How often this peer has been started, this time included: heartbeats after a restart are newer than those before. */
  readonly boot: number
  readonly library: Library
  readonly chain: Chain
  readonly liveness: Liveness
  readonly trainer: Trainer
  readonly signed: Signed
  readonly reunion: Reunion
  readonly follower: Follower
  /** Undefined where one cluster is the whole network. */
  readonly upper: Upper | undefined
  readonly upperChain: UpperChain
  readonly inbox: Inbox
}

export interface OpeningPorts {
  readonly handlers: Handlers
  readonly announce: ConstructorParameters<typeof Trainer>[1]
  readonly switchTo: FollowerPorts['switchTo']
  readonly isJoining: FollowerPorts['isJoining']
}

/** What a newcomer's standing with the transport is before a record tells of it. */
const UNKNOWN_REPUTATION = 32_768

/** Takes up where the store left off, or begins with the founding records, which every peer makes for itself. */
export async function openParts(context: Context, first: Float32Array, ports: OpeningPorts): Promise<Parts> {
  const { clusters, cluster, network, policy } = context
  const state = foundingState(first)
  const root = rootCluster(clusters)
  const foundingUpper = foundingUpperRecord(network, root?.id ?? cluster.id, clusters, state.adapter.id, state.velocity.id)
  const boot = await countBoot(context)
  const library = new Library(context)
  const chain = await Chain.open(context, library, foundingRecord(network, cluster, state, foundingUpper.id), state)
  const upperChain = await UpperChain.open(context, library, foundingUpper, state)
  const liveness = new Liveness(context.self, policy.heartbeatMs, context.clock.now())
  const signed = new Signed(context.store, 'signed')
  await signed.load()
  const trainer = new Trainer(context, ports.announce)
  await trainer.restore(chain.tip.record.round + 1)
  const reader = new ForkReader(context, library, chain, (after, upTo, isOwn) => {
    const counted = upperChain.counted(cluster.id, after, upTo, isOwn)
    return counted === undefined ? undefined : counted?.point ?? null
  })
  const reunion = new Reunion(context, library, chain, reader)
  const inbox = new Inbox(context, ports.handlers, (peer) => chain.tip.record.members.find((member) => member.peer === peer)?.reputation ?? UNKNOWN_REPUTATION)
  const follower = new Follower(context, library, chain, reader, { ...ports, refuse: (peer, error) => inbox.refuse(peer, 'chain', error) })
  const upper = root === undefined ? undefined : await Upper.open(context, library, chain, liveness, upperChain)
  return { boot, library, chain, liveness, trainer, signed, reunion, follower, upper, upperChain, inbox }
}

async function countBoot({ store }: Context): Promise<number> {
  const boots = await store.readState('boots', { version: 1 })
  const boot = (typeof boots === 'number' ? boots : 0) + 1
  await store.writeState('boots', 1, boot)
  return boot
}
