import type { Family, Point } from './family.js'
import type { HouseStyle } from './house.js'
import { house } from './house.js'
import { Random } from './random.js'
import type { CorpusRecord } from './record.js'
import { fingerprint, recordOf } from './record.js'

/** One combination of names and layout in so many is kept for probes. */
const RESERVED_SHARE = 16

/** A family that has not given what was asked for after so many draws has no more. */
const DRAWS_AT_MOST = 60_000

/** Texts that training must not contain: specifications and designs of the held-out set and the probes. */
export class Withheld {
  private readonly texts = new Set<string>()

  add({ specification, design }: Pick<CorpusRecord, 'specification' | 'design'>): void {
    this.texts.add(fingerprint(specification))
    this.texts.add(fingerprint(design))
  }

  has({ specification, design }: Pick<CorpusRecord, 'specification' | 'design'>): boolean {
    return this.texts.has(fingerprint(specification)) || this.texts.has(fingerprint(design))
  }
}

/** House number `number` of the corpus: always the same names and layout. */
export function houseNumber(number: number): HouseStyle {
  const random = new Random(`house ${number}`)
  return house(`house-${number}`, (length) => random.below(length))
}

/** Whether this design, in these names, belongs to the probes. Decided by its text, so that houses that write alike are treated alike. */
export function reservedForProbes(family: Family, point: Point, style: HouseStyle): boolean {
  return parseInt(fingerprintHex(`${family.name}\n${family.write(point, style, 0)}`), 16) % RESERVED_SHARE === 0
}

const fingerprintHex = (text: string): string => Buffer.from(fingerprint(text), 'base64').subarray(0, 4).toString('hex')

export interface Drawing {
  readonly seed: number
  readonly count: number
  readonly withheld: Withheld
}

/** Training examples: every point in turn, each time in another house; no pair twice, nothing that is withheld or reserved. */
export function* trainingRecords(family: Family, { seed, count, withheld }: Drawing): Generator<CorpusRecord> {
  const random = new Random(`${seed} train ${family.name}`)
  const seen = new Set<string>()
  for (const { point, style } of drawn(family.trainingPoints, random)) {
    if (seen.size >= count) return
    if (reservedForProbes(family, point, style)) continue
    const record = recordOf(family, point, style, random.below(family.phrasings), random.below(family.codings))
    if (withheld.has(record) || !fresh(seen, record)) continue
    yield record
  }
}

/** Specifications at points that no training example has. */
export function* heldOutRecords(family: Family, { seed, count }: Omit<Drawing, 'withheld'>): Generator<CorpusRecord> {
  const random = new Random(`${seed} held-out ${family.name}`)
  const seen = new Set<string>()
  for (const { point, style } of drawn(family.evaluationPoints, random)) {
    if (seen.size >= count) return
    const record = recordOf(family, point, style, random.below(family.phrasings), random.below(family.codings))
    if (fresh(seen, record)) yield record
  }
}

/** References for probes: training points in reserved combinations, with the house that wrote each. */
export function* probeReferences(family: Family, seed: number): Generator<{ record: CorpusRecord, style: HouseStyle }> {
  const random = new Random(`${seed} probes ${family.name}`)
  const seen = new Set<string>()
  for (const { point, style } of drawn(family.trainingPoints, random)) {
    if (!reservedForProbes(family, point, style)) continue
    const record = recordOf(family, point, style, random.below(family.phrasings), random.below(family.codings))
    if (fresh(seen, record)) yield { record, style }
  }
}

/** All points in a new order, again and again, each in a house of its own. */
function* drawn(points: readonly Point[], random: Random): Generator<{ point: Point, style: HouseStyle }> {
  for (let draws = 0; draws < DRAWS_AT_MOST; draws += points.length) {
    for (const point of random.shuffled(points)) yield { point, style: houseNumber(random.below(2 ** 20)) }
  }
}

function fresh(seen: Set<string>, { specification, design }: CorpusRecord): boolean {
  const key = fingerprint(`${specification}\n${design}`)
  if (seen.has(key)) return false
  seen.add(key)
  return true
}
