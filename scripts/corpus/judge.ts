import type { CheckerOptions, Domain } from '../../src/quality/index.js'
import { openChecker } from '../../src/quality/index.js'
import type { Judgement } from './verdict-cache.js'
import { VerdictCache } from './verdict-cache.js'

/** Clock cycles after reset that count as equality where induction finds no proof, as for memories that two codings keep in different order. */
const BOUNDED_PASS = 24

/**
 * Part of every key under which a verdict is kept: raise it when the checker learns to judge otherwise, so that verdicts of
 * the old one are not taken for its own.
 */
const CHECKER_VERSION = 'yosys 2'

/** A checker that never judges the same texts twice. */
export interface Judge {
  /** Passes when the design is accepted without any warning. */
  syntax(domain: Domain, design: string): Promise<Judgement>
  equivalence(domain: Domain, reference: string, candidate: string): Promise<Judgement>
  close(): Promise<void>
}

/** @param folder - where verdicts are kept between runs */
export function openJudge(folder: string, { workers, timeoutMs }: Pick<Required<CheckerOptions>, 'workers' | 'timeoutMs'>): Judge {
  const checker = openChecker({ workers, timeoutMs })
  const cache = new VerdictCache(`${folder}/verdicts.jsonl`)
  return {
    syntax: (domain, design) => cache.of([CHECKER_VERSION, 'syntax', domain, design], async () => {
      const { outcome, reason, warnings } = await checker.syntax(domain, design)
      return outcome === 'pass' && warnings.length > 0 ? { outcome: 'fail', reason: warnings.map(({ message }) => message).join('\n') } : { outcome, reason }
    }),
    equivalence: (domain, reference, candidate) => cache.of(
      [CHECKER_VERSION, 'equivalence', domain, reference, candidate],
      () => checker.equivalence(domain, reference, candidate, { boundedPass: BOUNDED_PASS }),
    ),
    close: () => checker.close(),
  }
}
