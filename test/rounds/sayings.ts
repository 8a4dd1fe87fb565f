import type { PeerId, Transport } from '../../src/network/index.js'
import { decodeCarried, openMessage, unframe } from '../../src/rounds/index.js'
import { through } from '../../scripts/sim/adversaries.js'

import { READING } from './village.js'

/** What a peer has said over all its lives, as far as it must not say anything else later. */
export class Sayings {
  /** Its vote or share in each step of each agreement. */
  readonly votes = new Map<string, string>()
  /** The list that it has signed in each agreement. */
  readonly lists = new Map<string, string>()
  /** Records to which it has precommitted as free. */
  readonly free: { readonly record: string, readonly instance: string }[] = []
  /** Clusters of peers in whose agreements it has said something, one after the other. */
  readonly clusters: string[] = []
  /** The highest round of each cluster of which it has said to have a record. */
  readonly rounds = new Map<string, number>()
  readonly contradictions: string[] = []

  constructor(private readonly self: PeerId) {}

  /** Listens to what goes out. */
  between(inner: Transport): Transport {
    return {
      ...through(inner),
      publish: (topic, message) => {
        this.hear(message)
        return inner.publish(topic, message)
      },
    }
  }

  private hear(message: Uint8Array): void {
    const { kind, body } = unframe(message)
    if (kind === 'votes') {
      const { cluster, instance, votes } = decodeCarried(body, 'votes')
      if (votes.some(({ voter }) => voter === this.self)) this.enter(cluster)
      for (const { step, term, voter, value, free } of votes) {
        if (voter !== this.self) continue
        this.note(this.votes, `${instance} ${term} ${step}`, `${value ?? 'nothing'} ${free ? 'free' : 'bound'}`)
        if (step === 'precommit' && value !== null && free) this.free.push({ record: value, instance })
      }
    } else if (kind === 'shares') {
      const { instance, shares } = decodeCarried(body, 'shares')
      for (const { step, term, peer, value } of shares) if (peer === this.self) this.note(this.votes, `${instance} ${term} ${step}`, value ?? 'nothing')
    } else if (kind === 'list') {
      const { payload: { cluster, instance, manifests } } = openMessage(body, 'list', READING)
      this.enter(cluster)
      this.note(this.lists, instance, manifests.join())
    } else if (kind === 'heartbeat') {
      const { payload: { cluster, tip: { round } } } = openMessage(body, 'heartbeat', READING)
      this.rounds.set(cluster, Math.max(round, this.rounds.get(cluster) ?? 0))
    }
  }

  private enter(cluster: string): void {
    if (this.clusters.at(-1) !== cluster) this.clusters.push(cluster)
  }

  private note(said: Map<string, string>, of: string, what: string): void {
    const before = said.get(of)
    if (before !== undefined && before !== what) this.contradictions.push(`${of}: ${before}, then ${what}`)
    said.set(of, what)
  }
}
