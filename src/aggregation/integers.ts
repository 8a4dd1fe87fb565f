import { ONE } from './constants.js'

/**
 * The lower median: the middle value, or the lower of the two in the middle.
 *
 * @param values - at least one
 */
export function lowerMedian<T extends number | bigint>(values: readonly T[]): T {
  const sorted = values.toSorted((a, b) => a < b ? -1 : a > b ? 1 : 0)
  return sorted[(sorted.length - 1) >> 1]!
}

/** The largest integer whose square is at most `value`, which is 0 or more. Newton's method from above. */
export function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** Division that rounds down, also below zero. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}

/** Content ids in the order in which everything is summed: by their hexadecimal text, never by a locale. */
export function byContentId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/**
 * Divides 65536 in proportion to raw weights, rounding down; what rounding leaves goes to the lowest content id that has any raw weight.
 *
 * @param raw - 0 or more each
 * @returns in the order given; they sum to 65536, or are all 0 when no raw weight is above 0
 */
export function apportion(raw: readonly { readonly id: string, readonly weight: bigint }[]): number[] {
  const total = raw.reduce((sum, { weight }) => sum + weight, 0n)
  if (total === 0n) return raw.map(() => 0)
  const shares = raw.map(({ weight }) => Number(weight * BigInt(ONE) / total))
  const first = raw.filter(({ weight }) => weight > 0n).toSorted(byContentId)[0]!
  shares[raw.indexOf(first)]! += ONE - shares.reduce((sum, share) => sum + share, 0)
  return shares
}
