import { drawProbes } from '../../src/audit/index.js'
import type { Probe, ProbeScores } from '../../src/audit/index.js'
import type { Example } from '../../src/corpus/index.js'
import type { Tokenizer } from '../../src/model/index.js'
import { encodeExample, packedLength } from '../../src/training/index.js'

/** Some of the peer's own validation designs as probes, the same ones each time. */
export function ownProbes(validation: readonly Example[], count: number): Probe[] {
  return drawProbes({ probes: validation.map((example) => ownProbe(example)), contentId: '' }, Buffer.from('own metric'), count)
}

/** The designs that fit a row of a scoring pass. An auditor refuses longer ones, and those that cannot be encoded, together with all that are asked for beside them. */
export function measurable(validation: readonly Example[], tokenizer: Tokenizer, row: number): Example[] {
  return validation.filter((example) => {
    try {
      return packedLength(encodeExample(tokenizer, example)) <= row
    } catch {
      return false
    }
  })
}

export function ownProbe({ id, domain, specification, design }: Example): Probe {
  return { id, domain, family: id, specification, reference: design, nearMisses: [] }
}

/** How well an adapter writes given designs, 0..1: half exact matches, half likelihood, since a peer's few designs tell little by exact matches alone. */
export function writingScore({ exact, loss }: Pick<ProbeScores, 'exact' | 'loss'>): number {
  const likelihood = loss.reduce((sum, one) => sum + Math.exp(-one), 0) / loss.length
  return 0.5 * exact.reduce((sum, one) => sum + one, 0) / exact.length + 0.5 * likelihood
}
