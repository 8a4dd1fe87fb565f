/** For instance `1.2 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value.toFixed(0) : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]!}`
}

/** For instance `42 %`. @param share - in [0, 1] */
export function percentText(share: number, digits = 0): string {
  return `${(share * 100).toFixed(digits)} %`
}

/** For instance `1 m 23 s`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} m ${seconds % 60} s`
}

/**
 * 95 % confidence interval of a rate.
 *
 * @see Wilson 1927; unlike the normal approximation it stays within [0, 1] and holds for few samples
 */
export function wilsonInterval(passed: number, asked: number): { readonly low: number, readonly high: number } {
  if (asked === 0) return { low: 0, high: 1 }
  const z = 1.959964
  const rate = passed / asked
  const spread = z * Math.sqrt(rate * (1 - rate) / asked + z * z / (4 * asked * asked))
  const centre = rate + z * z / (2 * asked)
  const scale = 1 + z * z / asked
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) }
}

/** For instance `12/48 (25 %, 15-39)`. */
export function rateText(passed: number, asked: number): string {
  const { low, high } = wilsonInterval(passed, asked)
  return `${passed}/${asked} (${percentText(asked === 0 ? 0 : passed / asked)}, ${(low * 100).toFixed(0)}-${(high * 100).toFixed(0)})`
}
