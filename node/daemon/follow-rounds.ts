import { ROUND_EVENT_NAMES } from '../../src/rounds/index.js'
import type { Peer } from '../../src/rounds/index.js'
import type { Logger, TypedEvents } from '../../src/telemetry/index.js'

import type { AllEvents } from './events.js'
import type { History } from './history.js'
import type { KeptAdapters } from './kept-adapters.js'
import type { Life } from './life.js'
import type { NodeOptions } from './options.js'
import type { PersonalFollower } from './personal-follower.js'
import { personaliseSchema } from './personaliser.js'
import type { Personaliser } from './personaliser.js'

/** After its last round a peer goes on answering so long, so that slower ones get the last record, too; milliseconds. */
const LINGER = 6000
/** A line about where the node stands goes to the log so often, milliseconds. */
const HEARTBEAT = 15_000

const WHY_MOVED: Readonly<Record<AllEvents['cluster:moved']['why'], string>> = {
  split: 'this node goes on in another cluster, since its own has split',
  silent: 'this node gives its cluster up and asks to join another one: too few of its members are left, and the level above has heard nothing of it for long',
  gone: 'this node gives its cluster up and asks to join another one: the level above has taken its seat away, since it was silent or too small for long',
  placed: 'this node asks to join another cluster, since its place is there by now',
}

export interface FollowOptions {
  readonly peer: Peer
  readonly self: string
  readonly life: Life
  readonly events: TypedEvents<AllEvents>
  readonly history: History
  readonly adapters: KeptAdapters
  readonly personaliser: Personaliser
  /** Absent where the personal model does not follow the network by itself. */
  readonly follower: PersonalFollower | undefined
  readonly campaignRounds: number
  readonly log: Logger
  readonly options: NodeOptions
}

/** The rounds as the rest of the node sees them. */
export interface FollowedRounds {
  readonly peer: Peer
  /** The last finished training. */
  training(): AllEvents['training:finished'] | undefined
  /** Takes up where the node was before its last stop; to be called once the peer has started. */
  resume(): void
  stop(): Promise<void>
}

/** Hands on what happens in rounds, logs it, serves each new adapter, and ends or personalises when it is time. */
export function followRounds({ peer, self, life, events, history, adapters, personaliser, follower, campaignRounds, log, options }: FollowOptions): FollowedRounds {
  let training: AllEvents['training:finished'] | undefined
  let stopped: Promise<void> | undefined
  let adapterId: string | undefined
  for (const name of ROUND_EVENT_NAMES) peer.events.on(name, (event) => events.emit(name, event))

  peer.events.on('training:finished', (news) => {
    training = news
    log.info('trained', { training: news.training, tokens: news.tokens, lossFirst: rounded(news.lossFirst), lossLast: rounded(news.lossLast) })
  })
  peer.events.on('training:failed', ({ training, error }) => log.error('training failed; the round goes on without this peer\'s delta', { training, error }))
  peer.events.on('peer:troubled', ({ what, error }) => log.warn(what, { error }))
  peer.events.on('head:changed', ({ cluster, round, head }) => log.info('the cluster has a head', { cluster, round, head: head === self ? 'this node' : head }))
  peer.events.on('cluster:split', ({ round, cluster, born, own, stay, go }) => log.info('the cluster had more members than the policy allows and has split', { round, cluster, members: stay.length, born, bornMembers: go.length, own }))
  peer.events.on('cluster:moved', ({ from, to, why }) => log.info(WHY_MOVED[why], { from, to }))
  peer.events.on('peer:left', ({ peer: other }) => log.info('a member has left for good', { peer: other }))
  peer.events.on('peer:gone', ({ peer: other }) => log.info('a member is gone', { peer: other }))
  peer.events.on('peer:back', ({ peer: other }) => log.info('a member is back', { peer: other }))
  peer.events.on('chain:walked', ({ cluster, step, records, of }) => log.info(`catching up: ${records} of ${of} records ${step}`, { cluster }))
  peer.events.on('policy:taken', ({ version, from }) => log.info('a newer policy has come from another peer', { version, from }))
  peer.events.on('message:refused', ({ from, kind, reason }) => log.info('a message was refused', { from, kind, reason }))
  peer.events.on('own:aggregated', ({ adapter, round }) => personaliser.useOwn(adapter, round))
  peer.events.on('record:committed', (news) => {
    history.add({ time: Date.now(), ...news })
    moveTo(news.round, news.adapter)
    if (news.isRollCall) {
      log.info('the roster was renewed while the training goes on', { round: news.round, members: news.members.length, signers: news.signers, provisional: news.provisional })
      return
    }
    const own = news.contributions.find((one) => one.peer === self)
    log.info('round finished', { round: news.round, training: news.training, record: news.record.slice(0, 12), signers: news.signers, outcome: own?.outcome ?? 'no delta', weight: rounded(own?.weight ?? 0), provisional: news.provisional })
    if (options.rounds !== undefined && news.training >= options.rounds) finish(news.round)
    else if (news.training % campaignRounds === 0 && (options.personalise ?? true)) makePersonal()
  })

  const heartbeat = setInterval(() => {
    if (life.stage !== 'in rounds') return
    const { round, phase, cluster, head, members } = peer.status()
    log.info('status', { round, phase, cluster, head: head === self ? 'this node' : head, live: members.filter(({ live }) => live).length, members: members.length })
  }, HEARTBEAT)

  let isFinishing = false
  function finish(round: number): void {
    if (isFinishing) return
    isFinishing = true
    life.pause()
    life.enter('rounds finished')
    events.emit('rounds:finished', { round })
    const timer = setTimeout(() => void stop().then(() => life.enter('serving')), LINGER)
    life.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
    if (options.personalise ?? true) makePersonal()
  }

  /** Takes over the network's adapter. @param content - its id, where it is known */
  function moveTo(round: number, content?: string): void {
    adapters.set('network', peer.adapter())
    personaliser.useRound(round)
    if (content === undefined || content !== adapterId) follower?.networkMoved()
    adapterId = content
  }

  function makePersonal(): void {
    personaliser.make(personaliseSchema.parse({})).catch((error: unknown) => {
      if (!life.signal.aborted) log.error('the personal model could not be made', { error })
    })
  }

  function stop(): Promise<void> {
    stopped ??= (async () => {
      clearInterval(heartbeat)
      await peer.stop({ leave: life.isLeaving })
      await adapters.save('network')
    })()
    return stopped
  }

  return {
    peer,
    training: () => training,
    resume() {
      // Of the round that runs, the one before has a record.
      const done = peer.status().round - 1
      if (done > 0) moveTo(done)
      if (options.rounds !== undefined && done >= options.rounds) finish(done)
    },
    stop,
  }
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
