import { belongsTo, PEERS, REGIMES } from './arms.js'
import type { ArmKind, Regime } from './arms.js'
import type { ArmResult, Count } from './counts.js'
import { countsBySeed, mean, passRate } from './counts.js'

/** Families by what the base can do with them. */
export interface FamilySplit {
  readonly evaluation: readonly string[]
  readonly quantum: readonly string[]
  readonly retention: readonly string[]
}

/**
 * The figures of bench:learning from the arms that have run; a figure whose arms are missing is absent.
 *
 * Ratios are of means over the seeds that both sides have. Unsuffixed figures are the worse regime's.
 */
export function learningFigures(results: readonly ArmResult[], split: FamilySplit): Record<string, number> {
  const figures: Record<string, number> = {}
  const perRegime = new Map<string, Map<Regime, number>>()
  for (const regime of REGIMES) {
    for (const [name, value] of Object.entries(regimeFigures(results.filter(({ arm }) => belongsTo(regime, arm)), split))) {
      if (!Number.isFinite(value)) continue
      figures[`${name}_${regime}`] = value
      perRegime.set(name, (perRegime.get(name) ?? new Map<Regime, number>()).set(regime, value))
    }
  }
  for (const [name, values] of perRegime) {
    if (values.size === REGIMES.length) figures[name] = Math.min(...values.values())
  }
  const compressed = results.map(({ bytes }) => bytes).find((bytes) => bytes !== undefined)
  if (compressed) {
    figures['bytes_reduction'] = compressed.f32Delta / compressed.encodedDelta
    figures['bytes_sent_per_peer_and_round'] = compressed.sentPerPeerAndRound
    figures['bytes_received_per_peer_and_round'] = compressed.receivedPerPeerAndRound
  }
  return figures
}

function regimeFigures(results: readonly ArmResult[], { evaluation, quantum, retention }: FamilySplit): Record<string, number> {
  // Of a kind whose arms are one peer's each: the mean over the peers, once all have run.
  const bySeed = (kind: ArmKind, damaged: number, families: readonly string[]): Map<number, number> => {
    const all = [...countsBySeed(results, kind, damaged)].filter(([, models]) => kind !== 'local' || models.length === PEERS)
    return new Map(all.map(([seed, models]) => [seed, mean(models.map((counts) => passRate(counts, families)))]))
  }
  const ratio = (upper: Map<number, number>, lower: Map<number, number>): number => {
    const seeds = [...upper.keys()].filter((seed) => lower.has(seed))
    return mean(seeds.map((seed) => upper.get(seed)!)) / mean(seeds.map((seed) => lower.get(seed)!))
  }

  const rate = ({ passed, asked }: Count): number => passed / asked
  const personal = results.flatMap(({ personal: counts }) => counts === undefined ? [] : [counts])
  const network = bySeed('network', 0, evaluation)
  const base = bySeed('base', 0, evaluation)
  const retained = bySeed('network', 0, retention)
  const known = bySeed('base', 0, retention)
  const figures: Record<string, number> = {
    base: mean([...base.values()]),
    network: mean([...network.values()]),
    local: mean([...bySeed('local', 0, evaluation).values()]),
    centralised: mean([...bySeed('centralised', 0, evaluation).values()]),
    network_over_base: ratio(network, base),
    quantum_network_over_base: ratio(bySeed('network', 0, quantum), bySeed('base', 0, quantum)),
    network_over_local: ratio(network, bySeed('local', 0, evaluation)),
    network_over_centralised: ratio(network, bySeed('centralised', 0, evaluation)),
    retention: ratio(retained, known),
    retention_worst_seed: Math.min(...[...retained].map(([seed, rate]) => rate / (known.get(seed) ?? NaN)).filter(Number.isFinite)),
    weighted_clean_over_uniform: ratio(network, bySeed('uniform', 0, evaluation)),
    weighted_over_uniform: ratio(bySeed('network', 2, evaluation), bySeed('uniform', 2, evaluation)),
    weighted_over_uniform_one_damaged: ratio(bySeed('network', 1, evaluation), bySeed('uniform', 1, evaluation)),
    weighted_over_uniform_three_damaged: ratio(bySeed('network', 3, evaluation), bySeed('uniform', 3, evaluation)),
    weighted_over_excluded: ratio(bySeed('network', 2, evaluation), bySeed('excluded', 2, evaluation)),
    personal_minus_best: mean(personal.map(({ personal: own, baseline, ...others }) => rate(own) - rate(baseline === 'local' ? others.local : others.network))),
    // Against whichever turned out better on the very designs that are asked: more than any choice could know.
    personal_minus_best_in_hindsight: mean(personal.map(({ personal: own, network: shared, local }) => rate(own) - Math.max(rate(shared), rate(local)))),
  }
  return figures
}
