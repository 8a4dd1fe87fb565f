import type { ModelWorker, Tokenizer } from '../model/index.js'
import { encodeExample, packBatches, packedLength } from '../training/index.js'
import type { EncodedExample, Placement } from '../training/index.js'
import { forks, preference, relevanceOf, scoreInteger } from './contrast.js'
import type { Fork } from './contrast.js'
import { AuditError } from './errors.js'
import type { Probe } from './probe.js'

export interface AuditorOptions {
  readonly worker: Pick<ModelWorker, 'score'>
  readonly tokenizer: Tokenizer
  /** Shape of a forward pass. Defaults 4 rows of 512 tokens. */
  readonly rows?: number
  readonly rowLength?: number
  /** Whether relevance is measured, which takes the second pass. Default true; otherwise it is one half everywhere. */
  readonly relevance?: boolean
}

/** What an adapter scored on some probes, in their order. */
export interface ProbeScores {
  /** Contrast, 0 to 65536. */
  readonly contrast: Int32Array
  /** How much the specification tells the model about the design, 0 to 65536; one half where no other specification was among the probes. */
  readonly relevance: Int32Array
  /** 1 where greedy decoding would write the reference, white space aside. */
  readonly exact: Uint8Array
  /** Mean -log p of a token of the reference, natural logarithm. */
  readonly loss: Float64Array
}

export interface Auditor {
  /**
   * Scores an adapter with two forward passes a probe: under its own specification, and under that of another probe, of the same family where there is one.
   *
   * @throws AuditError AUDIT_PROBE_TOO_LONG
   * @throws ModelError as `ModelWorker.score`
   */
  score(adapter: Float32Array, probes: readonly Probe[], signal?: AbortSignal): Promise<ProbeScores>
}

interface EncodedProbe {
  readonly reference: EncodedExample
  readonly forks: readonly Fork[]
}

export function createAuditor({ worker, tokenizer, rows = 4, rowLength = 512, relevance = true }: AuditorOptions): Auditor {
  const known = new Map<string, EncodedProbe>()
  const blanks = new Map<number, boolean>()

  const encoded = (probe: Probe): EncodedProbe => {
    const ready = known.get(probe.id)
    if (ready) return ready
    const encode = (design: string): EncodedExample => encodeExample(tokenizer, { specification: probe.specification, design })
    const reference = encode(probe.reference)
    if (packedLength(reference) > rowLength) {
      throw new AuditError('AUDIT_PROBE_TOO_LONG', `the probe ${probe.id} of ${probe.family} takes ${packedLength(reference)} tokens and a pass holds ${rowLength}: leave it out of the pool, or raise the row length`)
    }
    const made = { reference, forks: forks(reference, probe.nearMisses.map(encode)) }
    known.set(probe.id, made)
    return made
  }
  const isBlank = (token: number): boolean => {
    const ready = blanks.get(token)
    if (ready !== undefined) return ready
    const blank = tokenizer.decode([token]).trim() === '' && !tokenizer.endIds.includes(token)
    blanks.set(token, blank)
    return blank
  }

  return {
    async score(adapter, probes, signal) {
      const items = probes.map(encoded)
      const scores = {
        contrast: new Int32Array(probes.length), relevance: new Int32Array(probes.length).fill(scoreInteger(0.5)),
        exact: new Uint8Array(probes.length), loss: new Float64Array(probes.length),
      }
      for (const { batch, placements } of packBatches(items.map(({ reference }) => reference), rows, rowLength)) {
        signal?.throwIfAborted()
        const alternatives = placements.flatMap((placement) => items[placement.index]!.forks.map((fork) => ({ position: placement.completionStart + fork.at, id: fork.wrong })))
        const scored = await worker.score(batch, adapter, {
          positions: Int32Array.from(alternatives, ({ position }) => position), ids: Int32Array.from(alternatives, ({ id }) => id),
        })
        let next = 0
        for (const placement of placements) {
          const item = items[placement.index]!
          const preferences = item.forks.map((fork) => preference(scored.logProbability[placement.completionStart + fork.at]!, scored.alternatives[next++]!))
          scores.contrast[placement.index] = scoreInteger(mean(preferences))
          scores.exact[placement.index] = isExact(scored.best, batch.labels, placement, isBlank) ? 1 : 0
          scores.loss[placement.index] = lossOf(scored.logProbability, placement)
        }
      }
      if (!relevance) return scores
      const swapped = probes.flatMap((probe, index) => {
        const specification = otherSpecification(probes, index)
        const example = specification === undefined ? undefined : encodeExample(tokenizer, { specification, design: probe.reference })
        return example && packedLength(example) <= rowLength ? [{ index, example }] : []
      })
      for (const { batch, placements } of packBatches(swapped.map(({ example }) => example), rows, rowLength)) {
        signal?.throwIfAborted()
        const { logProbability } = await worker.score(batch, adapter)
        for (const placement of placements) {
          const { index } = swapped[placement.index]!
          scores.relevance[index] = scoreInteger(relevanceOf(scores.loss[index]!, lossOf(logProbability, placement)))
        }
      }
      return scores
    },
  }
}

/** Greedy decoding writes the reference if and only if each of its tokens is the most probable one behind those before it. */
function isExact(best: Int32Array, labels: Int32Array, { completionStart, end }: Placement, isBlank: (token: number) => boolean): boolean {
  for (let i = completionStart; i < end; i++) {
    if (best[i] !== labels[i] && !isBlank(labels[i]!)) return false
  }
  return true
}

/** Mean -log p of a document's completion. */
function lossOf(logProbability: Float32Array, { completionStart, end }: Placement): number {
  return -mean([...logProbability.subarray(completionStart, end)])
}

/** The specification of the next probe of the same family, or else of the next of the same domain, that asks for something else. */
function otherSpecification(probes: readonly Probe[], index: number): string | undefined {
  const { specification, family, domain } = probes[index]!
  const following = [...probes.slice(index + 1), ...probes.slice(0, index)].filter((probe) => probe.specification !== specification && probe.domain === domain)
  return (following.find((probe) => probe.family === family) ?? following[0])?.specification
}

/** 0.5 of nothing: a probe whose near misses cannot be told apart neither speaks for an adapter nor against it. */
function mean(values: readonly number[]): number {
  return values.length === 0 ? 0.5 : values.reduce((sum, value) => sum + value, 0) / values.length
}
