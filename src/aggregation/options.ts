import { AggregationError } from './errors.js'

/**
 * What decides whether a delta is refused. All are integers, since every member must compute the same. A delta is refused when its mean score lies
 * below the median delta's by more than the largest of three bounds.
 */
export interface GateOptions {
  /** Bound 1, in percent of the median absolute deviation of all mean scores: how unequal honest peers are. Default 300. */
  readonly spreadPercent: number
  /** Bound 2, in percent of the standard error of the paired difference to the median delta: how noisy the probes are. Default 250. */
  readonly errorPercent: number
  /** Bound 3, in 1/65536 of a score: differences below this are never worth a refusal. Default 655, which is 0.01. */
  readonly floor: number
  /** Nothing is refused when fewer peers than this are compared: below 4, two who agree by chance outvote the third. Default 4. */
  readonly minimumPeers: number
  /** Audits on fewer probes than this are not judged: their standard error is itself a guess. Default 8. */
  readonly minimumProbes: number
  /**
   * What an audit's evidence still counts at the next one, in 1/65536. Default 49152 (3/4): a steady shortfall is seen with about four times the probes,
   * at no cost in forward passes. With 0 each audit stands alone. At most 61440 (15/16), which keeps all sums safe integers.
   */
  readonly memory: number
  /**
   * From which share of its bound on a shortfall costs weight, in percent; the weight falls in a straight line to nothing at the bound.
   * Default 100: full weight up to the bound.
   */
  readonly taperPercent: number
}

export interface WeighOptions {
  readonly gate: GateOptions
  /** Claimed tokens count up to this many times the lower median of all claims. Default 2. */
  readonly tokenCap: number
}

export const DEFAULT_GATE_OPTIONS: GateOptions = {
  spreadPercent: 300,
  errorPercent: 250,
  floor: 655,
  minimumPeers: 4,
  minimumProbes: 8,
  memory: 49_152,
  taperPercent: 100,
}

export const DEFAULT_WEIGH_OPTIONS: WeighOptions = { gate: DEFAULT_GATE_OPTIONS, tokenCap: 2 }

const GATE_RANGES: Readonly<Record<keyof GateOptions, readonly [least: number, most: number]>> = {
  spreadPercent: [0, 100_000],
  errorPercent: [0, 100_000],
  floor: [0, 65_536],
  minimumPeers: [3, 1_000_000],
  minimumProbes: [2, 1_000_000],
  memory: [0, 61_440],
  taperPercent: [0, 100],
}

/**
 * Checks options that came from a policy.
 *
 * @throws AggregationError AGGREGATION_OPTIONS
 */
export function checkOptions({ gate, tokenCap }: WeighOptions): void {
  check('tokenCap', tokenCap, 1, 1000)
  for (const [name, [least, most]] of Object.entries(GATE_RANGES) as [keyof GateOptions, readonly [number, number]][]) check(`gate.${name}`, gate[name], least, most)
}

function check(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new AggregationError('AGGREGATION_OPTIONS', `${name} is ${value}: it must be a whole number from ${least} to ${most}`)
  }
}
