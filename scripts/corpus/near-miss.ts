import { nearMisses } from '../../src/quality/index.js'
import type { Family } from './family.js'
import type { HouseStyle } from './house.js'
import type { Judge } from './judge.js'
import { Random } from './random.js'
import type { CorpusRecord } from './record.js'
import { portsOf } from './structure.js'

/** Near misses of a probe: fewer are no probe, more cost an auditor time. */
export const FEWEST_MISSES = 4
export const MOST_MISSES = 6

/** Of these so many come from other parameters of the family; the rest are mutants of the reference. */
const FROM_OTHER_POINTS = 2

/** Candidates judged before a reference is given up. */
const CANDIDATES = 16

/**
 * Designs that a careless author might write instead of the reference, each proved different from it: the same family with
 * other parameters under the same names, and the reference with one operator, constant or edge changed.
 *
 * @returns null where too few could be proved
 */
export async function provenNearMisses(judge: Judge, family: Family, record: CorpusRecord, style: HouseStyle, seed: number): Promise<string[] | null> {
  const random = new Random(`${seed} near misses ${record.specification} ${record.design}`)
  const proven: string[] = []
  const others = otherPoints(family, record, style, random).slice(0, CANDIDATES)
  const changed = nearMisses(record.domain, record.design, () => random.fraction()).slice(0, CANDIDATES).map(({ design }) => design)
  const wanted = FEWEST_MISSES + random.below(MOST_MISSES - FEWEST_MISSES + 1)
  const prove = async (candidates: string[], limit: number): Promise<void> => {
    while (proven.length < limit && candidates.length > 0) {
      const candidate = candidates.shift()!
      if (candidate === record.design || proven.includes(candidate)) continue
      // What does not parse, or only with a warning, would be told from the reference by its form alone.
      if ((await judge.syntax(record.domain, candidate)).outcome !== 'pass') continue
      if ((await judge.equivalence(record.domain, record.design, candidate)).outcome === 'fail') proven.push(candidate)
    }
  }
  await prove(others, FROM_OTHER_POINTS)
  await prove(changed, wanted)
  await prove(others, FEWEST_MISSES)
  return proven.length < FEWEST_MISSES ? null : proven
}

/** The same coding at other points under the reference's module name, those with the very same ports first. */
function otherPoints(family: Family, { point, coding, design, domain }: CorpusRecord, style: HouseStyle, random: Random): string[] {
  const ports = portsOf(domain, design)
  const written = random.shuffled(family.trainingPoints.filter((other) => other !== point))
    .map((other) => underNameOf(design, family.write(other, style, coding)))
  return [...written.filter((text) => portsOf(domain, text) === ports), ...written.filter((text) => portsOf(domain, text) !== ports)]
}

const underNameOf = (reference: string, design: string): string =>
  design.replace(/^module \w+/, /^module \w+/.exec(reference)?.[0] ?? '$&')
