import type { PeerId } from '../network/index.js'

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
import type { RecordState } from './records/state.js'

/** What belongs to one cluster's chain: a peer that gives its cluster up has others from then on. */
export interface ChainParts {
  readonly chain: Chain
  readonly liveness: Liveness
  readonly signed: Signed
  readonly reunion: Reunion
  readonly follower: Follower
}

/** The parts of a peer once its state has been read from disk. */
export interface Parts extends ChainParts {
  /** How often this peer has been started, this time included: heartbeats after a restart are newer than those before. */
  readonly boot: number
  readonly library: Library
  readonly checkpoints: Checkpoints
  readonly trainer: Trainer
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
  /** Of a member of the cluster as it is now, 0..65536. */
  readonly reputationOf: (peer: PeerId) => number | undefined
}

/** What a newcomer's standing with the transport is before a record tells of it. */
const UNKNOWN_REPUTATION = 32_768

/** Takes up where the store left off, or begins with the founding records, which every peer makes for itself. */
export async function openParts(context: Context, first: Float32Array, ports: OpeningPorts): Promise<Parts> {
  const { founded } = context.place
  const state = foundingState(first)
  const boot = await countBoot(context)
  const library = new Library(context)
  const { chain, liveness, signed } = await openChain(context, library, state)
  const trainer = new Trainer(context, ports.announce)
  await trainer.restore(chain.tip.record.round + 1)
  const inbox = new Inbox(context, ports.handlers, (peer) => ports.reputationOf(peer) ?? UNKNOWN_REPUTATION)
  const checkpoints = await Checkpoints.open(context, library)
  // Since splits the cluster may be another one, but what was founded above it has stayed.
  const levels = await Levels.open(context, { library, chain, liveness, checkpoints }, foundingsAbove(context, founded.id, state), state, {
    listen: (topic) => { inbox.listen(topic) },
    ignore: (topic) => { inbox.ignore(topic) },
  })
  const policyNews = new PolicyNews(context, library, (peer, error) => inbox.refuse(peer, 'policy', error))
  return { boot, library, checkpoints, policyNews, chain, liveness, trainer, signed, ...followChain(context, { library, chain, levels, inbox }, ports), levels, inbox }
}

/**
 * The same parts with the chain of another cluster, where the place says by now; the level above stays.
 *
 * @param since - the round of that cluster's newest record that is known: this peer signs nothing there before a later one lets it in. Where the chain is one
 *   with its old cluster's up to a split, it has signed in it before.
 */
export async function changeChain(before: Parts, context: Context, first: Float32Array, since: number, ports: OpeningPorts): Promise<Parts> {
  const { library, inbox, levels } = before
  const { chain, liveness, signed } = await openChain(context, library, foundingState(first))
  await signed.leave(since)
  return { ...before, chain, liveness, signed, ...followChain(context, { library, chain, levels, inbox }, ports) }
}

async function openChain(context: Context, library: Library, state: RecordState): Promise<Pick<ChainParts, 'chain' | 'liveness' | 'signed'>> {
  const { founded } = context.place
  const chain = await Chain.open(context, library, foundingOf(context, founded.id, state), state)
  const liveness = new Liveness(context.self, context, context.clock.now())
  const signed = new Signed(context.store, context.place.stateName('signed'))
  await signed.load()
  return { chain, liveness, signed }
}

function followChain(context: Context, { library, chain, levels, inbox }: Pick<Parts, 'library' | 'chain' | 'levels' | 'inbox'>, ports: OpeningPorts): Pick<ChainParts, 'reunion' | 'follower'> {
  const reader = new ForkReader(context, library, chain, async (seat, after, upTo, isOwn) => (await levels.next?.chain.newsOf(seat, after, upTo, isOwn))?.listed, (split, holders) => levels.followTop(split, holders))
  const reunion = new Reunion(context, library, chain, reader)
  const follower = new Follower(context, library, chain, reader, { ...ports, refuse: (peer, error) => inbox.refuse(peer, 'chain', error) })
  return { reunion, follower }
}

async function countBoot({ store }: Context): Promise<number> {
  const boots = await store.readState('boots', { version: 1 })
  const boot = (typeof boots === 'number' ? boots : 0) + 1
  await store.writeState('boots', 1, boot)
  return boot
}
