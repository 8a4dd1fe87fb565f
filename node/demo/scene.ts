import type { Contribution } from '../../src/rounds/index.js'

import type { Stage } from '../daemon/events.js'
import type { WatchedEvent } from '../daemon/events.js'
import { percentText } from '../terminal/numbers.js'
import type { Member } from './prepare.js'

/** What a company's node is seen to do. */
export interface Actor {
  readonly member: Member
  stage: Stage | 'starting' | 'killed'
  round: number
  phase: string
  step: number
  steps: number
  loss: number | undefined
  /** Losses of all inner steps, by round. */
  readonly losses: Map<number, number[]>
  /** What became of its delta, by round. */
  readonly outcomes: Map<number, Contribution>
  busyWith: string
}

export interface ClusterScene {
  readonly id: string
  head: string | undefined
  /** The last round that has a record. */
  round: number
  signers: number
  voters: number
  provisional: boolean
}

/** What has happened so far, put together from what all nodes tell. */
export class Scene {
  readonly actors: readonly Actor[]
  readonly clusters = new Map<string, ClusterScene>()
  upperRound = 0
  /** Raised by everything that moves. */
  pulse = 0
  readonly #byPeer: ReadonlyMap<string, Actor>

  constructor(members: readonly Member[], private readonly news: (line: string) => void) {
    this.actors = members.map((member) => ({
      member, stage: 'starting', round: 0, phase: '', step: 0, steps: 0, loss: undefined, losses: new Map(), outcomes: new Map(), busyWith: '',
    }))
    this.#byPeer = new Map(this.actors.map((actor) => [actor.member.peer, actor]))
    for (const { cluster } of members) this.clusters.set(cluster, { id: cluster, head: undefined, round: 0, signers: 0, voters: 0, provisional: false })
  }

  nameOf(peer: string | undefined): string {
    return peer === undefined ? '-' : this.#byPeer.get(peer)?.member.name ?? `...${peer.slice(-6)}`
  }

  actorOf(peer: string): Actor | undefined { return this.#byPeer.get(peer) }

  announceClusters(): void {
    for (const { id } of this.clusters.values()) this.news(`cluster ${id}: ${this.actors.filter(({ member }) => member.cluster === id).map(({ member }) => member.name).join(', ')}`)
  }

  enter(actor: Actor, stage: Actor['stage']): void {
    actor.stage = stage
    this.pulse += 1
  }

  /** Takes in what a node told. */
  take(actor: Actor, told: WatchedEvent): void {
    this.pulse += 1
    if (actor.stage === 'killed') return
    if (is(told, 'stage:changed')) actor.stage = told.event.stage
    if (is(told, 'round:started')) {
      actor.round = told.event.round
      actor.step = 0
    }
    if (is(told, 'phase:changed')) actor.phase = told.event.phase
    if (is(told, 'training:step')) this.#step(actor, told.event)
    if (is(told, 'personal:progress')) {
      const { candidate, doing, step, steps } = told.event
      actor.busyWith = steps === 0 ? `${doing} ${candidate}` : `${doing} ${candidate} ${step}/${steps}`
    }
    if (is(told, 'personal:chosen')) {
      actor.busyWith = `personal: ${told.event.chosen}`
      this.news(`${actor.member.name} chose its personal model: ${told.event.chosen}, best of ${told.event.scores.length} on its own validation designs`)
    }
    if (is(told, 'record:committed')) this.#committed(told.event)
    const settled = is(told, 'upper:committed') ? Object.entries(told.event.weights) : []
    if (is(told, 'upper:committed') && told.event.round > this.upperRound && settled.length > 0) {
      this.upperRound = told.event.round
      const weights = settled.map(([cluster, weight]) => `${cluster} ${percentText(weight > 1 ? weight / 65_536 : weight)}`)
      this.news(`level above: the clusters agreed on one change for all (${weights.join(', ')})`)
    }
    if (is(told, 'term:started') && told.event.level === 0 && told.event.term > 0) {
      this.#once(`term ${actor.member.cluster} ${told.event.round} ${told.event.term}`, `${actor.member.cluster} round ${told.event.round}: its proposer is silent, ${this.nameOf(told.event.proposer)} takes the turn`)
    }
    if (is(told, 'peer:gone')) this.#once(`gone ${told.event.peer}`, `${actor.member.cluster}: ${this.nameOf(told.event.peer)} no longer answers`)
    if (is(told, 'training:failed')) this.news(`${actor.member.name}: training ${told.event.training} failed`)
  }

  readonly #said = new Set<string>()
  #once(key: string, line: string): void {
    if (this.#said.has(key)) return
    this.#said.add(key)
    this.news(line)
  }

  #step(actor: Actor, { campaignRound, step, steps, loss }: { readonly campaignRound: number, readonly step: number, readonly steps: number, readonly loss: number }): void {
    actor.step = step
    actor.steps = steps
    actor.loss = loss
    const losses = actor.losses.get(campaignRound) ?? []
    losses.push(loss)
    actor.losses.set(campaignRound, losses)
  }

  #committed({ cluster: id, round, head, signers, voters, provisional, contributions }: WatchedEvent<'record:committed'>['event']): void {
    for (const one of contributions) this.actorOf(one.peer)?.outcomes.set(round, one)
    const cluster = this.clusters.get(id)
    if (!cluster || round <= cluster.round) return
    const before = cluster.head
    Object.assign(cluster, { round, head, signers, voters, provisional })
    const weights = contributions.map((one) => one.outcome === 'counted' || one.outcome === 'late'
      ? `${this.nameOf(one.peer)} ${percentText(one.weight)}`
      : `${this.nameOf(one.peer)} ${one.outcome}${one.reason === 'SCORE' ? ' by audit' : ''}`)
    this.news(`${id} round ${round}: ${signers} of ${voters} signed${provisional ? ', provisional' : ''}; ${weights.join(', ')}`)
    if (head !== before) this.news(before === undefined ? `${id} has a head: ${this.nameOf(head)}` : `${id} has a new head: ${this.nameOf(head)}, before ${this.nameOf(before)}`)
  }
}

function is<Name extends WatchedEvent['name']>(told: WatchedEvent, name: Name): told is WatchedEvent<Name> {
  return told.name === name
}
