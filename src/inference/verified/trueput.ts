/** One specification that was served, and what it took. */
export interface Served {
  readonly passed: boolean
  readonly tokens: number
  readonly targetCalls: number
  readonly generationMilliseconds: number
  readonly checkMilliseconds: number
  /** From the request to the returned design, with generation and checks overlapping. */
  readonly wallMilliseconds: number
}

/** Trueput with its two factors. */
export interface Trueput {
  readonly specifications: number
  readonly passed: number
  /** Verified designs per second of wall clock. */
  readonly verifiedPerSecond: number
  readonly passRate: number
  /** Tokens per second of generation time. */
  readonly tokensPerSecond: number
  /** Tokens kept per call of the target. */
  readonly acceptanceLength: number
  readonly checkShare: number
}

/** @param served - specifications served one after another */
export function trueput(served: readonly Served[]): Trueput {
  const sum = (of: (one: Served) => number): number => served.reduce((total, one) => total + of(one), 0)
  const passed = served.filter((one) => one.passed).length
  const wall = sum((one) => one.wallMilliseconds)
  const generation = sum((one) => one.generationMilliseconds)
  const tokens = sum((one) => one.tokens)
  return {
    specifications: served.length,
    passed,
    verifiedPerSecond: ratio(passed, wall / 1000),
    passRate: ratio(passed, served.length),
    tokensPerSecond: ratio(tokens, generation / 1000),
    acceptanceLength: ratio(tokens, sum((one) => one.targetCalls)),
    checkShare: ratio(sum((one) => one.checkMilliseconds), wall),
  }
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}
