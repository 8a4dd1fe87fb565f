/** The integers from `from` to `to`, both included. */
export const span = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step)

/** The points without those that came before: for points drawn at random. */
export function withoutDuplicates<P>(points: readonly P[]): P[] {
  return [...new Map(points.map((point) => [JSON.stringify(point), point])).values()]
}

/**
 * Up to `count` different points drawn one by one; fewer where there are no more to be found.
 *
 * @param draw - is told how many there are; undefined for a draw that makes no point
 */
export function drawDistinct<P>(count: number, draw: (found: number) => P | undefined): P[] {
  const found = new Map<string, P>()
  for (let tries = 0; found.size < count && tries < 10 * count; tries++) {
    const point = draw(found.size)
    if (point !== undefined) found.set(JSON.stringify(point), point)
  }
  return [...found.values()]
}

/** Every combination of the axes' values. */
export function cross<P>(axes: { readonly [Key in keyof P]: readonly P[Key][] }): P[] {
  let points: Partial<P>[] = [{}]
  for (const key in axes) {
    points = points.flatMap((point) => axes[key].map((value) => ({ ...point, [key]: value })))
  }
  return points as P[]
}
