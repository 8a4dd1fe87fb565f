import { ForkReader } from './cluster/catch-up.js'
import { Chain } from './cluster/chain.js'
import { Checkpoints } from './cluster/checkpoints.js'
import { Follower } from './cluster/follower.js'
import type { FollowerPorts } from './cluster/follower.js'
import { Library } from './cluster/library.js'
import { Liveness } from './cluster/liveness.js'
import { PolicyNews } from './cluster/policy-news.js'
import { Reunion } from './cluster/reunion.js'
import { Signed } from './cluster/signed.js'
import type { Context } from './context.js'
import { Inbox } from './inbox.js'
import type { Handlers } from './inbox.js'
import { foundingOf, foundingsAbove } from './levels/founding-levels.js'
import { Levels } from './levels/levels.js'
import { Trainer } from './learning/trainer.js'
import { foundingState } from './records/state.js'

/** The parts of a peer once its state has been read from disk. */
export interface Parts {
  /** How often this peer has been started, this time included: heartbeats after a restart are newer than those before. */
  readonly boot: number
  readonly library: Library
  readonly checkpoints: Checkpoints
  readonly chain: Chain
  readonly liveness: Liveness
  readonly trainer: Trainer
  readonly signed: Signed
  readonly reunion: Reunion
  readonly follower: Follower
  readonly policyNews: PolicyNews
  readonly levels: Levels
  readonly inbox: Inbox
}

export interface OpeningPorts {
  readonly handlers: Handlers
  readonly announce: ConstructorParameters<typeof Trainer>[1]
  readonly switchTo: FollowerPorts['switchTo']
  readonly isJoining: FollowerPorts['isJoining']
  readonly strayed: FollowerPorts['strayed']
}

/** What a newcomer's standing with the transport is before a record tells of it. */
const UNKNOWN_REPUTATION = 32_768

/** Takes up where the store left off, or begins with the founding records, which every peer makes for itself. */
export async function openParts(context: Context, first: Float32Array, ports: OpeningPorts): Promise<Parts> {
  const { cluster } = context
  const state = foundingState(first)
  const boot = await countBoot(context)
  const library = new Library(context)
  const chain = await Chain.open(context, library, foundingOf(context, cluster.id, state), state)
  const liveness = new Liveness(context.self, context, context.clock.now())
  const signed = new Signed(context.store, 'signed')
  await signed.load()
  const trainer = new Trainer(context, ports.announce)
  await trainer.restore(chain.tip.record.round + 1)
  const inbox = new Inbox(context, ports.handlers, (peer) => chain.tip.record.members.find((member) => member.peer === peer)?.reputation ?? UNKNOWN_REPUTATION)
  const checkpoints = await Checkpoints.open(context, library)
  // Since splits the cluster may be another one, but what was founded above it has stayed.
  const levels = await Levels.open(context, { library, chain, liveness, checkpoints }, foundingsAbove(context, cluster.id, state), state, {
    listen: (topic) => { inbox.listen(topic) },
    ignore: (topic) => { inbox.ignore(topic) },
  })
  const reader = new ForkReader(context, library, chain, async (seat, after, upTo, isOwn) => (await levels.next?.chain.newsOf(seat, after, upTo, isOwn))?.listed, (split, holders) => levels.followTop(split, holders))
  const reunion = new Reunion(context, library, chain, reader)
  const follower = new Follower(context, library, chain, reader, { ...ports, refuse: (peer, error) => inbox.refuse(peer, 'chain', error) })
  const policyNews = new PolicyNews(context, library, (peer, error) => inbox.refuse(peer, 'policy', error))
  return { boot, library, checkpoints, policyNews, chain, liveness, trainer, signed, reunion, follower, levels, inbox }
}

async function countBoot({ store }: Context): Promise<number> {
  const boots = await store.readState('boots', { version: 1 })
  const boot = (typeof boots === 'number' ? boots : 0) + 1
  await store.writeState('boots', 1, boot)
  return boot
}
