import { createHash } from 'node:crypto'

import { DEFAULT_WEIGH_OPTIONS } from '../../../src/aggregation/index.js'
import { createAuditor, drawProbes, loadProbePool } from '../../../src/audit/index.js'
import type { Auditor, ProbePool } from '../../../src/audit/index.js'
import { DEFAULT_POLICY } from '../../../src/config/index.js'
import { adapterLayout, loadCheckpoint, openModelWorker, TARGETS } from '../../../src/model/index.js'
import type { AdapterLayout, Checkpoint, ModelWorker } from '../../../src/model/index.js'
import { encodeExample, packedLength } from '../../../src/training/index.js'
import type { EncodedExample } from '../../../src/training/index.js'
import { createLearner } from '../../../src/training/index.js'
import type { Learner } from '../../../src/training/index.js'
import { readPairs } from './pairs-file.js'
import type { PeerData, Pair } from './peers.js'

const { learning, campaignRounds, roundSteps } = DEFAULT_POLICY

/** The one setting of all arms and both regimes: what a network starts from, but for what is named here. */
export const RECIPE = {
  rank: 16,
  alpha: 32,
  rounds: campaignRounds,
  steps: roundSteps.target,
  rows: learning.rows,
  rowLength: learning.rowLength,
  rate: learning.rate,
  warmupSteps: learning.warmup * roundSteps.target,
  floorShare: 0.15,
  replayShare: learning.replayShare,
  probesPerRound: DEFAULT_POLICY.audit.probesPerRound,
  auditEvery: 3,
  /** Against contrast's 1. */
  relevanceWeight: weightOf('relevance') / weightOf('contrast'),
  gate: DEFAULT_WEIGH_OPTIONS.gate,
} as const

function weightOf(metric: string): number {
  return DEFAULT_POLICY.metrics.find(({ name }) => name === metric)!.weight
}

export interface Engine {
  readonly checkpoint: Checkpoint
  readonly layout: AdapterLayout
  readonly worker: ModelWorker
  readonly auditor: Auditor
  readonly pool: ProbePool
  readonly replay: readonly EncodedExample[]
  /** One for each of the engine's threads, and no more than `most`: for learners that train side by side. Opened once, closed with the engine. */
  workers(most: number): Promise<readonly ModelWorker[]>
  close(): Promise<void>
}

/** @param folder - the embedded base with its probes and replay data */
export async function openEngine(folder: string, threads: number): Promise<Engine> {
  const checkpoint = await loadCheckpoint(folder)
  const layout = adapterLayout(checkpoint.config, { rank: RECIPE.rank, alpha: RECIPE.alpha, targets: TARGETS })
  const worker = await openModelWorker(checkpoint, layout, { threads })
  let alone: ModelWorker[] = []
  return {
    checkpoint,
    layout,
    worker,
    auditor: createAuditor({ worker, tokenizer: checkpoint.tokenizer, rows: 4, rowLength: RECIPE.rowLength }),
    pool: await loadProbePool(`${folder}/probes.jsonl.gz`),
    replay: encoded(checkpoint, await readPairs(`${folder}/replay.jsonl.gz`)),
    workers: async (most) => {
      const missing = Math.min(threads, most) - alone.length
      alone = [...alone, ...await Promise.all(Array.from({ length: Math.max(0, missing) }, () => openModelWorker(checkpoint, layout, { threads: 1 })))]
      return alone
    },
    close: async () => {
      await Promise.all([worker, ...alone].map((one) => one.close()))
    },
  }
}

/** Pairs that fit a row. */
export function encoded({ tokenizer }: Checkpoint, pairs: readonly Pair[]): EncodedExample[] {
  return pairs.map((pair) => encodeExample(tokenizer, pair)).filter((example) => packedLength(example) <= RECIPE.rowLength)
}

/** A learner on some peers' data together. */
export function learnerOn({ checkpoint, layout, worker, replay }: Pick<Engine, 'checkpoint' | 'layout' | 'worker' | 'replay'>, data: readonly PeerData[], seed: number, rounds: number, rate: number = RECIPE.rate): Learner {
  return createLearner({
    worker,
    layout,
    examples: encoded(checkpoint, data.flatMap(({ training }) => training)),
    replay,
    replayShare: RECIPE.replayShare,
    batch: { rows: RECIPE.rows, rowLength: RECIPE.rowLength },
    schedule: { rate, campaignRounds: rounds, warmupSteps: RECIPE.warmupSteps, floorShare: RECIPE.floorShare },
    seed,
  })
}

/**
 * An auditor as rounds ask for it, shared by all peers of a run: the auditors of a delta would compute the same scores one after the other.
 */
export function sharedAuditor({ auditor, pool }: Engine): (adapter: Float32Array, seed: Uint8Array, count: number) => Promise<{ scores: Int32Array }> {
  const known = new Map<string, Promise<{ scores: Int32Array }>>()
  const score = async (adapter: Float32Array, seed: Uint8Array, count: number): Promise<{ scores: Int32Array }> => {
    const { contrast, relevance } = await auditor.score(adapter, drawProbes(pool, seed, count))
    return { scores: contrast.map((one, at) => Math.round((one + RECIPE.relevanceWeight * relevance[at]!) / (1 + RECIPE.relevanceWeight))) }
  }
  return (adapter, seed, count) => {
    const bytes = new Uint8Array(adapter.buffer, adapter.byteOffset, adapter.byteLength)
    const key = createHash('sha256').update(bytes).update(seed).digest('hex')
    const before = known.get(key)
    if (before !== undefined) return before
    const scores = score(adapter, seed, count)
    known.set(key, scores)
    return scores
  }
}
