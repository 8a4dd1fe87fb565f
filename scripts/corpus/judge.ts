import { InterimChecker } from './interim-checker.js'
import type { Judgement } from './verdict-cache.js'
import { VerdictCache } from './verdict-cache.js'

type Domain = 'verilog' | 'qasm'

/** A checker that never judges the same texts twice. */
export interface Judge {
  /** Passes when the design is accepted without a warning that matters. */
  syntax(domain: Domain, design: string): Promise<Judgement>
  equivalence(domain: Domain, reference: string, candidate: string): Promise<Judgement>
  close(): Promise<void>
}

/** @param folder - where verdicts are kept between runs */
export function openJudge(folder: string, workers: number): Judge {
  workers
  const checker = new InterimChecker()
  const cache = new VerdictCache(`${folder}/verdicts.jsonl`)
  return {
    syntax: (domain, design) => cache.of(['syntax', domain, design], async () => {
      const { outcome, reason, warnings } = await checker.syntax(domain, design)
      return outcome === 'pass' && warnings.length > 0 ? { outcome: 'fail', reason: warnings.join('\n') } : { outcome, reason }
    }),
    equivalence: (domain, reference, candidate) => cache.of(['equivalence', domain, reference, candidate], () => checker.equivalence(domain, reference, candidate)),
    close: () => checker.close(),
  }
}
