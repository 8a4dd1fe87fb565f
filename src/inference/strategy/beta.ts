/** A draw from Beta(a, b): of two gamma draws the first one's share. */
export function drawBeta(a: number, b: number, random: () => number): number {
  const x = drawGamma(a, random)
  const y = drawGamma(b, random)
  return x + y > 0 ? x / (x + y) : a / (a + b)
}

/** Marsaglia and Tsang 2000, "A simple method for generating gamma variables"; below 1 by one more uniform draw, as there. */
function drawGamma(shape: number, random: () => number): number {
  if (shape < 1) return drawGamma(shape + 1, random) * (1 - random()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = drawNormal(random)
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

/** Box and Muller 1958. */
function drawNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
