import { decodeDelta, encodeDelta } from '../../adapter/index.js'
import { aggregate } from '../../aggregation/index.js'
import { quorumOf } from '../../hierarchy/index.js'
import { contentId, encodeCanonical } from '../../identity/index.js'
import type { ContentId, PeerId } from '../../network/index.js'
import { say } from '../context.js'
import type { Context } from '../context.js'
import { LATE_ROUNDS, MAXIMUM_COMMIT_BYTES } from '../limits.js'
import type { OwnDelta } from '../learning/trainer.js'
import { openMessage, sealMessage } from '../messages/wire.js'
import type { Opened, Reading, SealedPayload } from '../messages/wire.js'
import type { ClusterHeader, ClusterRecord, Stored } from '../records/cluster-record.js'
import { checkCommit } from '../records/commit.js'
import { bindingOf } from '../records/manifest.js'
import { decodeCommit } from '../records/record-bytes.js'
import { startsAfter, trainingAfter } from '../records/roll-call.js'

import type { ForkReader, FullFork } from './catch-up.js'
import type { Chain } from './chain.js'
import type { Library } from './library.js'

interface Surrender {
  readonly base: ContentId
  readonly tip: Stored<ClusterHeader>
  readonly commit: ContentId
  readonly rounds: number
  readonly content: ContentId
  readonly bytes: Uint8Array
  readonly tokens: number
  readonly signatures: Map<PeerId, Uint8Array>
  /** The winner's training in which the change was first offered. */
  readonly since: number
}

/**
 * What happens to the work of a provisional chain that gives way: its members sign its change from the common base, and one of them offers it to the
 * chain that goes on, where it is audited, clipped and weighed like a delta.
 */
export class Reunion {
  private surrender: Surrender | undefined
  private offered: OwnDelta | undefined

  constructor(private readonly context: Context, private readonly library: Library, private readonly chain: Chain, private readonly reader: ForkReader) {}

  /** The manifest that this peer announces for its old chain, if it does. */
  get open(): readonly OwnDelta[] { return this.offered === undefined ? [] : [this.offered] }

  /** Called when our branch has given way: computes and signs its change. */
  async surrenderTo({ common, ours, theirs }: FullFork): Promise<void> {
    this.surrender = undefined
    this.offered = undefined
    const tip = ours.records.at(-1)
    if (tip === undefined || ours.commit === null || !tip.record.voters.includes(this.context.self)) return
    const change = await this.changeOf(ours.records, countedIn(theirs.settling, this.context))
    if (change === undefined) return
    for (const { bytes } of ours.records) await this.library.keep(bytes)
    this.surrender = {
      base: common.id,
      tip,
      commit: await this.library.keep(encodeCanonical(ours.commit)),
      rounds: ours.records.length,
      content: contentId(change.bytes),
      bytes: change.bytes,
      tokens: change.tokens,
      signatures: new Map(),
      since: trainingAfter(this.chain.tip.record),
    }
    this.repeat()
  }

  /** Says again that this peer stands behind its old chain's change, until it is offered. */
  repeat(): void {
    const { surrender, context } = this
    if (surrender === undefined || this.offered !== undefined) return
    const { base, tip, content } = surrender
    const signature = context.identity.sign(statement(context.network, context.cluster.id, base, tip.id, content))
    surrender.signatures.set(context.self, signature)
    say(context, context.cluster.id, 'surrender', { cluster: context.cluster.id, base, tip: tip.id, content, signature })
    this.tryToOffer()
  }

  receive({ peer, payload }: Opened<'surrender'>): void {
    const { surrender, context } = this
    if (surrender === undefined || payload.base !== surrender.base || payload.tip !== surrender.tip.id || payload.content !== surrender.content) return
    if (!surrender.tip.record.voters.includes(peer) || !context.verify(peer, statement(context.network, context.cluster.id, payload.base, payload.tip, payload.content), payload.signature)) return
    surrender.signatures.set(peer, payload.signature)
    this.tryToOffer()
  }

  /** Called with every record: a change that was settled, or is too old, is offered no more. */
  settle(record: ClusterRecord): void {
    if (this.surrender === undefined) return
    const { content, since } = this.surrender
    if (!record.settled.some((one) => one.content === content && !one.missing) && record.trainings < since + LATE_ROUNDS) return
    this.surrender = undefined
    this.offered = undefined
  }

  /**
   * Checks what another peer offers for a chain that gave way.
   *
   * @returns how many peers stand behind it, or undefined where its proof does not hold or cannot be had
   */
  async check({ peer, payload }: Opened<'manifest'>): Promise<number | undefined> {
    const { reunion, content, cluster } = payload
    if (reunion === null) return undefined
    const { context, library } = this
    try {
      const holders = [peer, ...reunion.signatures.map((one) => one.peer)].filter((one) => one !== context.self)
      const fork = await this.reader.read({ round: 0, record: reunion.tip, commit: reunion.commit }, holders)
      const last = fork.theirs.records.at(-1)
      if (last === undefined || fork.common.id !== reunion.base || fork.common.record.round < (this.chain.tip.record.rollback?.round ?? 0) || fork.theirs.older.length + fork.theirs.records.length !== reunion.rounds) return undefined
      checkCommit(last, decodeCommit(await library.get(reunion.commit, holders, MAXIMUM_COMMIT_BYTES)), context.verify)
      const { voters } = last.record
      const signers = new Set(reunion.signatures.map((one) => one.peer))
      const said = statement(context.network, cluster, reunion.base, reunion.tip, content)
      const stands = signers.size === reunion.signatures.length && signers.size >= quorumOf(voters.length)
        && reunion.signatures.every((one) => voters.includes(one.peer) && context.verify(one.peer, said, one.signature))
      return stands ? signers.size : undefined
    } catch {
      return undefined
    }
  }

  /** The first in rank among those who signed carries the offer. */
  private tryToOffer(): void {
    const { surrender, context } = this
    if (surrender === undefined || this.offered !== undefined) return
    const { base, tip: last, commit, rounds, content, bytes, tokens, signatures } = surrender
    const { voters } = last.record
    if (signatures.size < quorumOf(voters.length) || voters.find((voter) => signatures.has(voter)) !== context.self) return
    const { tip } = this.chain
    const payload: SealedPayload<'manifest'> = {
      cluster: context.cluster.id,
      training: trainingAfter(tip.record),
      parent: startsAfter(tip)[0]!.record,
      content,
      binding: bindingOf(context.self, bytes),
      size: bytes.length,
      tokens,
      lossFirst: 0,
      lossLast: 0,
      reunion: { base, tip: last.id, commit, rounds, signatures: [...signatures].map(([peer, signature]) => ({ peer, signature })).sort((a, b) => (a.peer < b.peer ? -1 : 1)) },
    }
    const manifest = openMessage(sealMessage(context.identity, 'manifest', context.network, payload), 'manifest', context)
    this.offered = { manifest, bytes }
    context.events.emit('reunion:offered', { training: payload.training, content, rounds })
  }

  /** The sum of a branch's aggregates without what the other chain counted, and the mean tokens of a delta in it. */
  private async changeOf(records: readonly Stored<ClusterHeader>[], theirs: ReadonlySet<ContentId>): Promise<{ readonly bytes: Uint8Array, readonly tokens: number } | undefined> {
    const { length, store } = this.context
    const change = new Float32Array(length)
    const tokens: number[] = []
    for (const { id } of records) {
      const parts = []
      // From our own disk: the bodies of what we agreed on ourselves are there.
      const stored = await this.library.record(id, []).catch(() => undefined)
      if (stored === undefined) return undefined
      const { record } = stored
      for (const { manifest, weight, clip } of record.entries) {
        const { payload } = openMessage(manifest, 'manifest', this.context)
        if (weight === 0 || theirs.has(payload.content)) continue
        const bytes = await store.getBlob(payload.content)
        // Without all bytes its members could not all compute the same.
        if (bytes === undefined) return undefined
        parts.push({ id: payload.content, weight, clip, values: decodeDelta(bytes, length) })
        tokens.push(payload.tokens)
      }
      aggregate(parts, length).forEach((value, i) => { change[i] = Math.fround(change[i]! + value) + 0 })
    }
    if (tokens.length === 0) return undefined
    return { bytes: encodeDelta(change, new Float32Array(length)).bytes, tokens: Math.floor(tokens.reduce((sum, one) => sum + one, 0) / tokens.length) }
  }
}

function statement(network: ContentId, cluster: string, base: ContentId, tip: ContentId, content: ContentId): Uint8Array {
  return encodeCanonical(['meshwright/surrender/1', network, cluster, base, tip, content])
}

function countedIn(records: readonly Stored<ClusterRecord>[], reading: Reading): Set<ContentId> {
  return new Set(records.flatMap(({ record }) => record.entries.filter(({ weight }) => weight > 0).map(({ manifest }) => openMessage(manifest, 'manifest', reading).payload.content)))
}
