/**
 * The chance that at least one of k samples passes, estimated without bias from n samples of which c passed: 1 - C(n - c, k) / C(n, k).
 * As a product, since the binomials overflow.
 *
 * @see Chen et al. 2021, "Evaluating Large Language Models Trained on Code", section 2.1
 * @param n - samples, k or more
 * @param c - how many of them passed
 */
export function passAtK(n: number, c: number, k: number): number {
  if (!(Number.isSafeInteger(n) && Number.isSafeInteger(c) && Number.isSafeInteger(k) && k >= 1 && k <= n && c >= 0 && c <= n)) throw new RangeError(`pass@${k} of ${n} samples with ${c} passed is not defined`)
  if (n - c < k) return 1
  let none = 1
  for (let at = n - c + 1; at <= n; at++) none *= 1 - k / at
  return 1 - none
}
