/** Milliseconds to wait after so many failures in a row: `first`, doubled each time, at most `last`. */
export function backoffMs(failures: number, first: number, last: number): number {
  return Math.min(first * 2 ** (failures - 1), last)
}
